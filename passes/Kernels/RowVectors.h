//===- RowVectors.h - The columns of a row, in vectors ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_KERNELS_ROWVECTORS_H
#define ORCINUS_PASSES_KERNELS_ROWVECTORS_H

#include "passes/Kernels/KernelBuilder.h"

namespace orcinus {

/// A part of a row that one vector holds: all lanes, or in a row's last vector
/// the low `valid` ones.
struct RowVector {
  mlir::Value column;
  int64_t valid;
};

/// The columns of a row of static width, cut into full vectors and what
/// remains. Loads give full vectors, with zeros in lanes that are not valid.
class RowVectors {
public:
  RowVectors(KernelBuilder &b, int64_t width) : width(width), b(b) {}

  /// How many vectors a row takes.
  int64_t count() const { return (width + b.lanes - 1) / b.lanes; }

  /// All vectors of the row, for rows that are known to be short.
  llvm::SmallVector<RowVector> all() const { return block(0, count()); }

  /// Runs `body` for the row in order, in blocks of at most `blockVectors`
  /// vectors that are about equal. Blocks of full vectors share a loop.
  void
  forEachBlock(int64_t blockVectors,
               llvm::function_ref<void(llvm::ArrayRef<RowVector>)> body) const;

  /// Runs `body` for every vector of the row, in order.
  void forEach(llvm::function_ref<void(const RowVector &)> body) const;

  /// As `forEachBlock`, with values that are carried from block to block.
  llvm::SmallVector<mlir::Value>
  reduce(int64_t blockVectors, mlir::ValueRange initial,
         llvm::function_ref<llvm::SmallVector<mlir::Value>(
             llvm::ArrayRef<RowVector>, mlir::ValueRange)>
             body) const;

  /// The vector of the row that `leading` leads to. The row starts `offset`
  /// columns into the memref's innermost dimension.
  mlir::Value load(mlir::Value memref, mlir::ValueRange leading,
                   const RowVector &vector, int64_t offset = 0) const;
  /// `load` with zeros in the lanes that `mask` does not have; it must have
  /// none that are not valid.
  mlir::Value loadWhere(mlir::Value mask, mlir::Value memref,
                        mlir::ValueRange leading,
                        const RowVector &vector) const;
  void store(mlir::Value value, mlir::Value memref, mlir::ValueRange leading,
             const RowVector &vector, int64_t offset = 0) const;

  /// Asks for the cache line that `load` of the same operands starts in.
  void prefetch(mlir::Value memref, mlir::ValueRange leading,
                const RowVector &vector, int64_t offset = 0) const;

  /// `value` with zeros in the lanes of `vector` that are not valid.
  mlir::Value clearInvalid(mlir::Value value, const RowVector &vector) const;

  const int64_t width;

  /// As many vectors as elementwise code handles between loads and stores.
  static constexpr int64_t elementwiseBlock = 8;

private:
  llvm::SmallVector<RowVector> block(int64_t first, int64_t vectors) const;
  mlir::Value validMask(const RowVector &vector) const;
  llvm::SmallVector<mlir::Value> indices(mlir::ValueRange leading,
                                         const RowVector &vector,
                                         int64_t offset) const;

  /// In a subgroup, what the thread's lane loads and stores.
  mlir::Value loadLane(mlir::Value memref, mlir::ValueRange at,
                       mlir::Value mask) const;
  void storeLane(mlir::Value value, mlir::Value memref, mlir::ValueRange at,
                 const RowVector &vector) const;

  KernelBuilder &b;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_KERNELS_ROWVECTORS_H
