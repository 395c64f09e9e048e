//===- RowSpace.cpp - Schedules of reductions and elementwise chains ------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Spaces.h"

#include "lib/Tuning/ScheduleFields.h"

#include <fmt/format.h>

#include <algorithm>

using namespace orcinus;

namespace {

/// Bytes of a block's rows in all operands: half a nearest cache.
constexpr int64_t blockBytes = 16 << 10;
constexpr int64_t mostBlockRows = 16;

class RowSpace : public ScheduleSpace {
public:
  /// `row` is the innermost loop of the rows, -1 where there is one row only;
  /// `rowCount` the rows of all loops.
  RowSpace(OperatorDescription description, TargetDescription target, int row,
           int64_t rowCount);

  Status legal(const Schedule &schedule) const override;
  Schedule defaultSchedule() const override;

private:
  int64_t lanes() const {
    return std::max<int64_t>(1, target().vectorBits / 32);
  }
  int64_t innermostRows() const {
    return row < 0 ? 1 : description().loops[row].extent;
  }

  int row;
  int64_t rowCount;
};

} // namespace

RowSpace::RowSpace(OperatorDescription description, TargetDescription target,
                   int row, int64_t rowCount)
    : ScheduleSpace(std::move(description), std::move(target)), row(row),
      rowCount(rowCount) {
  std::vector<int64_t> blocks, tasks = {1};
  for (int64_t rows = 1; rows <= std::min(innermostRows(), mostBlockRows);
       rows *= 2)
    blocks.push_back(rows);
  int64_t threads = this->target().threads;
  if (threads > 1)
    for (int64_t parts = threads; parts <= std::min(4 * threads, rowCount);
         parts *= 2)
      tasks.push_back(parts);
  addParameter({"row_block", ParameterRole::InnerTile, row, 1, blocks});
  addParameter({"row_tasks", ParameterRole::ParallelSplit, row, 1, tasks});
  addParameter({"unroll", ParameterRole::Unroll, -1, 1, {1, 2, 4, 8}});
  std::vector<int64_t> widths = {lanes()};
  if (lanes() > 1)
    widths.insert(widths.begin(), lanes() / 2);
  addParameter({"vector_lanes", ParameterRole::VectorWidth, -1, 1, widths});
}

Status RowSpace::legal(const Schedule &schedule) const {
  if (Status status = ScheduleSpace::legal(schedule); !status.ok())
    return status;
  if (Status status = checkFields(schedule, rowFields); !status.ok())
    return status;
  int64_t width = *schedule.find("vector_lanes");
  if ((width & (width - 1)) != 0 || width > lanes())
    return Status::error(fmt::format(
        "vectors of {} lanes; a power of two up to {} fits", width, lanes()));
  return Status();
}

Schedule RowSpace::defaultSchedule() const {
  int64_t rows = std::clamp<int64_t>(
      blockBytes * rowCount / std::max<int64_t>(1, description().bytes()), 1,
      parameters().front().choices.back());
  int64_t block = 1;
  while (block * 2 <= rows)
    block *= 2;
  return Schedule(
      {{"row_block", block},
       {"row_tasks", rowCount >= target().threads ? target().threads : 1},
       {"unroll", 4},
       {"vector_lanes", lanes()}});
}

StatusOr<std::unique_ptr<ScheduleSpace>>
orcinus::createRowSpace(const OperatorDescription &description,
                        const TargetDescription &target) {
  // The innermost loop of the result is within the row, unless loops that are
  // summed over are.
  std::vector<size_t> rows;
  bool reduces = false;
  for (size_t loop = 0; loop < description.loops.size(); ++loop) {
    if (description.loops[loop].kind == LoopKind::Parallel)
      rows.push_back(loop);
    else
      reduces = true;
  }
  if (!reduces && !rows.empty())
    rows.pop_back();
  int64_t rowCount = 1;
  for (size_t loop : rows)
    rowCount *= description.loops[loop].extent;
  int row = rows.empty() ? -1 : static_cast<int>(rows.back());
  return std::unique_ptr<ScheduleSpace>(
      std::make_unique<RowSpace>(description, target, row, rowCount));
}
