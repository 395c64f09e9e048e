//===- AffineIndexing.h - Indices by affine maps ----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_AFFINEINDEXING_H
#define ORCINUS_PASSES_LOWERING_AFFINEINDEXING_H

#include "passes/Lowering/LoopBuilder.h"

#include "mlir/IR/AffineMap.h"

#include <optional>

namespace orcinus {

/// An index Σ coefficients[d] · d + constant over loop dimensions d.
struct LinearIndex {
  llvm::SmallVector<int64_t> coefficients;
  int64_t constant = 0;

  /// The linear form of `expression`, or nothing where it divides.
  static std::optional<LinearIndex> of(mlir::AffineExpr expression,
                                       unsigned dimensionCount);
};

/// Whether every result of `map` has a linear form.
bool isLinear(mlir::AffineMap map);

/// The position of the result of `map` that is `dimension` and nothing else.
std::optional<unsigned> positionOf(mlir::AffineMap map, unsigned dimension);

/// Whether `map` leads to neighbours in the innermost index, and to the same
/// ones in all others, where `dimension` goes up by one.
bool runsAlongInnermost(mlir::AffineMap map, unsigned dimension);

/// Emits the value of `index` where the loop dimensions have the values
/// `position`.
mlir::Value emitIndex(LoopBuilder &loops, const LinearIndex &index,
                      mlir::ValueRange position);

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_AFFINEINDEXING_H
