//===- CheckIndices.cpp - Checks of indices that are data -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_CHECKINDICES
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

/// The ops of `body` that `value` is computed by, and the arguments of `body`
/// that it is computed of. False where one of them has an effect.
static bool collectSlice(Value value, Block &body,
                         llvm::SetVector<Operation *> &ops,
                         llvm::SetVector<BlockArgument> &arguments) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    if (argument.getOwner() == &body)
      arguments.insert(argument);
    return true;
  }
  Operation *op = value.getDefiningOp();
  if (op->getBlock() != &body || ops.contains(op))
    return true;
  if (!isPure(op) || op->getNumRegions() != 0)
    return false;
  for (Value operand : op->getOperands())
    if (!collectSlice(operand, body, ops, arguments))
      return false;
  ops.insert(op);
  return true;
}

/// Asserts at the accesses in `op`'s body, whose indices are computed of
/// elements, that they are within their tensors.
static int64_t assertIndices(linalg::GenericOp op) {
  int64_t checks = 0;
  Block &body = *op.getBody();
  for (auto extract : llvm::to_vector(body.getOps<tensor::ExtractOp>()))
    for (auto [dimension, index] : llvm::enumerate(extract.getIndices())) {
      llvm::SetVector<Operation *> ops;
      llvm::SetVector<BlockArgument> arguments;
      if (!collectSlice(index, body, ops, arguments) || arguments.empty())
        continue;
      OpBuilder builder(extract);
      Location location = extract.getLoc();
      Value extent = tensor::DimOp::create(builder, location,
                                           extract.getTensor(), dimension);
      // Negative ones are large as numbers without a sign.
      Value within = arith::CmpIOp::create(
          builder, location, arith::CmpIPredicate::ult, index, extent);
      cf::AssertOp::create(
          builder, location, within,
          ("an index is not within the extent of dimension " + Twine(dimension))
              .str());
      ++checks;
    }
  return checks;
}

namespace {

/// Moves the assertions of an op's body to an op of their own before it, which
/// has the loops alone that they depend on.
class AssertionMover {
public:
  explicit AssertionMover(linalg::GenericOp op)
      : op(op), loops(op.getNumLoops()) {}

  bool move() {
    for (auto assertion : op.getBody()->getOps<cf::AssertOp>())
      assertions.push_back(assertion);
    if (assertions.empty() || op.getNumDpsInits() == 0 || !collect())
      return false;
    SmallVector<AffineExpr> compressed(loops.size());
    unsigned count = 0;
    for (unsigned loop : loops.set_bits())
      compressed[loop] = getAffineDimExpr(count++, op.getContext());
    for (AffineExpr &expression : compressed)
      if (!expression)
        expression = getAffineConstantExpr(0, op.getContext());
    SmallVector<AffineMap> maps;
    for (OpOperand *input : inputs)
      maps.push_back(op.getMatchingIndexingMap(input).replaceDimsAndSymbols(
          compressed, {}, count, 0));
    build(maps, count);
    for (cf::AssertOp assertion : assertions)
      assertion.erase();
    return true;
  }

private:
  /// What the conditions are computed by. False where they need a result, or
  /// loops whose extents no input says.
  bool collect() {
    for (cf::AssertOp assertion : assertions)
      if (!collectSlice(assertion.getArg(), *op.getBody(), ops, arguments))
        return false;
    llvm::SmallBitVector known(loops.size());
    for (BlockArgument argument : arguments) {
      OpOperand *operand = op.getMatchingOpOperand(argument);
      if (!op.isDpsInput(operand) || !isa<TensorType>(operand->get().getType()))
        return false;
      inputs.push_back(operand);
      for (AffineExpr expression :
           op.getMatchingIndexingMap(operand).getResults()) {
        expression.walk([&](AffineExpr part) {
          if (auto loop = dyn_cast<AffineDimExpr>(part))
            loops.set(loop.getPosition());
        });
        if (auto loop = dyn_cast<AffineDimExpr>(expression))
          known.set(loop.getPosition());
      }
    }
    bool usesIndex = llvm::any_of(ops, llvm::IsaPred<linalg::IndexOp>);
    return !inputs.empty() && !usesIndex && loops == known;
  }

  void build(ArrayRef<AffineMap> maps, unsigned count) {
    OpBuilder builder(op);
    SmallVector<Value> values;
    for (OpOperand *input : inputs)
      values.push_back(input->get());
    SmallVector<utils::IteratorType> iterators(count,
                                               utils::IteratorType::parallel);
    linalg::GenericOp::create(
        builder, op.getLoc(), TypeRange(), values, ValueRange(), maps,
        iterators, [&](OpBuilder &nested, Location at, ValueRange elements) {
          IRMapping mapping;
          for (auto [argument, element] : llvm::zip(arguments, elements))
            mapping.map(argument, element);
          for (Operation *each : ops)
            nested.clone(*each, mapping);
          for (cf::AssertOp assertion : assertions)
            nested.clone(*assertion, mapping);
          linalg::YieldOp::create(nested, at, ValueRange());
        });
  }

  linalg::GenericOp op;
  SmallVector<cf::AssertOp> assertions;
  llvm::SetVector<Operation *> ops;
  llvm::SetVector<BlockArgument> arguments;
  SmallVector<OpOperand *> inputs;
  llvm::SmallBitVector loops;
};

class CheckIndicesPass
    : public orcinus::impl::CheckIndicesBase<CheckIndicesPass> {
public:
  void runOnOperation() override {
    SmallVector<linalg::GenericOp> ops;
    getOperation()->walk([&](linalg::GenericOp op) {
      if (op.hasPureTensorSemantics())
        ops.push_back(op);
    });
    for (linalg::GenericOp op : ops) {
      addedChecks += assertIndices(op);
      AssertionMover(op).move();
    }
  }
};

} // namespace
