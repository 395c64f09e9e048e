//===- CollapseContraction.cpp - Fewer loops for the same sums ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two dimensions that play the same part are one where every operand that has
// them walks through memory alike: the pixels of a 1×1 convolution are the rows
// of a matrix. A window's tap and the channels within it are one, too: an input
// read at (x * stride + tap, channel), whose channels are contiguous, is read
// at x * stride * channels + (tap * channels + channel).
//
// Rows are one dimension as soon as the left operand, which each step reads,
// walks alike. What is written or read once for a tile of rows may lie in
// pieces, as the result in the middle of a padded image: its indices are
// quotients of the row then.
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/AffineIndexing.h"
#include "passes/Lowering/Contraction.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace orcinus;

namespace {

struct Operand {
  Value *memref;
  AffineMap *map;
  /// Whether each step of the reduction reads it.
  bool isOfSteps = false;
};

/// Sums of fewer steps cost less than the divisions of an index.
constexpr int64_t fewestStepsPerDivision = 32;

} // namespace

/// The reassociation that joins dimension `at` of rank `rank` to the next.
static SmallVector<ReassociationIndices> joining(int64_t rank, unsigned at) {
  SmallVector<ReassociationIndices> groups;
  for (int64_t position = 0; position < rank; ++position) {
    if (position == static_cast<int64_t>(at) + 1)
      groups.back().push_back(position);
    else
      groups.push_back({position});
  }
  return groups;
}

/// Whether dimension `at` of `type`, which has one element, is as far from the
/// next as the dimension outside of it: both as one have the stride of that.
static bool keepsStride(MemRefType type, unsigned at) {
  SmallVector<int64_t> strides;
  int64_t offset;
  return succeeded(type.getStridesAndOffset(strides, offset)) &&
         !ShapedType::isDynamic(strides[at]) && strides[at - 1] == strides[at];
}

/// Where `operand` has `first` and, just within it, `second`, so that both can
/// be one; nothing where they cannot.
static std::optional<unsigned> joinPosition(Operand operand, unsigned first,
                                            unsigned second,
                                            int64_t secondExtent) {
  AffineMap map = *operand.map;
  std::optional<unsigned> at = positionOf(map, second);
  if (!at || *at == 0)
    return std::nullopt;
  for (auto [position, result] : llvm::enumerate(map.getResults()))
    if ((position != *at - 1 && result.isFunctionOfDim(first)) ||
        (position != *at && result.isFunctionOfDim(second)))
      return std::nullopt;
  std::optional<LinearIndex> outer =
      LinearIndex::of(map.getResult(*at - 1), map.getNumDims());
  auto type = cast<MemRefType>(operand.memref->getType());
  if (!outer || outer->coefficients[first] != 1 ||
      type.getDimSize(*at) != secondExtent ||
      (secondExtent == 1 && !keepsStride(type, *at)) ||
      !memref::CollapseShapeOp::isGuaranteedCollapsible(
          type, joining(type.getRank(), *at - 1)))
    return std::nullopt;
  return *at - 1;
}

/// Joins the results `at` and at + 1 of `operand`; `second` becomes both.
static void join(Operand operand, unsigned at, unsigned first, unsigned second,
                 int64_t secondExtent, OpBuilder &builder) {
  AffineMap map = *operand.map;
  MLIRContext *context = map.getContext();
  // What else moves along the outer index now moves whole runs of the inner.
  AffineExpr rest = map.getResult(at).replace(
      getAffineDimExpr(first, context), getAffineConstantExpr(0, context));
  SmallVector<AffineExpr> results(map.getResults());
  results[at] = rest * secondExtent + getAffineDimExpr(second, context);
  results.erase(results.begin() + at + 1);
  *operand.map = AffineMap::get(map.getNumDims(), 0, results, context);
  Value memref = *operand.memref;
  *operand.memref = memref::CollapseShapeOp::create(
      builder, memref.getLoc(), memref,
      joining(cast<MemRefType>(memref.getType()).getRank(), at));
}

static SmallVector<Operand> operandsOf(Contraction &contraction) {
  SmallVector<Operand> operands{
      {&contraction.left, &contraction.leftMap, /*isOfSteps=*/true},
      {&contraction.right, &contraction.rightMap, /*isOfSteps=*/true},
      {&contraction.result, &contraction.resultMap}};
  if (contraction.bias)
    operands.push_back({&contraction.bias, &contraction.biasMap});
  ContractionEpilogue &epilogue = contraction.epilogue;
  if (!epilogue.empty())
    operands.push_back({&epilogue.result, &epilogue.resultMap});
  for (ContractionEpilogue::Operand &operand : epilogue.operands)
    if (isa<MemRefType>(operand.value.getType()))
      operands.push_back({&operand.value, &operand.map});
  return operands;
}

