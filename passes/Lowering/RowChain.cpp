//===- RowChain.cpp - Ops that go through the same rows -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/RowChain.h"

#include "passes/Lowering/MemRefUtils.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace orcinus;

/// The leading dimensions of the result of `op` that are loops.
static SmallVector<unsigned> leadingDimensions(linalg::GenericOp op) {
  SmallVector<unsigned> leading;
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  for (AffineExpr result : map.getResults()) {
    auto dimension = dyn_cast<AffineDimExpr>(result);
    if (!dimension)
      break;
    leading.push_back(dimension.getPosition());
  }
  return leading;
}

/// Whether `map` has the rows' dimensions `rows` first, each alone in its
/// result, and nowhere else.
static bool leadsWith(AffineMap map, ArrayRef<unsigned> rows) {
  if (map.getNumResults() < rows.size())
    return false;
  for (auto [at, result] : llvm::enumerate(map.getResults())) {
    if (at < rows.size()) {
      if (result != getAffineDimExpr(rows[at], map.getContext()))
        return false;
    } else if (llvm::any_of(rows, [&](unsigned row) {
                 return result.isFunctionOfDim(row);
               })) {
      return false;
    }
  }
  return true;
}

static bool isFreeOf(AffineMap map, ArrayRef<unsigned> rows) {
  return llvm::none_of(rows,
                       [&](unsigned row) { return map.isFunctionOfDim(row); });
}

/// How many of the leading dimensions of `op` every operand has first, or none
/// of: its rows. All outputs have them.
static size_t countRows(linalg::GenericOp op) {
  SmallVector<unsigned> leading = leadingDimensions(op);
  for (; !leading.empty(); leading.pop_back()) {
    auto fits = [&](OpOperand &operand) {
      AffineMap map = op.getMatchingIndexingMap(&operand);
      return leadsWith(map, leading) ||
             (!op.isDpsInit(&operand) && isFreeOf(map, leading));
    };
    if (llvm::all_of(op->getOpOperands(), fits))
      break;
  }
  return leading.size();
}

/// Leaves the last of `extents` one that is known, of which blocks are made.
static void dropOpenEnd(SmallVector<int64_t> &extents) {
  while (!extents.empty() && ShapedType::isDynamic(extents.back()))
    extents.pop_back();
}

SmallVector<unsigned> RowChain::rowDimensions(linalg::GenericOp op) const {
  SmallVector<unsigned> leading = leadingDimensions(op);
  leading.truncate(extents.size());
  return leading;
}

bool RowChain::isOfRow(OpOperand &operand) const {
  auto op = cast<linalg::GenericOp>(operand.getOwner());
  return !isFreeOf(op.getMatchingIndexingMap(&operand), rowDimensions(op));
}

/// Whether `operand` has the first `count` of the leading dimensions of its op
/// first, and nowhere else.
static bool hasRows(OpOperand &operand, size_t count) {
  auto op = cast<linalg::GenericOp>(operand.getOwner());
  SmallVector<unsigned> rows = leadingDimensions(op);
  rows.truncate(count);
  return leadsWith(op.getMatchingIndexingMap(&operand), rows);
}

/// Whether `op` may join: a buffer that one op of the chain writes and another
/// touches is the same in both, row by row.
bool RowChain::keepsOrder(linalg::GenericOp op, size_t rowCount) const {
  for (linalg::GenericOp before : members) {
    for (OpOperand &mine : op->getOpOperands()) {
      for (OpOperand &other : before->getOpOperands()) {
        bool written = op.isDpsInit(&mine) || before.isDpsInit(&other);
        if (!written || !isa<MemRefType>(mine.get().getType()) ||
            !isa<MemRefType>(other.get().getType()) ||
            viewRoot(mine.get()) != viewRoot(other.get()))
          continue;
        if (mine.get() != other.get() || !hasRows(mine, rowCount) ||
            !hasRows(other, rowCount))
          return false;
      }
    }
  }
  return true;
}

