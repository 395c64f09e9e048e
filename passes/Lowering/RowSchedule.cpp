//===- RowSchedule.cpp - How rows are worked on ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/RowSchedule.h"

#include "passes/Lowering/ScheduleDispatch.h"
#include "passes/Lowering/ScheduleFields.h"

using namespace mlir;
using namespace orcinus;

static constexpr ScheduleField fields[] = {
    {"row_block", 0},
    {"row_tasks", 0},
    {"unroll", 0, 64},
    {"vector_lanes", 0, 1024},
};

Schedule RowSchedule::toSchedule() const {
  return spellSchedule(fields, {rowBlock, rowTasks, unroll, vectorLanes});
}

FailureOr<std::optional<RowSchedule>> RowSchedule::of(linalg::LinalgOp op) {
  ScheduleDispatch dispatch = ScheduleDispatch::of(op);
  if (dispatch.schedules().back().empty())
    return std::optional<RowSchedule>();
  RowSchedule schedule;
  int64_t *values[] = {&schedule.rowBlock, &schedule.rowTasks, &schedule.unroll,
                       &schedule.vectorLanes};
  if (failed(readSchedule(dispatch.schedules().back(), fields, values,
                          op->getLoc())) ||
      failed(verifyLanes(schedule.vectorLanes, op->getLoc())))
    return failure();
  return std::optional(schedule);
}