/// Whether the row that `first` becomes a part of can be, and is worth being,
/// divided where its parts do not follow each other in memory.
static bool paysToDivide(const Contraction &contraction, unsigned first) {
  int64_t steps = contraction.summary().reduction;
  // The left operand says how many rows there are.
  return llvm::is_contained(contraction.rows, first) &&
         (ShapedType::isDynamic(steps) || steps >= fewestStepsPerDivision) &&
         (!ShapedType::isDynamic(contraction.extents[first]) ||
          positionOf(contraction.leftMap, first));
}

/// Makes `first` and `second`, which play the same part, one dimension, named
/// `second`; false where they are not neighbours in an operand whose index
/// cannot be a quotient of the row, as that of the left one cannot.
static bool collapsePair(Contraction &contraction, unsigned first,
                         unsigned second, bool mayDivide, OpBuilder &builder) {
  int64_t extent = contraction.extents[second];
  if (ShapedType::isDynamic(extent))
    return false;
  SmallVector<std::pair<Operand, unsigned>> joins;
  SmallVector<Operand> divisions;
  bool divides = mayDivide && paysToDivide(contraction, first);
  for (Operand operand : operandsOf(contraction)) {
    if (!operand.map->isFunctionOfDim(first) &&
        !operand.map->isFunctionOfDim(second))
      continue;
    if (std::optional<unsigned> at =
            joinPosition(operand, first, second, extent))
      joins.push_back({operand, *at});
    else if (divides && !operand.isOfSteps)
      divisions.push_back(operand);
    else
      return false;
  }
  for (auto [operand, at] : joins)
    join(operand, at, first, second, extent, builder);
  for (Operand operand : divisions)
    *operand.map = contraction.divided(*operand.map, second, {first, second},
                                       operand.map->getNumDims());
  int64_t outerExtent = contraction.extents[first];
  contraction.extents[second] = ShapedType::isDynamic(outerExtent)
                                    ? ShapedType::kDynamic
                                    : outerExtent * extent;
  contraction.extents[first] = 1;
  return true;
}

/// Collapses what can be of `dimensions`, which play one part; `last` is one of
/// the same part that stays where it is.
static void collapseAll(Contraction &contraction,
                        SmallVector<unsigned> &dimensions,
                        std::optional<unsigned> last, bool mayDivide,
                        OpBuilder &builder) {
  bool changed = true;
  while (changed) {
    changed = false;
    for (unsigned first : dimensions) {
      auto joinsInto = [&](unsigned second) {
        return second != first &&
               collapsePair(contraction, first, second, mayDivide, builder);
      };
      if (llvm::any_of(dimensions, joinsInto) || (last && joinsInto(*last))) {
        llvm::erase(dimensions, first);
        changed = true;
        break;
      }
    }
  }
}

AffineMap Contraction::divided(AffineMap map, unsigned row,
                               ArrayRef<unsigned> dimensions,
                               unsigned count) const {
  SmallVector<AffineExpr> parts;
  for (unsigned dimension = 0; dimension < count; ++dimension)
    parts.push_back(getAffineDimExpr(dimension, map.getContext()));
  AffineExpr rest = parts[row];
  for (unsigned dimension : llvm::reverse(dimensions.drop_front())) {
    parts[dimension] = rest % extents[dimension];
    rest = rest.floorDiv(extents[dimension]);
  }
  parts[dimensions.front()] = rest;
  return map.replaceDimsAndSymbols(parts, {}, count, 0);
}

void Contraction::collapse(OpBuilder &builder, bool mayDivide) {
  // A panel's maps divide the column: nothing can be joined to it.
  std::optional<unsigned> joinable;
  if (!panelColumns && !leftHasColumn)
    joinable = column;
  collapseAll(*this, outer, std::nullopt, mayDivide, builder);
  collapseAll(*this, rows, std::nullopt, mayDivide, builder);
  collapseAll(*this, outerColumns, joinable, mayDivide, builder);
  collapseAll(*this, reductions, std::nullopt, mayDivide, builder);
}
