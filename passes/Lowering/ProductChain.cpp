//===- ProductChain.cpp - Products of products ----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/ProductChain.h"

#include "dialects/ETO/IR/ETOOps.h"
#include "orcinus/Support/CheckedArithmetic.h"
#include "passes/Lowering/Contraction.h"
#include "passes/Lowering/MemRefUtils.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace orcinus;

/// Where `map` has each of `loops` alone; nothing where it has one of them
/// otherwise, or not at all.
static std::optional<SmallVector<unsigned>>
positionsOf(AffineMap map, ArrayRef<unsigned> loops) {
  SmallVector<unsigned> positions;
  for (unsigned loop : loops) {
    std::optional<unsigned> found;
    for (auto [at, result] : llvm::enumerate(map.getResults())) {
      if (!result.isFunctionOfDim(loop))
        continue;
      if (found || !isa<AffineDimExpr>(result))
        return std::nullopt;
      found = at;
    }
    if (!found)
      return std::nullopt;
    positions.push_back(*found);
  }
  return positions;
}

/// Whether `map` has each of `loops` alone or not at all.
static bool hasAloneOrNot(AffineMap map, ArrayRef<unsigned> loops) {
  return llvm::all_of(loops, [&](unsigned loop) {
    return !map.isFunctionOfDim(loop) || positionsOf(map, loop);
  });
}

/// Whether `op` can be in a chain at all.
static bool isCandidate(linalg::LinalgOp op) {
  return op.hasPureBufferSemantics() && op.getNumDpsInits() > 0 &&
         !op->hasAttr(eto::scheduleAttributeName) &&
         llvm::all_of(*op.getBlock(),
                      [](Operation &nested) { return isPure(&nested); });
}

/// Whether the extents of `op` and of all that it reads and writes are known
/// and not 0, but for those along the loops `outer`, which may be unknown.
static bool hasKnownExtents(linalg::LinalgOp op, ArrayRef<unsigned> outer) {
  for (auto [loop, extent] : llvm::enumerate(op.getStaticLoopRanges()))
    if (extent == 0 ||
        (ShapedType::isDynamic(extent) && !llvm::is_contained(outer, loop)))
      return false;
  // What one operand says of a loop another one may leave open.
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<MemRefType>(operand.get().getType());
    if (!type)
      continue;
    for (auto [extent, index] : llvm::zip(
             type.getShape(), op.getMatchingIndexingMap(&operand).getResults()))
      if (ShapedType::isDynamic(extent) &&
          llvm::none_of(outer, [index = index](unsigned loop) {
            return index.isFunctionOfDim(loop);
          }))
        return false;
  }
  return true;
}

/// The elements of a memref of `type` where each unknown extent is 1.
static int64_t fewestElements(MemRefType type) {
  int64_t count = 1;
  for (int64_t extent : type.getShape())
    count = saturatedProduct(count, ShapedType::isDynamic(extent) ? 1 : extent);
  return count;
}

static bool isProduct(linalg::LinalgOp op) {
  return succeeded(Contraction::match(op));
}

static bool isAllocation(Value value) {
  return static_cast<bool>(value.getDefiningOp<memref::AllocOp>());
}

/// Notes the loops of `last`, the last op of the chain, that `operand` and the
/// result have, as the chain's dimensions.
bool ProductChain::start(linalg::LinalgOp last, OpOperand &operand) {
  AffineMap map = last.getMatchingIndexingMap(&operand);
  AffineMap resultMap = last.getMatchingIndexingMap(last.getDpsInitOperand(0));
  SmallVector<unsigned> chosen;
  for (AffineExpr result : map.getResults())
    if (auto dimension = dyn_cast<AffineDimExpr>(result))
      if (resultMap.isFunctionOfDim(dimension.getPosition()))
        chosen.push_back(dimension.getPosition());
  SmallVector<int64_t> ranges = last.getStaticLoopRanges();
  std::optional<unsigned> row;
  for (auto [number, loop] : llvm::enumerate(chosen)) {
    extents.push_back(ranges[loop]);
    bool shared = llvm::any_of(
        last.getDpsInputOperands(), [&, loop = loop](OpOperand *input) {
          return input != &operand &&
                 last.getMatchingIndexingMap(input).isFunctionOfDim(loop);
        });
    if (!shared && !ShapedType::isDynamic(extents[number]) &&
        (!row || extents[number] > extents[*row]))
      row = number;
  }
  if (!row)
    return false;
  rowDimension = *row;
  if (!hasKnownExtents(last, withoutRow(chosen)))
    return false;
  for (OpOperand &each : last->getOpOperands())
    if (!hasAloneOrNot(last.getMatchingIndexingMap(&each), chosen))
      return false;
  localPositions[operand.get()] = *positionsOf(map, chosen);
  members.push_back(last);
  loops[last] = chosen;
  return true;
}

/// The loops of `own`, one for each of the chain's dimensions, but the row's.
SmallVector<unsigned> ProductChain::withoutRow(ArrayRef<unsigned> own) const {
  SmallVector<unsigned> outer(own);
  outer.erase(outer.begin() + rowDimension);
  return outer;
}

