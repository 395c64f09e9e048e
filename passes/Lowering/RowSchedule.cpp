//===- RowSchedule.cpp - How rows are worked on ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/RowSchedule.h"

#include "dialects/ETO/IR/ETOOps.h"
#include "passes/Lowering/ScheduleDispatch.h"
#include "passes/Lowering/ScheduleFields.h"

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"

using namespace mlir;
using namespace orcinus;

Schedule RowSchedule::toSchedule() const {
  return spellSchedule(rowFields, {rowBlock, rowTasks, unroll, vectorLanes});
}

FailureOr<std::optional<RowSchedule>> RowSchedule::of(linalg::LinalgOp op) {
  ScheduleDispatch dispatch = ScheduleDispatch::of(op);
  if (dispatch.schedules().back().empty())
    return std::optional<RowSchedule>();
  RowSchedule schedule;
  int64_t *values[] = {&schedule.rowBlock, &schedule.rowTasks, &schedule.unroll,
                       &schedule.vectorLanes};
  if (failed(readSchedule(dispatch.schedules().back(), rowFields, values,
                          op->getLoc())) ||
      failed(verifyLanes(schedule.vectorLanes, op->getLoc())))
    return failure();
  return std::optional(schedule);
}

FailureOr<linalg::GenericOp>
orcinus::generalizeWithSchedule(RewriterBase &rewriter, linalg::LinalgOp op) {
  Attribute schedule = op->getAttr(eto::scheduleAttributeName);
  FailureOr<linalg::GenericOp> generic =
      linalg::generalizeNamedOp(rewriter, op);
  if (succeeded(generic) && schedule)
    (*generic)->setAttr(eto::scheduleAttributeName, schedule);
  return generic;
}
