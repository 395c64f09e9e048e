//===- AffineIndexing.cpp - Indices by affine maps ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/AffineIndexing.h"

#include "mlir/Analysis/FlatLinearValueConstraints.h"

using namespace mlir;
using namespace orcinus;

std::optional<LinearIndex> LinearIndex::of(AffineExpr expression,
                                           unsigned dimensionCount) {
  SmallVector<int64_t> flat;
  // One more coefficient stands for each division.
  if (failed(getFlattenedAffineExpr(expression, dimensionCount,
                                    /*numSymbols=*/0, &flat)) ||
      flat.size() != dimensionCount + 1)
    return std::nullopt;
  LinearIndex index;
  index.constant = flat.pop_back_val();
  index.coefficients = std::move(flat);
  return index;
}

bool orcinus::isLinear(AffineMap map) {
  return map.getNumSymbols() == 0 &&
         llvm::all_of(map.getResults(), [&](AffineExpr result) {
           return LinearIndex::of(result, map.getNumDims()).has_value();
         });
}

std::optional<unsigned> orcinus::positionOf(AffineMap map, unsigned dimension) {
  return map.getResultPosition(getAffineDimExpr(dimension, map.getContext()));
}

bool orcinus::runsAlongInnermost(AffineMap map, unsigned dimension) {
  if (map.getNumResults() == 0)
    return false;
  for (AffineExpr outer : map.getResults().drop_back())
    if (outer.isFunctionOfDim(dimension))
      return false;
  std::optional<LinearIndex> innermost =
      LinearIndex::of(map.getResults().back(), map.getNumDims());
  return innermost && innermost->coefficients[dimension] == 1;
}

Value orcinus::emitIndex(LoopBuilder &loops, const LinearIndex &index,
                         ValueRange position) {
  Value sum;
  for (auto [coefficient, value] :
       llvm::zip_equal(index.coefficients, position)) {
    if (coefficient == 0)
      continue;
    Value term = coefficient == 1
                     ? value
                     : loops.multiply(value, loops.constant(coefficient));
    sum = sum ? loops.add(sum, term) : term;
  }
  if (!sum)
    return loops.constant(index.constant);
  return index.constant ? loops.add(sum, loops.constant(index.constant)) : sum;
}