/// Takes up `op`, which is before the others and writes a local buffer; false
/// where it does not go through the same rows.
bool ProductChain::add(linalg::LinalgOp op) {
  if (!isCandidate(op))
    return false;
  SmallVector<unsigned> own;
  for (OpOperand &init : op.getDpsInitsMutable()) {
    auto local = localPositions.find(init.get());
    AffineMap map = op.getMatchingIndexingMap(&init);
    if (local == localPositions.end() || !map.isProjectedPermutation())
      return false;
    SmallVector<unsigned> found;
    for (unsigned position : local->second)
      found.push_back(map.getDimPosition(position));
    if (!own.empty() && found != own)
      return false;
    own = found;
  }
  if (!hasKnownExtents(op, withoutRow(own)))
    return false;
  bool product = isProduct(op);
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    std::optional<SmallVector<unsigned>> positions = positionsOf(map, own);
    auto known = localPositions.find(operand.get());
    if (known != localPositions.end() && positions != known->second)
      return false;
    if (!hasAloneOrNot(map, own))
      return false;
    // What a product reads is made before the chain.
    if (positions && !product && isAllocation(operand.get()))
      localPositions[operand.get()] = *positions;
  }
  members.push_back(op);
  loops[op] = own;
  return true;
}

/// Takes up what computes the local buffers, from the last op back.
void ProductChain::grow() {
  Operation *last = members.front();
  Value result = members.front().getDpsInits()[0];
  AffineMap resultMap = members.front().getMatchingIndexingMap(
      members.front().getDpsInitOperand(0));
  bool started = false;
  for (Operation *before = last->getPrevNode(); before;
       before = before->getPrevNode()) {
    auto op = dyn_cast<linalg::LinalgOp>(before);
    if (!op)
      continue;
    // What starts the result of the last op, which nobody looks at before.
    if (isa<linalg::FillOp>(before) && op.getDpsInits()[0] == result &&
        !started && isCandidate(op) &&
        nextUser(before, aliasesOf(result)) == last) {
      started = true;
      // A fill has a loop for each dimension of what it fills.
      loops[op] = *positionsOf(resultMap, loops[last]);
      members.push_back(op);
      continue;
    }
    if (llvm::any_of(op.getDpsInits(), [&](Value written) {
          return localPositions.contains(written);
        }))
      add(op);
  }
  std::reverse(members.begin(), members.end());
}

/// Whether the chain has two products, nothing else uses its buffers, and
/// nothing that it reads is written while it waits for its last op, or by the
/// last op for the rows before.
bool ProductChain::isWhole() const {
  linalg::LinalgOp last = members.back();
  auto isMember = [&](Operation *op) {
    return llvm::is_contained(members, op);
  };
  Value result = viewRoot(last.getDpsInits()[0]);
  for (linalg::LinalgOp op : members)
    if (llvm::any_of(op.getDpsInputs(), [&](Value input) {
          return isa<MemRefType>(input.getType()) && viewRoot(input) == result;
        }))
      return false;
  bool product = false;
  for (linalg::LinalgOp op : ArrayRef(members).drop_back()) {
    product |= isProduct(op);
    for (Value operand : op->getOperands())
      if (isa<MemRefType>(operand.getType()) &&
          !localPositions.contains(operand) &&
          writtenBetween(op, last, operand))
        return false;
  }
  return product && llvm::all_of(localPositions, [&](const auto &local) {
           return isAllocation(local.first) &&
                  llvm::all_of(local.first.getUsers(), isMember);
         });
}

std::optional<ProductChain> ProductChain::endingIn(linalg::LinalgOp last) {
  if (!isCandidate(last) || last.getNumDpsInits() != 1 || !isProduct(last))
    return std::nullopt;
  for (OpOperand *operand : last.getDpsInputOperands()) {
    if (!isAllocation(operand->get()))
      continue;
    ProductChain chain;
    if (!chain.start(last, *operand))
      continue;
    chain.grow();
    // An operand that only the last op has is none of the chain's own.
    chain.localPositions.remove_if([&](const auto &local) {
      return llvm::none_of(chain.members, [&](linalg::LinalgOp op) {
        return llvm::is_contained(op.getDpsInits(), local.first);
      });
    });
    if (chain.isWhole())
      return chain;
  }
  return std::nullopt;
}

SmallVector<unsigned> ProductChain::loopsOf(linalg::LinalgOp op) const {
  return loops.lookup(op);
}

int64_t ProductChain::localBytes() const {
  int64_t bytes = 0;
  for (const auto &[local, positions] : localPositions)
    bytes = saturatedSum(
        bytes,
        saturatedProduct(fewestElements(cast<MemRefType>(local.getType())),
                         elementBytes(getElementTypeOrSelf(local))));
  return bytes;
}

int64_t ProductChain::largestRowBytes() const {
  int64_t largest = 1;
  for (const auto &[local, positions] : localPositions) {
    int64_t bytes = elementBytes(getElementTypeOrSelf(local));
    for (auto [at, extent] :
         llvm::enumerate(cast<MemRefType>(local.getType()).getShape()))
      if (!llvm::is_contained(positions, at))
        bytes = saturatedProduct(bytes, extent);
    largest = std::max(largest, bytes);
  }
  return largest;
}

int64_t ProductChain::sharedBytes() const {
  int64_t largest = 0;
  for (linalg::LinalgOp op : members) {
    SmallVector<unsigned> own = loopsOf(op);
    SmallVector<int64_t> ranges = linalg::LinalgOp(op).getStaticLoopRanges();
    for (OpOperand *input : linalg::LinalgOp(op).getDpsInputOperands()) {
      AffineMap map = linalg::LinalgOp(op).getMatchingIndexingMap(input);
      if (!isa<MemRefType>(input->get().getType()) ||
          map.isFunctionOfDim(own[rowDimension]))
        continue;
      int64_t bytes = elementBytes(getElementTypeOrSelf(input->get()));
      for (unsigned loop = 0; loop < map.getNumDims(); ++loop)
        if (map.isFunctionOfDim(loop) && !llvm::is_contained(own, loop))
          bytes = saturatedProduct(bytes, ranges[loop]);
      largest = std::max(largest, bytes);
    }
  }
  return largest;
}