/// Whether `op` and an op before it have an operand in common that has `count`
/// rows in both: as many, whatever their extents are.
bool RowChain::sharesRows(linalg::GenericOp op, size_t count) const {
  for (linalg::GenericOp before : members)
    for (OpOperand &mine : op->getOpOperands())
      for (OpOperand &other : before->getOpOperands())
        if (mine.get() == other.get() && hasRows(mine, count) &&
            hasRows(other, count))
          return true;
  return false;
}

bool RowChain::add(linalg::GenericOp op) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  SmallVector<unsigned> leading = leadingDimensions(op);
  size_t count = countRows(op);
  SmallVector<int64_t> found;
  for (unsigned dimension : ArrayRef(leading).take_front(count))
    found.push_back(ranges[dimension]);
  if (!members.empty()) {
    size_t common = 0;
    while (
        common < std::min(found.size(), extents.size()) &&
        found[common] == extents[common] &&
        (!ShapedType::isDynamic(found[common]) || sharesRows(op, common + 1)))
      ++common;
    found.truncate(common);
  }
  dropOpenEnd(found);
  if (found.empty() || !keepsOrder(op, found.size()))
    return false;
  members.push_back(op);
  extents = found;
  return true;
}

/// Whether a chain can take `op` up at all.
static bool isCandidate(linalg::GenericOp op) {
  return op.hasPureBufferSemantics() && op.getNumLoops() > 0 &&
         op.getBody()->getOps<linalg::IndexOp>().empty() &&
         llvm::all_of(*op.getBody(),
                      [](Operation &nested) { return isPure(&nested); });
}

/// Whether the ops of a chain may move past `op`.
static bool isTransparent(Operation *op) {
  return isa<memref::AllocOp>(op) ||
         (isPure(op) && !isa<ViewLikeOpInterface>(op));
}

bool RowChain::complete() {
  bool allRows = llvm::all_of(members, [&](linalg::GenericOp op) {
    return op.getNumLoops() == extents.size();
  });
  if (allRows && !extents.empty())
    extents.pop_back();
  dropOpenEnd(extents);
  return members.size() > 1 && !extents.empty();
}

SmallVector<RowChain> orcinus::findRowChains(Block &block) {
  SmallVector<RowChain> chains;
  RowChain current;
  auto finish = [&] {
    if (current.complete())
      chains.push_back(current);
    current = RowChain();
  };
  for (Operation &op : block) {
    auto generic = dyn_cast<linalg::GenericOp>(op);
    if (generic && isCandidate(generic)) {
      if (current.add(generic))
        continue;
      finish();
      current.add(generic);
    } else if (!isTransparent(&op)) {
      finish();
    }
  }
  finish();
  return chains;
}

SmallVector<Value> RowChain::localBuffers() const {
  llvm::SetVector<Value> buffers;
  for (linalg::GenericOp op : members)
    for (Value output : op.getDpsInits())
      if (auto allocation = output.getDefiningOp<memref::AllocOp>())
        if (llvm::all_of(allocation->getUsers(), [&](Operation *user) {
              return llvm::is_contained(members, user);
            }))
          buffers.insert(output);
  return buffers.takeVector();
}

Value RowChain::standInFor(Value local) const {
  linalg::GenericOp last;
  for (linalg::GenericOp op : members)
    if (llvm::is_contained(op->getOperands(), local))
      last = op;
  if (last.getNumDpsInits() != 1 || last.getNumReductionLoops() != 0)
    return Value();
  OpOperand &output = *last.getDpsInitOperand(0);
  AffineMap map = last.getMatchingIndexingMap(&output);
  if (output.get() == local || output.get().getType() != local.getType() ||
      !last.getMatchingBlockArgument(&output).use_empty())
    return Value();
  for (OpOperand &operand : last->getOpOperands())
    if (operand.get() == local && last.getMatchingIndexingMap(&operand) != map)
      return Value();
  for (linalg::GenericOp op : members)
    for (OpOperand &operand : op->getOpOperands())
      if (&operand != &output && isa<MemRefType>(operand.get().getType()) &&
          viewRoot(operand.get()) == viewRoot(output.get()))
        return Value();
  return output.get();
}
