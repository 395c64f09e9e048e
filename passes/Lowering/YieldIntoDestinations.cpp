//===- YieldIntoDestinations.cpp - Memory for what regions yield ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace orcinus {
#define GEN_PASS_DEF_YIELDINTODESTINATIONS
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

using namespace mlir;

/// Whether values of `type` all have the same extents.
static bool hasFixedExtents(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.hasStaticShape();
}

/// The operand that the op which makes `value` overwrites for it; null where
/// there is none.
static OpOperand *overwrittenFor(Value value) {
  auto result = dyn_cast<OpResult>(value);
  if (!result)
    return nullptr;
  if (auto loop = dyn_cast<scf::ForOp>(result.getOwner()))
    return loop.getTiedLoopInit(result);
  auto op = dyn_cast<DestinationStyleOpInterface>(result.getOwner());
  return op ? op.getTiedOpOperand(result) : nullptr;
}

/// Whether no op reads what `writer` overwrites of `operand`, or may.
static bool isLastUse(OpOperand &operand) {
  Operation *writer = operand.getOwner();
  return llvm::all_of(operand.get().getUses(), [&](OpOperand &use) {
    if (&use == &operand)
      return true;
    Operation *user =
        writer->getBlock()->findAncestorOpInBlock(*use.getOwner());
    return user && user->isBeforeInBlock(writer);
  });
}

/// Whether ops that overwrite one tensor for the next lead from `destination`
/// to `value`: a copy would be one of a tensor into itself, which bufferization
/// takes for a conflict where a loop lies between.
static bool isWrittenInto(Value value, Value destination) {
  while (value != destination) {
    OpOperand *operand = overwrittenFor(value);
    if (!operand || !isLastUse(*operand))
      return false;
    if (auto loop = dyn_cast<scf::ForOp>(operand->getOwner())) {
      BlockArgument carried = loop.getTiedLoopRegionIterArg(operand);
      if (!isWrittenInto(loop.getTiedLoopYieldedValue(carried)->get(), carried))
        return false;
    }
    value = operand->get();
  }
  return true;
}

/// Makes `yielded`, an operand of a terminator, what `destination` becomes when
/// it is copied there.
static void yieldInto(OpOperand &yielded, Value destination) {
  Value value = yielded.get();
  if (isWrittenInto(value, destination))
    return;
  OpBuilder builder(yielded.getOwner());
  auto copy = bufferization::MaterializeInDestinationOp::create(
      builder, value.getLoc(), value.getType(), value, destination);
  yielded.set(copy.getResult());
}

/// A tensor with what `value` holds, made before `user`.
static Value copyBefore(Operation *user, Value value) {
  OpBuilder builder(user);
  auto type = cast<RankedTensorType>(value.getType());
  Value place = tensor::EmptyOp::create(builder, value.getLoc(),
                                        type.getShape(), type.getElementType());
  return bufferization::MaterializeInDestinationOp::create(
             builder, value.getLoc(), type, value, place)
      .getResult();
}

/// Each turn of a loop leaves a tensor where the last one left it.
static void giveDestinations(scf::ForOp loop) {
  Operation *yield = loop.getBody()->getTerminator();
  // What comes to lie elsewhere is taken away before it is overwritten.
  for (auto [operand, carried] :
       llvm::zip_equal(yield->getOpOperands(), loop.getRegionIterArgs()))
    if (hasFixedExtents(carried.getType()) && operand.get() != carried &&
        llvm::is_contained(loop.getRegionIterArgs(), operand.get()))
      operand.set(copyBefore(yield, operand.get()));
  for (auto [operand, carried] :
       llvm::zip_equal(yield->getOpOperands(), loop.getRegionIterArgs()))
    if (hasFixedExtents(carried.getType()))
      yieldInto(operand, carried);
}

/// Both branches leave a tensor in memory that is allocated before them.
static void giveDestinations(scf::IfOp branch) {
  for (auto [at, type] : llvm::enumerate(branch.getResultTypes())) {
    if (!hasFixedExtents(type))
      continue;
    OpBuilder builder(branch);
    auto tensorType = cast<RankedTensorType>(type);
    Value destination =
        tensor::EmptyOp::create(builder, branch.getLoc(), tensorType.getShape(),
                                tensorType.getElementType());
    for (Region &region : branch->getRegions())
      yieldInto(region.front().getTerminator()->getOpOperand(at), destination);
  }
}

namespace {

class YieldIntoDestinationsPass
    : public orcinus::impl::YieldIntoDestinationsBase<
          YieldIntoDestinationsPass> {
public:
  using YieldIntoDestinationsBase::YieldIntoDestinationsBase;

  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      if (auto loop = dyn_cast<scf::ForOp>(op))
        giveDestinations(loop);
      else if (auto branch = dyn_cast<scf::IfOp>(op))
        giveDestinations(branch);
    });
  }
};

} // namespace
