//===- ContractionIndices.h - Places in a contraction's loops ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TARGET_CONTRACTIONINDICES_H
#define ORCINUS_PASSES_TARGET_CONTRACTIONINDICES_H

#include "passes/Lowering/Contraction.h"
#include "passes/Lowering/LoopBuilder.h"

namespace orcinus {

/// Iterations of `dimensions` together.
mlir::Value countOf(LoopBuilder &b, const Contraction &contraction,
                    llvm::ArrayRef<unsigned> dimensions);

/// Sets the places of `dimensions` in `position`, which has one of each of the
/// contraction's, to those of `number` in their product.
void place(LoopBuilder &b, const Contraction &contraction, mlir::Value number,
           llvm::ArrayRef<unsigned> dimensions,
           llvm::MutableArrayRef<mlir::Value> position);

/// What `map` makes of `position`.
llvm::SmallVector<mlir::Value> indicesAt(LoopBuilder &b, mlir::AffineMap map,
                                         mlir::ValueRange position);

} // namespace orcinus

#endif // ORCINUS_PASSES_TARGET_CONTRACTIONINDICES_H
