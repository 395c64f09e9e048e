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

/// Makes `yielded`, an operand of a terminator, what `destination` becomes when
/// it is copied there.
static void yieldInto(OpOperand &yielded, Value destination) {
  Value value = yielded.get();
  if (value == destination)
    return;
  OpBuilder builder(yielded.getOwner());
  auto copy = bufferization::MaterializeInDestinationOp::create(
      builder, value.getLoc(), value.getType(), value, destination);
  yielded.set(copy.getResult());
}

/// Each turn of a loop leaves a tensor where the last one left it.
static void giveDestinations(scf::ForOp loop) {
  Operation *yield = loop.getBody()->getTerminator();
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
