//===- ContractionSpace.cpp - Schedules of contractions -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Spaces.h"

#include "lib/Tuning/IndexMap.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

using namespace orcinus;

namespace {

/// The loops that a contraction's parameters cut.
struct ContractionLoops {
  /// The first loop of result and left operand that the right one has not; -1
  /// where there is none.
  int row = -1;
  int column = -1;
  /// The longest loop that is summed over.
  int reduction = -1;
};

class ContractionSpace : public ScheduleSpace {
public:
  ContractionSpace(OperatorDescription description, TargetDescription target,
                   ContractionLoops loops)
      : ScheduleSpace(std::move(description), std::move(target)), loops(loops) {
    addTileParameters();
    addBlockParameters();
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
  void addTileParameters();
  void addBlockParameters();

  ContractionLoops loops;
};

} // namespace

void ContractionSpace::addTileParameters() {
  std::vector<int64_t> rows, vectors;
  int64_t mostRows =
      std::min(extentOf(loops.row), target().vectorRegisters - 2);
  for (int64_t tile = 1; tile <= mostRows; ++tile)
    rows.push_back(tile);
  int64_t columns = (extentOf(loops.column) + lanes() - 1) / lanes();
  for (int64_t panel = 1; panel <= std::min<int64_t>(columns, 8); ++panel)
    vectors.push_back(panel);
  addParameter({"tile_rows", ParameterRole::InnerTile, loops.row, 1, rows});
  addParameter({"panel_vectors", ParameterRole::InnerTile, loops.column,
                lanes(), vectors});
}

/// 0, then the powers of two between `first` and `extent`.
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
                blocks(24, 1536, extentOf(loops.row))});
  std::vector<int64_t> tasks = {0};
  if (target().threads > 1)
    for (int64_t parts : {int64_t(1), target().threads, 2 * target().threads,
                          4 * target().threads})
      if (parts <= extentOf(loops.row))
        tasks.push_back(parts);
  addParameter(
      {"row_tasks", ParameterRole::ParallelSplit, loops.row, 1, tasks});
}

Status ContractionSpace::legal(const Schedule &schedule) const {
  if (Status status = ScheduleSpace::legal(schedule); !status.ok())
    return status;
  int64_t rows = schedule.entries()[0].second;
  int64_t vectors = schedule.entries()[1].second;
  // The accumulators, the vectors of one step and one broadcast.
  int64_t registers = rows * vectors + vectors + 1;
  if (registers > target().vectorRegisters)
    return Status::error(
        fmt::format("a tile of {} x {} vectors needs {} registers of {}", rows,
                    vectors, registers, target().vectorRegisters));
  return Status();
}

Schedule ContractionSpace::defaultSchedule() const {
  int64_t columns = (extentOf(loops.column) + lanes() - 1) / lanes();
  int64_t vectors = std::min<int64_t>(columns, target().vectorRegisters / 8);
  int64_t rows = std::min((target().vectorRegisters - vectors - 1) / vectors,
                          extentOf(loops.row));
  constexpr int64_t longestReduction = 512, reductionBlock = 128;
  bool cut = extentOf(loops.reduction) > longestReduction;
  bool parallel = target().threads > 1 && extentOf(loops.row) >= 2 * rows;
  return Schedule({{"tile_rows", rows},
                   {"panel_vectors", vectors},
                   {"reduction_block", cut ? reductionBlock : 0},
                   {"row_block", 0},
                   {"row_tasks", parallel ? target().threads : 0}});
}

std::vector<float> ContractionSpace::features(const Schedule &schedule) const {
  std::vector<float> result = ScheduleSpace::features(schedule);
  double rows = schedule.entries()[0].second;
  double vectors = schedule.entries()[1].second;
  result.push_back(rows * vectors);
  // Loads a multiplication: what the tile saves.
  result.push_back((rows + vectors) / (rows * vectors));
  return result;
}

static std::set<size_t> loopsOf(const OperatorDescription &description,
                                size_t operand) {
  IndexMap map =
      *parseIndexMap(description.operands[operand].map, description.loops);
  std::set<size_t> loops;
  for (const IndexExpression &expression : map)
    for (auto [loop, coefficient] : expression.terms)
      loops.insert(loop);
  return loops;
}

StatusOr<std::unique_ptr<ScheduleSpace>>
orcinus::createContractionSpace(const OperatorDescription &description,
                                const TargetDescription &target) {
  ContractionLoops loops;
  IndexMap result =
      *parseIndexMap(description.operands.back().map, description.loops);
  if (result.empty() || result.back().terms.size() != 1)
    return Status::error(fmt::format(
        "the contraction '{}' has no column to vectorize", description.name));
  loops.column = static_cast<int>(result.back().terms.front().first);
  // The right operand is the one that has the column.
  std::set<size_t> right = loopsOf(description, 1);
  if (!right.contains(loops.column))
    right = loopsOf(description, 0);
  for (const IndexExpression &expression : result)
    for (auto [loop, coefficient] : expression.terms)
      if (!right.contains(loop) && loops.row < 0)
        loops.row = static_cast<int>(loop);
  int64_t longest = 0;
  for (size_t loop = 0; loop < description.loops.size(); ++loop)
    if (description.loops[loop].kind == LoopKind::Reduction &&
        description.loops[loop].extent > longest) {
      longest = description.loops[loop].extent;
      loops.reduction = static_cast<int>(loop);
    }
  return std::unique_ptr<ScheduleSpace>(
      std::make_unique<ContractionSpace>(description, target, loops));
}
