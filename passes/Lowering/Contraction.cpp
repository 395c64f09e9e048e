//===- Contraction.cpp - What a contraction multiplies and sums -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Contraction.h"

#include "lib/Tuning/SumOfProducts.h"
#include "orcinus/Support/CheckedArithmetic.h"
#include "passes/Lowering/AffineIndexing.h"
#include "passes/Lowering/MemRefUtils.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"

#include "llvm/Support/raw_ostream.h"

#include <array>

using namespace mlir;
using namespace orcinus;

/// What an op extends to make `value` of it, else `value`.
static Value behindExtension(Value value) {
  auto extension = value.getDefiningOp<arith::ExtFOp>();
  return extension ? extension.getIn() : value;
}

bool orcinus::multipliesAndAdds(Block &body, bool extends) {
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
  if (!(op.hasPureBufferSemantics() || op.hasPureTensorSemantics()) ||
      op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 ||
      op.getNumReductionLoops() == 0)
    return false;
  SmallVector<Type> types;
  for (Type type : op->getOperandTypes()) {
    if (!isa<MemRefType, RankedTensorType>(type))
      return false;
    types.push_back(getElementTypeOrSelf(type));
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

/// `map` as a sum for each index, where it leads into panels of `panelColumns`
/// columns with the column in the place of the element of a panel; nothing
/// where it is no such map.
static std::optional<IndexMap> indexMapOf(AffineMap map, unsigned column,
                                          int64_t panelColumns) {
  if (map.getNumSymbols() != 0)
    return std::nullopt;
  IndexMap indices;
  for (auto [at, result] : llvm::enumerate(map.getResults())) {
    bool ofPanel = panelColumns && result.isFunctionOfDim(column);
    if (ofPanel && !isa<AffineBinaryOpExpr>(result))
      return std::nullopt;
    if (ofPanel && at + 1 < map.getNumResults())
      continue;
    std::optional<LinearIndex> linear = LinearIndex::of(
        ofPanel ? getAffineDimExpr(column, map.getContext()) : result,
        map.getNumDims());
    if (!linear)
      return std::nullopt;
    IndexExpression index;
    index.constant = linear->constant;
    for (auto [loop, coefficient] : llvm::enumerate(linear->coefficients))
      if (coefficient != 0)
        index.terms.emplace_back(loop, coefficient);
    indices.push_back(std::move(index));
  }
  return indices;
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

/// `map` without what dimensions of extent 1 add to its indices: a window of
/// one pixel does not slide. The column stays: one operand must have it. So
/// does the window along a dimension of unknown extent, which would be taken
/// for that of the operand, although that may be larger.
static AffineMap withoutUnitTerms(AffineMap map, ArrayRef<int64_t> extents,
                                  unsigned column) {
  MLIRContext *context = map.getContext();
  SmallVector<AffineExpr> known;
  for (auto [dimension, extent] : llvm::enumerate(extents))
    known.push_back(extent == 1 && dimension != column
                        ? getAffineConstantExpr(0, context)
                        : getAffineDimExpr(dimension, context));
  auto simplify = [&](AffineExpr result) -> AffineExpr {
    if (isa<AffineDimExpr>(result) ||
        !LinearIndex::of(result, map.getNumDims()))
      return result;
    AffineExpr simple = result.replaceDims(known);
    auto alone = dyn_cast<AffineDimExpr>(simple);
    return alone && ShapedType::isDynamic(extents[alone.getPosition()])
               ? result
               : simple;
  };
  return AffineMap::get(map.getNumDims(), 0,
                        llvm::map_to_vector(map.getResults(), simplify),
                        context);
}

static SmallVector<unsigned> dimensionsOf(const std::vector<size_t> &loops) {
  return llvm::map_to_vector(
      loops, [](size_t loop) { return static_cast<unsigned>(loop); });
}

FailureOr<Contraction> Contraction::match(linalg::LinalgOp op) {
  if (!sumsProducts(op))
    return failure();
  Contraction found;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  found.extents = op.getStaticLoopRanges();
  found.resultMap = maps[2];
  if (maps[2].getNumResults() == 0 || !maps[2].isProjectedPermutation())
    return failure();
  found.column = maps[2].getDimPosition(maps[2].getNumResults() - 1);

  std::array<SumOfProducts::Operand, 3> operands;
  int64_t panels[3] = {};
  for (unsigned number = 0; number < operands.size(); ++number) {
    if (number < 2)
      panels[number] = panelColumnsOf(maps[number], found.column);
    std::optional<IndexMap> map =
        indexMapOf(maps[number], found.column, panels[number]);
    if (!map)
      return failure();
    operands[number] = {std::move(*map),
                        hasUnitInnermostStride(op->getOperand(number))};
  }
  std::vector<int64_t> extents;
  for (int64_t extent : found.extents)
    extents.push_back(ShapedType::isDynamic(extent) ? SumOfProducts::unknown
                                                    : extent);
  StatusOr<SumOfProducts> parts =
      SumOfProducts::of({operands[0], operands[1]}, operands[2], extents);
  if (!parts.ok() || panels[parts->left] ||
      (panels[parts->right] && !parts->rightIsDirect))
    return failure();

  found.left = op->getOperand(parts->left);
  found.right = op->getOperand(parts->right);
  found.result = op->getOperand(2);
  found.leftMap =
      withoutUnitTerms(maps[parts->left], found.extents, found.column);
  found.rightMap =
      withoutUnitTerms(maps[parts->right], found.extents, found.column);
  found.outer = dimensionsOf(parts->outer);
  found.rows = dimensionsOf(parts->rows);
  found.outerColumns = dimensionsOf(parts->outerColumns);
  found.reductions = dimensionsOf(parts->reductions);
  found.leftHasColumn = parts->leftHasColumn;
  found.panelColumns = panels[parts->right];
  bool isPermutation = found.rightMap.isProjectedPermutation();
  found.transposeRight = !parts->rightIsDirect && isPermutation;
  found.gatherRight = !parts->rightIsDirect && !isPermutation;
  found.pays = parts->pays;
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
/// innermost dimension is the column, or none is.
static bool takeBias(Contraction &contraction, Value bias, AffineMap map) {
  unsigned columnPosition = contraction.resultMap.getNumResults() - 1;
  auto type = dyn_cast<MemRefType>(bias.getType());
  if (!type || type.getElementType() != contraction.elementType() ||
      (map.isFunctionOfDim(columnPosition) &&
       (!runsAlongInnermost(map, columnPosition) ||
        !hasUnitInnermostStride(bias))))
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

void Contraction::storeInPlace() {
  if (epilogue.empty() || start == Start::Result ||
      getElementTypeOrSelf(epilogue.result) != elementType())
    return;
  Value root = viewRoot(epilogue.result);
  for (const ContractionEpilogue::Operand &operand : epilogue.operands)
    if (isa<MemRefType>(operand.value.getType()) &&
        viewRoot(operand.value) == root)
      return;
  result = epilogue.result;
  resultMap = epilogue.resultMap;
}

SmallVector<Value *> Contraction::arguments() {
  SmallVector<Value *> values{&left, &right, &result};
  if (bias)
    values.push_back(&bias);
  if (epilogue.empty())
    return values;
  values.push_back(&epilogue.result);
  for (ContractionEpilogue::Operand &operand : epilogue.operands)
    values.push_back(&operand.value);
  return values;
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
  stream << epilogue.signature();
  return text;
}
