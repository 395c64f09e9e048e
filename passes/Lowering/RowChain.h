//===- RowChain.h - Ops that go through the same rows -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_ROWCHAIN_H
#define ORCINUS_PASSES_LOWERING_ROWCHAIN_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include "llvm/ADT/SetVector.h"

#include <optional>

namespace orcinus {

/// Linalg ops of one block, one after the other, each of which computes a row
/// from the same row of what the others wrote and from what none of them
/// writes: they may run row by row, all ops for one row before the next.
///
/// A row is what lies at one index of the leading dimensions that all have in
/// common; the extent of the innermost of them is known.
class RowChain {
public:
  llvm::ArrayRef<mlir::linalg::GenericOp> ops() const { return members; }

  mlir::Location location() const { return members.front()->getLoc(); }

  /// The extents of the leading dimensions, the outermost first. The last one
  /// is known.
  llvm::ArrayRef<int64_t> rowExtents() const { return extents; }

  /// The loop dimensions of `op` that are the rows', in the same order.
  llvm::SmallVector<unsigned> rowDimensions(mlir::linalg::GenericOp op) const;

  /// Whether the operand is the same row by row, and not one for all rows.
  bool isOfRow(mlir::OpOperand &operand) const;

  /// Buffers that nothing outside the chain reads or writes.
  llvm::SmallVector<mlir::Value> localBuffers() const;

  /// The buffer that may hold what `local`, a local buffer, holds: one that the
  /// last op to read `local` writes element by element where it reads it, and
  /// that the chain uses for nothing else before. Null where there is none.
  mlir::Value standInFor(mlir::Value local) const;

  /// Takes up `op`, which comes after the others; false where it does not fit.
  bool add(mlir::linalg::GenericOp op);

  /// Leaves each op a dimension within the rows for its vectors; false where
  /// that makes no chain of several ops.
  bool complete();

private:
  bool sharesRows(mlir::linalg::GenericOp op, size_t count) const;
  bool keepsOrder(mlir::linalg::GenericOp op, size_t rowCount) const;

  llvm::SmallVector<mlir::linalg::GenericOp> members;
  llvm::SmallVector<int64_t> extents;
};

/// The chains of at least two ops in `block`, in order.
llvm::SmallVector<RowChain> findRowChains(mlir::Block &block);

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_ROWCHAIN_H
