//===- ContractionIndices.cpp - Places in a contraction's loops -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Target/ContractionIndices.h"

#include "passes/Lowering/AffineIndexing.h"

using namespace mlir;
using namespace orcinus;

/// The extent of a loop dimension, from an operand that has it.
static Value extentOf(LoopBuilder &b, const Contraction &contraction,
                      unsigned dimension) {
  if (!ShapedType::isDynamic(contraction.extents[dimension]))
    return b.constant(contraction.extents[dimension]);
  for (auto [memref, map] :
       {std::pair(contraction.left, contraction.leftMap),
        std::pair(contraction.right, contraction.rightMap),
        std::pair(contraction.result, contraction.resultMap)})
    if (std::optional<unsigned> at = positionOf(map, dimension))
      return b.extent(memref, *at);
  llvm_unreachable("a contraction knows its extents");
}

Value orcinus::countOf(LoopBuilder &b, const Contraction &contraction,
                       ArrayRef<unsigned> dimensions) {
  Value count = b.constant(1);
  for (unsigned dimension : dimensions)
    count = b.multiply(count, extentOf(b, contraction, dimension));
  return count;
}

void orcinus::place(LoopBuilder &b, const Contraction &contraction,
                    Value number, ArrayRef<unsigned> dimensions,
                    MutableArrayRef<Value> position) {
  if (dimensions.empty())
    return;
  SmallVector<Value> inner;
  for (unsigned dimension : dimensions.drop_front())
    inner.push_back(extentOf(b, contraction, dimension));
  for (auto [dimension, index] :
       llvm::zip_equal(dimensions, b.delinearize(number, inner)))
    position[dimension] = index;
}

SmallVector<Value> orcinus::indicesAt(LoopBuilder &b, AffineMap map,
                                      ValueRange position) {
  SmallVector<Value> indices;
  for (AffineExpr expression : map.getResults())
    indices.push_back(
        emitIndex(b, *LinearIndex::of(expression, map.getNumDims()), position));
  return indices;
}
