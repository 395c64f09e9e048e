//===- Contraction.cpp - What a contraction multiplies and sums -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Contraction.h"

#include "passes/Lowering/MemRefUtils.h"

#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace orcinus;

/// Rows below which transposing the right operand is not worth it.
static constexpr int64_t fewestRowsForTranspose = 8;

static bool contains(AffineMap map, unsigned dimension) {
  return llvm::any_of(map.getResults(), [&](AffineExpr result) {
    return result.isFunctionOfDim(dimension);
  });
}

static bool isInnermost(AffineMap map, unsigned dimension) {
  return map.getNumResults() > 0 &&
         map.getResult(map.getNumResults() - 1).isFunctionOfDim(dimension);
}

/// Whether `op` multiplies two operands and adds to the third, in one
/// floating-point type and without casts.
static bool isPlainContraction(linalg::LinalgOp op) {
  if (!op.hasPureBufferSemantics() || op.getNumDpsInputs() != 2 ||
      op.getNumDpsInits() != 1 || !linalg::isaContractionOpInterface(op) ||
      !llvm::hasNItems(op.getBlock()->begin(), op.getBlock()->end(), 3))
    return false;
  Type elementType =
      cast<MemRefType>(op->getOperand(2).getType()).getElementType();
  if (!elementType.isF32() && !elementType.isF64())
    return false;
  return llvm::all_of(op->getOperandTypes(), [&](Type type) {
    return cast<MemRefType>(type).getElementType() == elementType;
  });
}

/// Orders `dimensions` by extent, the longest (or unknown) first.
static void sortLongestFirst(SmallVector<unsigned> &dimensions,
                             ArrayRef<int64_t> extents) {
  auto key = [&](unsigned dimension) {
    int64_t length = ShapedType::isDynamic(extents[dimension])
                         ? std::numeric_limits<int64_t>::max()
                         : extents[dimension];
    return std::pair(-length, dimension);
  };
  llvm::sort(dimensions, [&](unsigned one, unsigned other) {
    return key(one) < key(other);
  });
}

FailureOr<Contraction> Contraction::match(linalg::LinalgOp op) {
  if (!isPlainContraction(op))
    return failure();
  Contraction found;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  found.left = op->getOperand(0);
  found.right = op->getOperand(1);
  found.result = op->getOperand(2);
  found.leftMap = maps[0];
  found.rightMap = maps[1];
  found.resultMap = maps[2];
  found.extents = op.getStaticLoopRanges();
  if (found.resultMap.getNumResults() == 0)
    return failure();
  found.column =
      found.resultMap.getDimPosition(found.resultMap.getNumResults() - 1);
  if (!contains(found.rightMap, found.column)) {
    std::swap(found.left, found.right);
    std::swap(found.leftMap, found.rightMap);
  }
  if (contains(found.leftMap, found.column) ||
      !hasUnitInnermostStride(found.result))
    return failure();

  SmallVector<unsigned> rows;
  for (unsigned dimension = 0; dimension < op.getNumLoops(); ++dimension) {
    bool inLeft = contains(found.leftMap, dimension);
    bool inRight = contains(found.rightMap, dimension);
    if (!contains(found.resultMap, dimension)) {
      if (!inLeft || !inRight)
        return failure();
      found.reductions.push_back(dimension);
    } else if (inLeft) {
      (inRight ? found.outer : rows).push_back(dimension);
    } else if (dimension != found.column) {
      found.outerColumns.push_back(dimension);
    }
  }
  sortLongestFirst(rows, found.extents);
  sortLongestFirst(found.reductions, found.extents);
  if (!rows.empty()) {
    found.row = rows.front();
    found.outer.append(rows.begin() + 1, rows.end());
  }

  if (!isInnermost(found.rightMap, found.column) ||
      !hasUnitInnermostStride(found.right)) {
    int64_t rowExtent = found.row ? found.extents[*found.row] : 1;
    if (!ShapedType::isDynamic(rowExtent) && rowExtent < fewestRowsForTranspose)
      return failure();
    found.transposeRight = true;
  }
  return found;
}

