//===- MemRefUtils.h - Questions about memrefs ------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_MEMREFUTILS_H
#define ORCINUS_PASSES_LOWERING_MEMREFUTILS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"

#include "llvm/ADT/DenseSet.h"

namespace orcinus {

/// The bytes that an element of `type` takes in memory; of a type that says
/// nothing of it, those of a pointer.
int64_t elementBytes(mlir::Type type);

/// Whether elements that follow each other in the innermost dimension of
/// `value`, a memref, follow each other in memory; those of a tensor will.
bool hasUnitInnermostStride(mlir::Value value);

/// `value` as a memref of a type that says nothing of its offset, so that code
/// for one view of a buffer is code for all. Other values are returned as is.
mlir::Value withAnyOffset(mlir::OpBuilder &builder, mlir::Value value);

/// The memref that `value` is a view of, through any number of views.
mlir::Value viewRoot(mlir::Value value);

/// `value` and every memref that may share its memory because it was made of
/// it by a view or by an op that could have passed it on.
llvm::DenseSet<mlir::Value> aliasesOf(mlir::Value value);

/// Whether `op`, or an op nested in it, has one of `values` as an operand.
bool uses(mlir::Operation *op, const llvm::DenseSet<mlir::Value> &values);

/// The first op behind `op` in its block that uses one of `values` and is no
/// view; null where there is none.
mlir::Operation *nextUser(mlir::Operation *op,
                          const llvm::DenseSet<mlir::Value> &values);

/// Whether an op between `first` and `last`, ops of one block, could write the
/// memory of `value`.
bool writtenBetween(mlir::Operation *first, mlir::Operation *last,
                    mlir::Value value);

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_MEMREFUTILS_H
