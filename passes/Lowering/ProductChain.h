//===- ProductChain.h - Products of products --------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_PRODUCTCHAIN_H
#define ORCINUS_PASSES_LOWERING_PRODUCTCHAIN_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include "llvm/ADT/MapVector.h"

#include <optional>

namespace orcinus {

/// A sum of products on memrefs with what its left or right operand is computed
/// by, back to another sum of products: an attention's scores, what is made of
/// them row by row, and their product with the values. Each row of what is
/// between the two depends on the same row alone, so that all ops may pass over
/// a part of the rows before the next.
///
/// The chain's dimensions are those that all its buffers have in common; one of
/// them is the row, the others, such as an attention's heads, are outer ones.
class ProductChain {
public:
  /// The chain that ends in `last`; nothing where there is none.
  static std::optional<ProductChain> endingIn(mlir::linalg::LinalgOp last);

  /// In order.
  llvm::ArrayRef<mlir::linalg::LinalgOp> ops() const { return members; }

  /// The extents of the chain's dimensions. Only the row's is sure to be known.
  llvm::ArrayRef<int64_t> dimensions() const { return extents; }

  /// The number of the dimension that is the row.
  unsigned row() const { return rowDimension; }

  /// The loop of `op`, one of the chain's, for each of the chain's dimensions.
  llvm::SmallVector<unsigned> loopsOf(mlir::linalg::LinalgOp op) const;

  /// The allocations that nothing outside the chain uses, and where they have
  /// the chain's dimensions.
  const llvm::MapVector<mlir::Value, llvm::SmallVector<unsigned>> &
  locals() const {
    return localPositions;
  }

  /// Bytes of all local buffers, and of the largest of them for one row of one
  /// index of the outer dimensions.
  int64_t localBytes() const;
  int64_t largestRowBytes() const;

  /// Bytes of the largest operand that has no rows, for one index of the outer
  /// dimensions: each part of the rows reads all of it.
  int64_t sharedBytes() const;

private:
  bool start(mlir::linalg::LinalgOp last, mlir::OpOperand &operand);
  void grow();
  bool add(mlir::linalg::LinalgOp op);
  bool isWhole() const;
  llvm::SmallVector<unsigned> withoutRow(llvm::ArrayRef<unsigned> own) const;

  llvm::SmallVector<mlir::linalg::LinalgOp> members;
  llvm::SmallVector<int64_t> extents;
  unsigned rowDimension = 0;
  llvm::MapVector<mlir::Value, llvm::SmallVector<unsigned>> localPositions;
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<unsigned>> loops;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_PRODUCTCHAIN_H
