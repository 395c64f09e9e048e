//===- TransposeEmitter.h - Transposition by vectors ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_TRANSPOSEEMITTER_H
#define ORCINUS_PASSES_LOWERING_TRANSPOSEEMITTER_H

#include "passes/Lowering/VectorTarget.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace orcinus {

/// Whether `op` copies its input to its output with the dimensions permuted,
/// the innermost ones contiguous in each but not the same.
bool isTransposition(mlir::linalg::GenericOp op);

/// Emits the loops of `op`, a transposition, before it: square blocks of one
/// vector's side are transposed in registers. The op is left to the caller.
void emitTransposition(mlir::linalg::GenericOp op, const VectorTarget &target,
                       int64_t threads, mlir::OpBuilder &builder);

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_TRANSPOSEEMITTER_H
