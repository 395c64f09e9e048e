//===- ElementKernels.h - A thread for each element -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TARGET_ELEMENTKERNELS_H
#define ORCINUS_PASSES_TARGET_ELEMENTKERNELS_H

#include "passes/Target/KernelModule.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace orcinus {

/// Replaces `op`, any linalg op on memrefs, by launches of kernels in which a
/// thread computes an element of the results, and goes through what the op sums
/// over. A sum over a long dimension is divided into blocks first, whose sums a
/// second kernel adds in order. An error where an element type or an indexing
/// map has no such form.
mlir::LogicalResult mapElements(mlir::linalg::LinalgOp op,
                                KernelModule &kernels);

/// Adds Σ_p `parts`[p, …] to `result`[…], in order.
void addParts(mlir::OpBuilder &builder, mlir::Location location,
              mlir::Value parts, mlir::Value result, KernelModule &kernels);

} // namespace orcinus

#endif // ORCINUS_PASSES_TARGET_ELEMENTKERNELS_H
