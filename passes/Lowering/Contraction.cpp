//===- Contraction.cpp - What a contraction multiplies and sums -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Contraction.h"

#include "orcinus/Support/CheckedArithmetic.h"
#include "passes/Lowering/AffineIndexing.h"
#include "passes/Lowering/MemRefUtils.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace orcinus;

/// Rows below which transposing the right operand is not worth it.
static constexpr int64_t fewestRowsForTranspose = 8;

static bool contains(AffineMap map, unsigned dimension) {
  return map.isFunctionOfDim(dimension);
}

/// What an op extends to make `value` of it, else `value`.
static Value behindExtension(Value value) {
  auto extension = value.getDefiningOp<arith::ExtFOp>();
  return extension ? extension.getIn() : value;
}

/// Whether `body` adds to its last argument the product of the first two, which
/// it extends first where `extends`.
static bool multipliesAndAdds(Block &body, bool extends) {
  if (!llvm::hasNItems(body.begin(), body.end(), extends ? 5 : 3))
    return false;
  auto isPair = [](Operation *op, Value one, Value other) {
    Value left = behindExtension(op->getOperand(0));
    Value right = behindExtension(op->getOperand(1));
    return (left == one && right == other) || (left == other && right == one);
  };
  auto sum = body.getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!sum)
    return false;
  for (Value term : sum->getOperands())
    if (auto product = term.getDefiningOp<arith::MulFOp>())
      return isPair(product, body.getArgument(0), body.getArgument(1)) &&
             isPair(sum, body.getArgument(2), product);
  return false;
}

/// Whether `op` sums products of two operands in the third, in one
/// floating-point type or of f16 or bf16 in f32.
static bool sumsProducts(linalg::LinalgOp op) {
  if (!op.hasPureBufferSemantics() || op.getNumDpsInputs() != 2 ||
      op.getNumDpsInits() != 1 || op.getNumReductionLoops() == 0)
    return false;
  SmallVector<Type> types;
  for (Type type : op->getOperandTypes()) {
    auto memref = dyn_cast<MemRefType>(type);
    if (!memref)
      return false;
    types.push_back(memref.getElementType());
  }
  bool extends = types[0] != types[2];
  bool isHalf = types[0].isF16() || types[0].isBF16();
  return types[0] == types[1] &&
         (types[2].isF32() || (types[2].isF64() && !extends)) &&
         (isHalf || !extends) && multipliesAndAdds(*op.getBlock(), extends);
}

/// The columns of a panel where `map` leads into panels of `column`, else 0.
static int64_t panelColumnsOf(AffineMap map, unsigned column) {
  if (map.getNumResults() < 2)
    return 0;
  auto inPanel = dyn_cast<AffineBinaryOpExpr>(map.getResults().back());
  if (!inPanel || inPanel.getKind() != AffineExprKind::Mod ||
      inPanel.getLHS() != getAffineDimExpr(column, map.getContext()))
    return 0;
  auto width = dyn_cast<AffineConstantExpr>(inPanel.getRHS());
  AffineExpr panel = inPanel.getLHS().floorDiv(inPanel.getRHS());
  return width && llvm::is_contained(map.getResults(), panel) ? width.getValue()
                                                              : 0;
}

/// Whether each result of `map` is linear, those of a panel aside.
static bool isLinearButForPanels(AffineMap map, unsigned column,
                                 int64_t panelColumns) {
  if (!panelColumns)
    return isLinear(map);
  return llvm::all_of(map.getResults(), [&](AffineExpr result) {
    return result.isFunctionOfDim(column)
               ? isa<AffineBinaryOpExpr>(result)
               : LinearIndex::of(result, map.getNumDims()).has_value();
  });
}

/// Whether the extent of each dimension is known or that of an operand.
static bool knowsExtents(const Contraction &contraction) {
  for (auto [dimension, extent] : llvm::enumerate(contraction.extents))
    if (ShapedType::isDynamic(extent) &&
        !positionOf(contraction.leftMap, dimension) &&
        !positionOf(contraction.rightMap, dimension) &&
        !positionOf(contraction.resultMap, dimension))
      return false;
  return true;
}

/// Orders `dimensions` as `map` has them.
static void sortByMap(SmallVector<unsigned> &dimensions, AffineMap map) {
  auto key = [&](unsigned dimension) {
    const auto *result =
        llvm::find_if(map.getResults(), [&](AffineExpr result) {
          return result.isFunctionOfDim(dimension);
        });
    return std::pair(result, dimension);
  };
  llvm::sort(dimensions, [&](unsigned one, unsigned other) {
    return key(one) < key(other);
  });
}

/// The longest of `dimensions`, of two such the later one; an unknown extent
/// counts as the longest.
static unsigned longest(ArrayRef<unsigned> dimensions,
                        ArrayRef<int64_t> extents) {
  auto length = [&](unsigned dimension) {
    return ShapedType::isDynamic(extents[dimension])
               ? std::numeric_limits<int64_t>::max()
               : extents[dimension];
  };
  unsigned best = dimensions.front();
  for (unsigned dimension : dimensions)
    if (length(dimension) >= length(best))
      best = dimension;
  return best;
}

std::optional<unsigned> Contraction::longestRow() const {
  if (rows.empty())
    return std::nullopt;
  return longest(rows, extents);
}

unsigned Contraction::longestReduction() const {
  return longest(reductions, extents);
}

