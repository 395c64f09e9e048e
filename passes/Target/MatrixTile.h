//===- MatrixTile.h - A subgroup's tile by matrix instructions --*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TARGET_MATRIXTILE_H
#define ORCINUS_PASSES_TARGET_MATRIXTILE_H

#include "passes/Lowering/LoopBuilder.h"
#include "passes/Target/GpuContractionSchedule.h"
#include "passes/Target/MatrixInstruction.h"

namespace orcinus {

/// Emits what a thread does for its subgroup's part of a block's tile. The
/// operands' tiles lie in workgroup memory as [row or column, depth], so that
/// what a lane takes at a time lies together.
class MatrixTile {
public:
  /// For thread number `thread` of the block.
  MatrixTile(const MatrixInstruction &instruction,
             const GpuContractionSchedule &schedule, LoopBuilder &builder,
             mlir::Value thread);

  /// The lane's sums before anything is added.
  llvm::SmallVector<mlir::Value> zeros();

  /// `sums` and the products of what is in the tiles.
  llvm::SmallVector<mlir::Value>
  multiply(mlir::Value leftTile, mlir::Value rightTile, mlir::ValueRange sums);

  /// Calls `body` with the lane's sums, those that are neighbours in a row as a
  /// vector, and their row and first column in the block's tile.
  void forEachRun(
      mlir::ValueRange sums,
      llvm::function_ref<void(mlir::Value, mlir::Value, mlir::Value)> body);

private:
  /// The first row or column of the lane in matrices of `layout`.
  struct Start {
    mlir::Value row, column;
  };
  Start startIn(const FragmentLayout &layout);

  llvm::SmallVector<mlir::Value> loadLeft(mlir::Value tile, mlir::Value depth);
  llvm::SmallVector<mlir::Value> loadRight(mlir::Value tile, mlir::Value depth);

  const MatrixInstruction &instruction;
  const GpuContractionSchedule &schedule;
  LoopBuilder &b;
  /// The subgroup's tile within the block's.
  mlir::Value firstRow, firstColumn;
  /// The lane's group, and its number within.
  mlir::Value group, member;
  /// Instructions along the rows and the columns of the subgroup's tile.
  int64_t rowMatrices, columnMatrices;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_TARGET_MATRIXTILE_H
