//===- VectorizeElementwise.cpp - Elementwise ops to vector loops ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/ElementwiseEmitter.h"
#include "passes/Lowering/LoopBuilder.h"
#include "passes/Lowering/Passes.h"
#include "passes/Lowering/TransposeEmitter.h"
#include "passes/Support/OptionChecks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_VECTORIZEELEMENTWISE
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

/// Whether all operands are one contiguous run of elements in the same order,
/// or scalars, and the body does not ask where it is.
static bool isFlat(linalg::GenericOp op) {
  if (op.getNumLoops() < 2 || !op.hasPureBufferSemantics() ||
      op.getNumParallelLoops() != op.getNumLoops())
    return false;
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    if (map.getNumResults() == 0)
      continue;
    auto type = dyn_cast<MemRefType>(operand.get().getType());
    if (!type || !map.isIdentity() || !type.getLayout().isIdentity())
      return false;
  }
  return op.getBody()->getOps<linalg::IndexOp>().empty();
}

/// Replaces `op`, which is flat, by one over a single dimension.
static linalg::GenericOp flatten(linalg::GenericOp op, OpBuilder &builder) {
  MLIRContext *context = op.getContext();
  ReassociationIndices all =
      llvm::to_vector(llvm::seq<int64_t>(0, op.getNumLoops()));
  SmallVector<AffineMap> maps;
  auto collapse = [&](OpOperand &operand) -> Value {
    if (op.getMatchingIndexingMap(&operand).getNumResults() == 0) {
      maps.push_back(AffineMap::get(1, 0, context));
      return operand.get();
    }
    maps.push_back(AffineMap::getMultiDimIdentityMap(1, context));
    return memref::CollapseShapeOp::create(builder, op.getLoc(), operand.get(),
                                           ArrayRef{all});
  };
  SmallVector<Value> inputs, outputs;
  for (OpOperand *operand : op.getDpsInputOperands())
    inputs.push_back(collapse(*operand));
  for (OpOperand &operand : op.getDpsInitsMutable())
    outputs.push_back(collapse(operand));
  auto flat = linalg::GenericOp::create(
      builder, op.getLoc(), TypeRange(), inputs, outputs, maps,
      SmallVector{utils::IteratorType::parallel});
  flat.getRegion().takeBody(op.getRegion());
  op->erase();
  return flat;
}

namespace {

class VectorizeElementwisePass
    : public orcinus::impl::VectorizeElementwiseBase<VectorizeElementwisePass> {
public:
  using VectorizeElementwiseBase::VectorizeElementwiseBase;

  LogicalResult initialize(MLIRContext *context) override {
    return OptionChecks(*this, context)
        .vectorUnit(vectorBits, vectorRegisters, threads)
        .result();
  }

  void runOnOperation() override {
    VectorTarget target =
        VectorTarget::fromOptions(vectorBits, vectorRegisters);
    SmallVector<linalg::LinalgOp> ops;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (op.hasPureBufferSemantics())
        ops.push_back(op);
    });
    for (linalg::LinalgOp op : ops)
      if (failed(vectorize(op, target)))
        return signalPassFailure();
  }

private:
  int64_t threadsFor(linalg::GenericOp op, const RowSchedule &schedule) const {
    if (isInParallelLoop(op))
      return 1;
    if (schedule.rowTasks)
      return schedule.rowTasks;
    return isWorthThreads(op) ? threads : 1;
  }

  LogicalResult vectorize(linalg::LinalgOp op, const VectorTarget &target) {
    IRRewriter builder(op);
    auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
    if (!generic) {
      FailureOr<linalg::GenericOp> generalized =
          generalizeWithSchedule(builder, op);
      if (failed(generalized))
        return success();
      generic = *generalized;
    }
    builder.setInsertionPoint(generic);
    FailureOr<std::optional<RowSchedule>> own = RowSchedule::of(generic);
    if (failed(own))
      return failure();
    RowSchedule schedule = own->value_or(RowSchedule());
    // Asked before the extents are lost in one product.
    int64_t usedThreads = threadsFor(generic, schedule);
    if (isFlat(generic)) {
      generic = flatten(generic, builder);
      builder.setInsertionPoint(generic);
    }
    std::optional<ElementwisePlan> plan = ElementwisePlan::of(generic);
    if (plan)
      emitElementwise(generic, *plan, schedule, target, usedThreads, builder);
    else if (isTransposition(generic))
      emitTransposition(generic, target, usedThreads, builder);
    else
      return success();
    generic->erase();
    ++vectorizedOps;
    return success();
  }
};

} // namespace
