//===- ContractionSpace.cpp - Schedules of contractions -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ContractionLoops.h"
#include "Spaces.h"

#include "lib/Tuning/ScheduleFields.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace orcinus;

namespace {

/// Most vectors of a panel that can pay: a panel's width is bounded by the
/// registers that its accumulators take.
constexpr int64_t widestPanel = 8;

class ContractionSpace : public ScheduleSpace {
public:
  ContractionSpace(OperatorDescription description, TargetDescription target,
                   ContractionLoops loops)
      : ScheduleSpace(std::move(description), std::move(target)), loops(loops) {
    addTileParameters();
    addBlockParameters();
    addTaskParameters();
    addPackParameters();
  }

  Status legal(const Schedule &schedule) const override;
  Schedule defaultSchedule() const override;
  std::vector<float> features(const Schedule &schedule) const override;

private:
  int64_t lanes() const {
    return std::max<int64_t>(1, target().vectorBits / 32);
  }
  int64_t extentOf(int loop) const {
    return loop < 0 ? 1 : description().loops[loop].extent;
  }
  int64_t vectors() const {
    return (extentOf(loops.column) + lanes() - 1) / lanes();
  }
  /// The accumulators, the vectors of one step and one broadcast.
  static int64_t registers(int64_t rows, int64_t vectors) {
    return rows * vectors + vectors + 1;
  }

  void addTileParameters();
  void addBlockParameters();
  void addTaskParameters();
  void addPackParameters();

  ContractionLoops loops;
};

} // namespace

void ContractionSpace::addTileParameters() {
  std::vector<int64_t> rows, panels;
  int64_t mostRows =
      std::clamp<int64_t>(loops.allRows, 1, target().vectorRegisters - 2);
  for (int64_t tile = 1; tile <= mostRows; ++tile)
    rows.push_back(tile);
  for (int64_t panel = 1; panel <= std::min(vectors(), widestPanel); ++panel)
    panels.push_back(panel);
  addParameter({"tile_rows", ParameterRole::InnerTile, loops.row, 1, rows});
  addParameter({"panel_vectors", ParameterRole::InnerTile, loops.column,
                lanes(), panels});
  addParameter({"unroll", ParameterRole::Unroll, -1, 1, {1, 2, 4}});
}

/// 0, then the powers of two times `first` up to `last` and below `extent`.
static std::vector<int64_t> blocks(int64_t first, int64_t last,
                                   int64_t extent) {
  std::vector<int64_t> choices = {0};
  for (int64_t block = first; block <= last && block < extent; block *= 2)
    choices.push_back(block);
  return choices;
}

void ContractionSpace::addBlockParameters() {
  addParameter({"reduction_block", ParameterRole::InnerTile, loops.reduction, 1,
                blocks(64, 1024, extentOf(loops.reduction))});
  addParameter({"row_block", ParameterRole::OuterTile, loops.row, 1,
                blocks(28, 1792, loops.allRows)});
  addParameter({"column_block", ParameterRole::OuterTile, loops.column, 1,
                blocks(128, 1024, extentOf(loops.column))});
  addParameter({"tile_order", ParameterRole::LoopOrder, -1, 1, {0, 1}});
}

void ContractionSpace::addTaskParameters() {
  std::vector<int64_t> rows = {0}, columns = {1};
  if (target().threads > 1) {
    rows.push_back(1);
    for (int64_t parts = target().threads; parts <= 4 * target().threads;
         parts *= 2) {
      if (parts <= loops.allRows)
        rows.push_back(parts);
      if (parts <= vectors())
        columns.push_back(parts);
    }
  }
  addParameter({"row_tasks", ParameterRole::ParallelSplit, loops.row, 1, rows});
  addParameter(
      {"column_tasks", ParameterRole::ParallelSplit, loops.column, 1, columns});
}

void ContractionSpace::addPackParameters() {
  std::vector<int64_t> left = {0};
  if (!loops.leftHasColumn)
    left.push_back(1);
  addParameter({"pack_left", ParameterRole::Pack, -1, 1, left});
  addParameter({"pack_right", ParameterRole::Pack, -1, 1, {0, 1}});
  addParameter({"left_padding", ParameterRole::Pad, -1, 1, {0, 16}});
}

Status ContractionSpace::legal(const Schedule &schedule) const {
  if (Status status = ScheduleSpace::legal(schedule); !status.ok())
    return status;
  if (Status status = checkFields(schedule, contractionFields); !status.ok())
    return status;
  int64_t rows = *schedule.find("tile_rows");
  int64_t panel = *schedule.find("panel_vectors");
  if (registers(rows, panel) > target().vectorRegisters)
    return Status::error(
        fmt::format("a tile of {} x {} vectors needs {} registers of {}", rows,
                    panel, registers(rows, panel), target().vectorRegisters));
  if (*schedule.find("pack_left") && loops.leftHasColumn)
    return Status::error("the left operand has the columns, too, and cannot be "
                         "packed");
  return Status();
}

Schedule ContractionSpace::defaultSchedule() const {
  constexpr int64_t usualPanel = 2;
  // Panels as equal as can be, and the tallest tile that the registers hold,
  // lowered where the rows then fill whole tiles.
  int64_t panels = (vectors() + usualPanel - 1) / usualPanel;
  int64_t panel = (vectors() + panels - 1) / panels;
  int64_t tallest = std::clamp<int64_t>(
      (target().vectorRegisters - panel - 1) / panel, 1, loops.allRows);
  bool gathers = !loops.leftHasColumn && loops.allRows > extentOf(loops.row);
  int64_t tiled = gathers ? loops.allRows : extentOf(loops.row);
  int64_t tiles = (tiled + tallest - 1) / tallest;
  int64_t rows = (tiled + tiles - 1) / tiles;
  bool parallel = target().threads > 1;
  bool cutsRows = tiled >= target().threads * rows;
  Schedule schedule;
  for (const ScheduleParameter &parameter : parameters())
    schedule.set(parameter.name, parameter.choices.front());
  schedule.set("tile_rows", rows);
  schedule.set("panel_vectors", panel);
  if (gathers) {
    schedule.set("pack_left", 1);
    schedule.set("left_padding", 16);
  }
  if (parallel)
    schedule.set("row_tasks", cutsRows ? target().threads : 1);
  if (parallel && !cutsRows && panels >= target().threads)
    schedule.set("column_tasks", target().threads);
  return schedule;
}

std::vector<float> ContractionSpace::features(const Schedule &schedule) const {
  std::vector<float> result = ScheduleSpace::features(schedule);
  double rows = static_cast<double>(*schedule.find("tile_rows"));
  double panel = static_cast<double>(*schedule.find("panel_vectors"));
  result.push_back(static_cast<float>(rows * panel));
  // Loads a multiplication: what the tile saves.
  result.push_back(static_cast<float>((rows + panel) / (rows * panel)));
  // Rows that fill no whole tile, where they are taken as one dimension.
  double tiles = std::ceil(loops.allRows / rows);
  result.push_back(static_cast<float>(tiles * rows / loops.allRows - 1));
  return result;
}

StatusOr<std::unique_ptr<ScheduleSpace>>
orcinus::createContractionSpace(const OperatorDescription &description,
                                const TargetDescription &target) {
  StatusOr<ContractionLoops> loops = ContractionLoops::of(description);
  if (!loops.ok())
    return loops.status();
  return std::unique_ptr<ScheduleSpace>(
      std::make_unique<ContractionSpace>(description, target, *loops));
}
