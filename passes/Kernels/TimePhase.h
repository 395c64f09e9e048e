//===- TimePhase.h - What a time encoding takes the cosine of ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_KERNELS_TIMEPHASE_H
#define ORCINUS_PASSES_KERNELS_TIMEPHASE_H

#include "passes/Kernels/RowVectors.h"

#include "mlir/Dialect/Math/IR/Math.h"

namespace orcinus {

/// w Δt + b for one vector of the encoding's columns. The product is rounded
/// before the sum: with a large Δt its error is what the cosine sees, so that a
/// model would otherwise differ from one trained elsewhere.
inline mlir::Value timePhase(KernelBuilder &b, const RowVectors &columns,
                             const RowVector &vector, mlir::Value delta,
                             mlir::Value frequencies, mlir::Value phases) {
  return b.addf(b.mulf(columns.load(frequencies, {}, vector), delta),
                columns.load(phases, {}, vector));
}

/// Adds to `sums`, of w and of b, what `gradient` of cos(`phase`) gives:
/// -sin(phase) · gradient, times Δt for w.
inline llvm::SmallVector<mlir::Value>
addPhaseGradient(KernelBuilder &b, mlir::Value gradient, mlir::Value phase,
                 mlir::Value delta, mlir::ValueRange sums) {
  mlir::Value sine = mlir::math::SinOp::create(b.builder, b.location, phase);
  mlir::Value change = b.negf(b.mulf(gradient, sine));
  return {b.fma(change, delta, sums[0]), b.addf(sums[1], change)};
}

} // namespace orcinus

#endif // ORCINUS_PASSES_KERNELS_TIMEPHASE_H
