//===- SplitBatches.cpp - A network's first ops, image by image -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Support/CheckedArithmetic.h"
#include "passes/Lowering/Destinations.h"
#include "passes/Lowering/MemRefUtils.h"
#include "passes/Lowering/Passes.h"
#include "passes/Support/OptionChecks.h"

#include "dialects/ETO/IR/ETOOps.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_SPLITBATCHES
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

/// What all images read is read again for each: it is to stay in a second-level
/// cache beside them.
static constexpr int64_t mostWeightBytes = 640 << 10;
/// Results of fewer bytes for all images stay in that cache as they are.
static constexpr int64_t fewestBatchBytes = 1 << 20;

/// Bytes of a tensor of `type`, whose extents are known.
static int64_t tensorBytes(RankedTensorType type) {
  int64_t bytes = elementBytes(type.getElementType());
  for (int64_t extent : type.getShape())
    bytes = saturatedProduct(bytes, extent);
  return bytes;
}

namespace {

/// The ops at the beginning of a block that compute each image of a batch, one
/// index of the first dimension, of the same image and of what all images read.
class BatchChain {
public:
  /// The chain of `block` that begins with its first op that has the batch of
  /// its first argument.
  explicit BatchChain(Block &block) {
    for (BlockArgument argument : block.getArguments())
      if (auto type = dyn_cast<RankedTensorType>(argument.getType());
          type && type.getRank() > 1 && batch == 0)
        batch = type.getDimSize(0);
    for (Operation &op : block) {
      if (add(op))
        continue;
      // Whatever comes after it may need it.
      if (readsChain(op) || isTooLarge) {
        end = &op;
        break;
      }
    }
  }

  ArrayRef<Operation *> ops() const { return members.getArrayRef(); }
  int64_t images() const { return batch; }

  /// Whether it is worth a loop.
  bool pays() const {
    return end && sums > 1 && images() > 1 && largestBytes >= fewestBatchBytes;
  }

  /// Computes the images one after the other, or at the same time.
  void split();

private:
  bool add(Operation &op);
  bool addLinalg(linalg::LinalgOp op);
  bool isOfChain(Value value) const {
    return members.contains(value.getDefiningOp());
  }
  /// Whether `op`, or an op within it, reads what the chain makes.
  bool readsChain(Operation &op) const;
  /// Whether an op within `op` does.
  bool capturesChain(Operation &op) const;
  bool isOfBatch(Value value) const {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    return type && type.hasStaticShape() && type.getRank() > 1 &&
           type.getDimSize(0) == batch;
  }
  SmallVector<Value> results() const;

  llvm::SetVector<Operation *> members;
  /// The op before which the loop is.
  Operation *end = nullptr;
  int64_t batch = 0, sums = 0, largestBytes = 0;
  /// Whether the chain ends because of what all images read.
  bool isTooLarge = false;
};

/// Emits the loop of one chain.
class Splitter {
public:
  explicit Splitter(OpBuilder &builder) : builder(builder) {}

  void copy(Operation *op);
  /// One image of `value`.
  Value imageOf(Value value);
  Value slice(Value tensor);

  Value image;
  IRMapping images;

  SmallVector<OpFoldResult> offsets(RankedTensorType type) const {
    SmallVector<OpFoldResult> all(type.getRank(), builder.getIndexAttr(0));
    all[0] = image;
    return all;
  }
  SmallVector<OpFoldResult> sizes(RankedTensorType type) const {
    SmallVector<OpFoldResult> all;
    for (int64_t extent : type.getShape())
      all.push_back(builder.getIndexAttr(extent));
    all[0] = builder.getIndexAttr(1);
    return all;
  }
  SmallVector<OpFoldResult> ones(RankedTensorType type) const {
    return SmallVector<OpFoldResult>(type.getRank(), builder.getIndexAttr(1));
  }

private:
  RankedTensorType oneOf(Value value) const {
    auto type = cast<RankedTensorType>(value.getType());
    SmallVector<int64_t> shape(type.getShape());
    shape[0] = 1;
    return type.clone(shape);
  }

  OpBuilder &builder;
};

} // namespace