/// Whether `op` yields its only input.
static bool isBroadcast(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 1 || op.getNumDpsInits() != 1 ||
      op.getNumParallelLoops() != op.getNumLoops())
    return false;
  Operation *terminator = op.getBlock()->getTerminator();
  return terminator == &op.getBlock()->front() &&
         terminator->getOperand(0) == op.getBlock()->getArgument(0) &&
         op.getIndexingMapsArray()[1].isIdentity() &&
         op.getIndexingMapsArray()[0].isProjectedPermutation();
}

/// Makes `bias`, broadcast by `map` over the result, the start where its
/// innermost dimension is the column.
static bool takeBias(Contraction &contraction, Value bias, AffineMap map) {
  unsigned columnPosition = contraction.resultMap.getNumResults() - 1;
  auto type = dyn_cast<MemRefType>(bias.getType());
  if (!type || type.getElementType() != contraction.elementType() ||
      !isInnermost(map, columnPosition) || !hasUnitInnermostStride(bias))
    return false;
  contraction.start = Contraction::Start::Bias;
  contraction.bias = bias;
  for (unsigned position = 0; position < map.getNumResults(); ++position)
    contraction.biasDimensions.push_back(map.getDimPosition(position));
  return true;
}

/// Whether `op` starts all of `result` and can be absorbed; notes how.
static bool takeStart(Contraction &contraction, Operation *op) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || !linalgOp.hasPureBufferSemantics() ||
      linalgOp.getNumDpsInits() != 1 ||
      linalgOp.getDpsInits()[0] != contraction.result)
    return false;
  if (auto fill = dyn_cast<linalg::FillOp>(op)) {
    if (!matchPattern(fill.getInputs()[0], m_AnyZeroFloat()))
      return false;
    contraction.start = Contraction::Start::Zero;
    return true;
  }
  return isBroadcast(linalgOp) &&
         takeBias(contraction, linalgOp.getDpsInputs()[0],
                  linalgOp.getIndexingMapsArray()[0]);
}

/// Whether an op between `first` and `last`, ops of one block, could write the
/// memory of `value`.
static bool writtenBetween(Operation *first, Operation *last, Value value) {
  llvm::DenseSet<Value> aliases = aliasesOf(value);
  for (Operation *op = first->getNextNode(); op != last;
       op = op->getNextNode()) {
    if (!uses(op, aliases) || isa<ViewLikeOpInterface>(op))
      continue;
    auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
    if (!linalgOp || llvm::any_of(linalgOp.getDpsInits(), [&](Value written) {
          return aliases.contains(written);
        }))
      return true;
  }
  return false;
}

Operation *Contraction::absorbInitialisation(linalg::LinalgOp op) {
  Value root = viewRoot(result);
  if (!isa<BlockArgument>(root) && !root.getDefiningOp<memref::AllocOp>())
    return nullptr;
  llvm::DenseSet<Value> aliases = aliasesOf(root);
  if (aliases.contains(left) || aliases.contains(right))
    return nullptr;
  for (Operation *before = op->getPrevNode(); before;
       before = before->getPrevNode()) {
    if (!uses(before, aliases) || isa<ViewLikeOpInterface>(before))
      continue;
    Contraction absorbed = *this;
    if (!takeStart(absorbed, before))
      return nullptr;
    if (absorbed.bias && (aliases.contains(absorbed.bias) ||
                          writtenBetween(before, op, absorbed.bias)))
      return nullptr;
    *this = absorbed;
    return before;
  }
  return nullptr;
}

Type Contraction::elementType() const {
  return cast<MemRefType>(result.getType()).getElementType();
}

ContractionExtents Contraction::summary() const {
  auto product = [&](ArrayRef<unsigned> dimensions) {
    int64_t total = 1;
    for (unsigned dimension : dimensions) {
      if (ShapedType::isDynamic(extents[dimension]))
        return ShapedType::kDynamic;
      total *= extents[dimension];
    }
    return total;
  };
  ContractionExtents summary;
  summary.batches = product(outer);
  summary.rows = row ? extents[*row] : 1;
  summary.columns = extents[column];
  summary.reduction = product(reductions);
  return summary;
}

std::string Contraction::signature() const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << left.getType() << right.getType() << result.getType() << leftMap
         << rightMap << resultMap << static_cast<int>(start);
  if (bias) {
    stream << bias.getType();
    llvm::interleaveComma(biasDimensions, stream);
  }
  return text;
}
