//===- DepthwiseSpace.cpp - Schedules of depthwise convolutions -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ContractionLoops.h"
#include "Spaces.h"

#include <fmt/format.h>

#include <algorithm>

using namespace orcinus;

namespace {

class DepthwiseSpace : public ScheduleSpace {
public:
  DepthwiseSpace(OperatorDescription description, TargetDescription target,
                 ContractionLoops loops);

  Status legal(const Schedule &schedule) const override;
  Schedule defaultSchedule() const override;

private:
  int64_t lanes() const {
    return std::max<int64_t>(1, target().vectorBits / 32);
  }
  int64_t rows() const { return description().loops[loops.row].extent; }
  int64_t vectors() const {
    return (description().loops[loops.column].extent + lanes() - 1) / lanes();
  }
  /// The accumulators, the vectors of one tap, and one of the input.
  static int64_t registers(int64_t rows, int64_t vectors) {
    return rows * vectors + vectors + 1;
  }

  ContractionLoops loops;
};

} // namespace

DepthwiseSpace::DepthwiseSpace(OperatorDescription description,
                               TargetDescription target, ContractionLoops loops)
    : ScheduleSpace(std::move(description), std::move(target)), loops(loops) {
  std::vector<int64_t> tiles, panels, tasks = {0};
  int64_t tallest = std::min(rows(), this->target().vectorRegisters - 2);
  for (int64_t tile = 1; tile <= tallest; ++tile)
    tiles.push_back(tile);
  for (int64_t panel = 1; panel <= std::min<int64_t>(vectors(), 4); ++panel)
    panels.push_back(panel);
  if (this->target().threads > 1) {
    tasks.push_back(1);
    if (this->target().threads <= rows())
      tasks.push_back(this->target().threads);
  }
  addParameter({"tile_rows", ParameterRole::InnerTile, loops.row, 1, tiles});
  addParameter({"panel_vectors", ParameterRole::InnerTile, loops.column,
                lanes(), panels});
  // One tap after the other, a row of the window, or all of it at once.
  int64_t tap = this->description().loops[loops.reduction].extent;
  std::vector<int64_t> unrolled = {1, tap, loops.allReductions};
  unrolled.erase(std::unique(unrolled.begin(), unrolled.end()), unrolled.end());
  addParameter({"unroll", ParameterRole::Unroll, -1, 1, unrolled});
  addParameter({"tile_order", ParameterRole::LoopOrder, -1, 1, {0, 1}});
  addParameter(
      {"row_tasks", ParameterRole::ParallelSplit, loops.row, 1, tasks});
}

Status DepthwiseSpace::legal(const Schedule &schedule) const {
  if (Status status = ScheduleSpace::legal(schedule); !status.ok())
    return status;
  int64_t tile = *schedule.find("tile_rows");
  int64_t panel = *schedule.find("panel_vectors");
  if (registers(tile, panel) > target().vectorRegisters)
    return Status::error(
        fmt::format("a tile of {} x {} vectors needs {} registers of {}", tile,
                    panel, registers(tile, panel), target().vectorRegisters));
  return Status();
}

Schedule DepthwiseSpace::defaultSchedule() const {
  int64_t panel = std::min<int64_t>(2, vectors());
  int64_t tallest =
      std::clamp<int64_t>((target().vectorRegisters - 2) / (2 * panel), 1, 7);
  int64_t tiles = (rows() + tallest - 1) / tallest;
  return Schedule({{"tile_rows", (rows() + tiles - 1) / tiles},
                   {"panel_vectors", panel},
                   {"unroll", loops.allReductions},
                   {"tile_order", 1},
                   {"row_tasks", target().threads > 1 ? 1 : 0}});
}

StatusOr<std::unique_ptr<ScheduleSpace>>
orcinus::createDepthwiseSpace(const OperatorDescription &description,
                              const TargetDescription &target) {
  StatusOr<ContractionLoops> loops = ContractionLoops::of(description);
  if (!loops.ok())
    return loops.status();
  if (!loops->leftHasColumn || loops->row < 0 || loops->reduction < 0)
    return Status::error(
        fmt::format("'{}' has no rows, or its channels are not "
                    "innermost",
                    description.name));
  return std::unique_ptr<ScheduleSpace>(
      std::make_unique<DepthwiseSpace>(description, target, *loops));
}
