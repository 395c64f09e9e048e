//===- NeighbourSoftmax.h - Softmax over valid neighbours -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_KERNELS_NEIGHBOURSOFTMAX_H
#define ORCINUS_PASSES_KERNELS_NEIGHBOURSOFTMAX_H

#include "passes/Kernels/RowVectors.h"

namespace orcinus {

/// The vectors of one head's row of neighbours, all in registers.
class NeighbourRow {
public:
  /// Of `neighbours` columns, of which the first `count` are valid.
  NeighbourRow(KernelBuilder &b, int64_t neighbours, mlir::Value count);

  /// The row that `leading` leads to; whatever the memref holds in columns that
  /// are not valid, the result is zero there.
  llvm::SmallVector<mlir::Value> load(mlir::Value memref,
                                      mlir::ValueRange leading) const;
  void store(mlir::ValueRange values, mlir::Value memref,
             mlir::ValueRange leading) const;

  /// softmax of `scale` · `scores` over the valid columns, zero elsewhere.
  llvm::SmallVector<mlir::Value> softmax(mlir::ValueRange scores,
                                         double scale) const;

  /// The row's vectors, in order.
  const llvm::SmallVector<RowVector> vectors;

private:
  KernelBuilder &b;
  RowVectors columns;
  llvm::SmallVector<mlir::Value> masks;
};

/// The gradient of softmax(scale · scores) with regard to the scores:
/// scale · α (dα - Σ α dα).
llvm::SmallVector<mlir::Value> softmaxGradient(KernelBuilder &b,
                                               mlir::ValueRange softmax,
                                               mlir::ValueRange gradient,
                                               double scale);

} // namespace orcinus

#endif // ORCINUS_PASSES_KERNELS_NEIGHBOURSOFTMAX_H