/// Sets the part that each dimension plays; false where one plays none.
static bool assignDimensions(Contraction &contraction) {
  std::optional<unsigned> unitReduction;
  for (unsigned dimension = 0; dimension < contraction.extents.size();
       ++dimension) {
    bool inLeft = contains(contraction.leftMap, dimension);
    bool inRight = contains(contraction.rightMap, dimension);
    bool inResult = contains(contraction.resultMap, dimension);
    if (dimension == contraction.column)
      continue;
    if (contraction.extents[dimension] == 1) {
      if (!inResult)
        unitReduction = dimension;
      continue;
    }
    if (!inResult) {
      if (!inLeft || !inRight)
        return false;
      contraction.reductions.push_back(dimension);
    } else if (inLeft) {
      (inRight ? contraction.outer : contraction.rows).push_back(dimension);
    } else {
      contraction.outerColumns.push_back(dimension);
    }
  }
  if (contraction.reductions.empty() && unitReduction)
    contraction.reductions.push_back(*unitReduction);
  sortByMap(contraction.rows, contraction.resultMap);
  sortByMap(contraction.reductions, contraction.rightMap);
  return !contraction.reductions.empty();
}

/// `map` without what dimensions of extent 1 add to its indices: a window of
/// one pixel does not slide. The column stays: one operand must have it.
static AffineMap withoutUnitTerms(AffineMap map, ArrayRef<int64_t> extents,
                                  unsigned column) {
  MLIRContext *context = map.getContext();
  SmallVector<AffineExpr> known;
  for (auto [dimension, extent] : llvm::enumerate(extents))
    known.push_back(extent == 1 && dimension != column
                        ? getAffineConstantExpr(0, context)
                        : getAffineDimExpr(dimension, context));
  SmallVector<AffineExpr> results;
  for (AffineExpr result : map.getResults())
    results.push_back(isa<AffineDimExpr>(result) ||
                              !LinearIndex::of(result, map.getNumDims())
                          ? result
                          : result.replaceDims(known));
  return AffineMap::get(map.getNumDims(), 0, results, context);
}

/// Orders the operands such that the column comes from the right one and, where
/// both have it, the rows from the left one.
static void orderOperands(Contraction &contraction) {
  auto resultDimensions = [&](AffineMap map) {
    return llvm::count_if(
        contraction.resultMap.getResults(), [&](AffineExpr result) {
          return contains(map, cast<AffineDimExpr>(result).getPosition());
        });
  };
  bool inLeft = contains(contraction.leftMap, contraction.column);
  bool inRight = contains(contraction.rightMap, contraction.column);
  if (!inRight || (inLeft && resultDimensions(contraction.leftMap) <
                                 resultDimensions(contraction.rightMap))) {
    std::swap(contraction.left, contraction.right);
    std::swap(contraction.leftMap, contraction.rightMap);
  }
}

FailureOr<Contraction> Contraction::match(linalg::LinalgOp op) {
  if (!sumsProducts(op))
    return failure();
  Contraction found;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  found.extents = op.getStaticLoopRanges();
  found.left = op->getOperand(0);
  found.right = op->getOperand(1);
  found.result = op->getOperand(2);
  found.resultMap = maps[2];
  if (found.resultMap.getNumResults() == 0 ||
      !found.resultMap.isProjectedPermutation() ||
      !hasUnitInnermostStride(found.result))
    return failure();
  found.column =
      found.resultMap.getDimPosition(found.resultMap.getNumResults() - 1);
  found.leftMap = withoutUnitTerms(maps[0], found.extents, found.column);
  found.rightMap = withoutUnitTerms(maps[1], found.extents, found.column);
  orderOperands(found);
  found.leftHasColumn = contains(found.leftMap, found.column);
  found.panelColumns = panelColumnsOf(found.rightMap, found.column);
  if (!isLinear(found.leftMap) ||
      !isLinearButForPanels(found.rightMap, found.column, found.panelColumns) ||
      !knowsExtents(found) || !assignDimensions(found))
    return failure();
  if (found.leftHasColumn &&
      (found.rows.empty() || !runsAlongInnermost(found.leftMap, found.column) ||
       !hasUnitInnermostStride(found.left)))
    return failure();

  if (!hasUnitInnermostStride(found.right) ||
      (!found.panelColumns &&
       !runsAlongInnermost(found.rightMap, found.column))) {
    std::optional<unsigned> row = found.longestRow();
    int64_t rowExtent = row ? found.extents[*row] : 1;
    if (found.panelColumns || (!ShapedType::isDynamic(rowExtent) &&
                               rowExtent < fewestRowsForTranspose))
      return failure();
    bool isPermutation = found.rightMap.isProjectedPermutation();
    found.transposeRight = isPermutation;
    found.gatherRight = !isPermutation;
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
      !runsAlongInnermost(map, columnPosition) || !hasUnitInnermostStride(bias))
    return false;
  contraction.start = Contraction::Start::Bias;
  contraction.bias = bias;
  contraction.biasMap = map.compose(contraction.resultMap);
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

Type Contraction::operandType() const {
  return cast<MemRefType>(left.getType()).getElementType();
}

ContractionExtents Contraction::summary() const {
  auto product = [&](ArrayRef<unsigned> dimensions) {
    int64_t total = 1;
    for (unsigned dimension : dimensions) {
      if (ShapedType::isDynamic(extents[dimension]))
        return ShapedType::kDynamic;
      total = saturatedProduct(total, extents[dimension]);
    }
    return total;
  };
  ContractionExtents summary;
  summary.batches = product(outer);
  if (std::optional<unsigned> row = longestRow()) {
    summary.rows = extents[*row];
    summary.allRows = product(rows);
  }
  summary.columns = extents[column];
  summary.reduction = product(reductions);
  summary.longestReduction = extents[longestReduction()];
  summary.panelColumns = panelColumns;
  summary.leftHasColumn = leftHasColumn;
  return summary;
}

std::string Contraction::signature() const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << left.getType() << right.getType() << result.getType() << leftMap
         << rightMap << resultMap << static_cast<int>(start);
  if (bias) {
    stream << bias.getType() << biasMap;
  }
  return text;
}
