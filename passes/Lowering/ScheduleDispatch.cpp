//===- ScheduleDispatch.cpp - A schedule by an extent ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/ScheduleDispatch.h"

#include "dialects/ETO/IR/ETOOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace orcinus;

ScheduleDispatch ScheduleDispatch::of(linalg::LinalgOp op) {
  ScheduleDispatch result;
  Attribute attribute = op->getAttr(eto::scheduleAttributeName);
  auto dispatch = dyn_cast_or_null<eto::DispatchAttr>(attribute);
  if (!dispatch) {
    auto schedule = dyn_cast_or_null<eto::ScheduleAttr>(attribute);
    result.list.push_back(schedule ? schedule.toSchedule() : Schedule());
    return result;
  }
  int64_t extent = op.getStaticLoopRanges()[dispatch.getLoop()];
  if (!ShapedType::isDynamic(extent)) {
    size_t number = llvm::lower_bound(dispatch.getBounds(), extent) -
                    dispatch.getBounds().begin();
    result.list.push_back(dispatch.getSchedules()[number].toSchedule());
    return result;
  }
  result.loop = dispatch.getLoop();
  result.bounds = llvm::to_vector(dispatch.getBounds());
  for (eto::ScheduleAttr schedule : dispatch.getSchedules())
    result.list.push_back(schedule.toSchedule());
  return result;
}

/// The extent of loop number `loop` of `op`.
static Value extentOf(OpBuilder &builder, linalg::LinalgOp op, unsigned loop) {
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (auto [dimension, index] : llvm::enumerate(map.getResults()))
      if (index == getAffineDimExpr(loop, op.getContext()))
        return memref::DimOp::create(builder, op.getLoc(), operand.get(),
                                     dimension);
  }
  llvm_unreachable("every loop of a linalg op is a dimension of an operand");
}

SmallVector<Value> ScheduleDispatch::emitConditions(OpBuilder &builder,
                                                    linalg::LinalgOp op) const {
  SmallVector<Value> conditions;
  if (bounds.empty())
    return conditions;
  Location location = op.getLoc();
  Value extent = extentOf(builder, op, loop);
  // Whether the extent is beyond the bounds so far.
  Value beyond;
  for (int64_t bound : bounds) {
    Value limit = arith::ConstantIndexOp::create(builder, location, bound);
    Value within = arith::CmpIOp::create(
        builder, location, arith::CmpIPredicate::ule, extent, limit);
    conditions.push_back(
        beyond ? arith::AndIOp::create(builder, location, beyond, within)
               : within);
    beyond = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ugt,
                                   extent, limit);
  }
  conditions.push_back(beyond);
  return conditions;
}

void ScheduleDispatch::emit(
    OpBuilder &builder, linalg::LinalgOp op,
    function_ref<void(OpBuilder &, size_t)> body) const {
  OpBuilder::InsertionGuard guard(builder);
  Value extent;
  for (auto [number, bound] : llvm::enumerate(bounds)) {
    if (!extent)
      extent = extentOf(builder, op, loop);
    Value limit = arith::ConstantIndexOp::create(builder, op.getLoc(), bound);
    Value within = arith::CmpIOp::create(
        builder, op.getLoc(), arith::CmpIPredicate::ule, extent, limit);
    auto choice = scf::IfOp::create(builder, op.getLoc(), within,
                                    /*withElseRegion=*/true);
    builder.setInsertionPoint(choice.thenYield());
    body(builder, number);
    builder.setInsertionPoint(choice.elseYield());
  }
  body(builder, bounds.size());
}