bool BatchChain::readsChain(Operation &op) const {
  return op
      .walk([&](Operation *nested) {
        return llvm::any_of(nested->getOperands(),
                            [&](Value operand) { return isOfChain(operand); })
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

bool BatchChain::capturesChain(Operation &op) const {
  for (Region &region : op.getRegions())
    for (Operation &nested : region.getOps())
      if (readsChain(nested))
        return true;
  return false;
}

/// Whether `op` has the batch as a loop that each operand has as its first
/// dimension, or lacks: what lacks it all images read, so that the chain does
/// not make it.
bool BatchChain::addLinalg(linalg::LinalgOp op) {
  if (!op.hasPureTensorSemantics() || op->getNumResults() != 1 ||
      op.hasIndexSemantics() || op->hasAttr(eto::scheduleAttributeName) ||
      !isPure(op) || capturesChain(*op))
    return false;
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  if (!isOfBatch(op->getResult(0)))
    return false;
  auto loop = dyn_cast<AffineDimExpr>(resultMap.getResult(0));
  if (!loop || op.getIteratorTypesArray()[loop.getPosition()] !=
                   utils::IteratorType::parallel)
    return false;
  int64_t shared = 0, own = 0;
  for (OpOperand &operand : op->getOpOperands()) {
    auto operandType = dyn_cast<RankedTensorType>(operand.get().getType());
    if (!operandType)
      continue;
    if (!operandType.hasStaticShape())
      return false;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    if (!map.isFunctionOfDim(loop.getPosition())) {
      if (isOfChain(operand.get()))
        return false;
      shared = saturatedSum(shared, tensorBytes(operandType));
      continue;
    }
    own = saturatedSum(own, tensorBytes(operandType));
    bool isFirst = operandType.getRank() > 1 && map.getResult(0) == loop;
    for (AffineExpr other : map.getResults().drop_front())
      isFirst &= !other.isFunctionOfDim(loop.getPosition());
    if (!isFirst)
      return false;
  }
  if (op.getNumReductionLoops() > 0) {
    isTooLarge = shared > mostWeightBytes || saturatedProduct(shared, 2) > own;
    if (isTooLarge)
      return false;
    ++sums;
  }
  largestBytes = std::max(largestBytes, tensorBytes(type));
  return true;
}

bool BatchChain::add(Operation &op) {
  bool fits = false;
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    fits = addLinalg(linalgOp);
  } else if (auto pad = dyn_cast<tensor::PadOp>(op)) {
    fits = isOfBatch(pad.getSource()) && isOfBatch(pad.getResult()) &&
           pad.getStaticLow()[0] == 0 && pad.getStaticHigh()[0] == 0 &&
           pad.getConstantPaddingValue();
  }
  if (fits)
    members.insert(&op);
  return fits;
}

SmallVector<Value> BatchChain::results() const {
  SmallVector<Value> found;
  for (Operation *op : members)
    if (llvm::any_of(op->getUsers(),
                     [&](Operation *user) { return !members.contains(user); }))
      found.push_back(op->getResult(0));
  return found;
}

Value Splitter::slice(Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  return tensor::ExtractSliceOp::create(builder, tensor.getLoc(), oneOf(tensor),
                                        tensor, offsets(type), sizes(type),
                                        ones(type));
}

Value Splitter::imageOf(Value value) {
  if (Value known = images.lookupOrNull(value))
    return known;
  if (!value.getDefiningOp<tensor::EmptyOp>())
    return slice(value);
  RankedTensorType type = oneOf(value);
  return tensor::EmptyOp::create(builder, value.getLoc(), type.getShape(),
                                 type.getElementType());
}

void Splitter::copy(Operation *op) {
  SmallVector<Value> operands(op->getOperands());
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    auto loop = cast<AffineDimExpr>(
        linalgOp.getMatchingIndexingMap(linalgOp.getDpsInitOperand(0))
            .getResult(0));
    for (OpOperand &operand : op->getOpOperands())
      if (linalgOp.getMatchingIndexingMap(&operand).isFunctionOfDim(
              loop.getPosition()))
        operands[operand.getOperandNumber()] = imageOf(operand.get());
  } else {
    operands[0] = imageOf(operands[0]);
  }
  Operation *made =
      clone(builder, op, TypeRange{oneOf(op->getResult(0))}, operands);
  images.map(op->getResult(0), made->getResult(0));
}

void BatchChain::split() {
  OpBuilder builder(end);
  Location location = end->getLoc();
  SmallVector<Value> exits = results(), destinations;
  for (Value exit : exits) {
    auto type = cast<RankedTensorType>(exit.getType());
    destinations.push_back(tensor::EmptyOp::create(
        builder, location, type.getShape(), type.getElementType()));
  }
  OpFoldResult count = builder.getIndexAttr(batch);
  auto loop = scf::ForallOp::create(builder, location, ArrayRef{count},
                                    destinations, std::nullopt);
  Splitter splitter(builder);
  splitter.image = loop.getInductionVars().front();
  builder.setInsertionPoint(loop.getTerminator());
  for (Operation *op : members)
    splitter.copy(op);
  for (auto [exit, whole] : llvm::zip_equal(exits, loop.getRegionIterArgs())) {
    Value made = splitter.images.lookup(exit);
    // It is made where it belongs.
    if (OpOperand *destination = destinationOf(made)) {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPoint(destination->getOwner());
      destination->set(splitter.slice(whole));
    }
    auto type = cast<RankedTensorType>(exit.getType());
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(loop.getTerminator().getBody());
    tensor::ParallelInsertSliceOp::create(
        builder, location, made, whole, splitter.offsets(type),
        splitter.sizes(type), splitter.ones(type));
  }
  for (auto [exit, result] : llvm::zip_equal(exits, loop.getResults()))
    exit.replaceUsesWithIf(result, [&](OpOperand &use) {
      return !members.contains(use.getOwner());
    });
  llvm::SetVector<Operation *> empties;
  for (Operation *op : llvm::reverse(members.getArrayRef())) {
    for (Value operand : op->getOperands())
      if (auto empty = operand.getDefiningOp<tensor::EmptyOp>())
        empties.insert(empty);
    op->erase();
  }
  for (Operation *empty : empties)
    if (empty->use_empty())
      empty->erase();
}

namespace {

class SplitBatchesPass
    : public orcinus::impl::SplitBatchesBase<SplitBatchesPass> {
public:
  using SplitBatchesBase::SplitBatchesBase;

  LogicalResult initialize(MLIRContext *context) override {
    return OptionChecks(*this, context).threads(threads).result();
  }

  void runOnOperation() override {
    for (Block &block : getOperation().getBody()) {
      BatchChain chain(block);
      if (!chain.pays() || !sharesWell(chain.images()))
        continue;
      chain.split();
      ++splitBatches;
    }
  }

private:
  /// Whether no thread gets much less than its part of `images` images.
  bool sharesWell(int64_t images) const {
    constexpr int64_t fewestTurns = 4;
    return images % threads == 0 || images >= fewestTurns * threads;
  }
};

} // namespace
