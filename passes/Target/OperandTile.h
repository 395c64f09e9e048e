//===- OperandTile.h - A block's part of an operand -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TARGET_OPERANDTILE_H
#define ORCINUS_PASSES_TARGET_OPERANDTILE_H

#include "passes/Lowering/Contraction.h"
#include "passes/Lowering/LoopBuilder.h"
#include "passes/Target/GpuContractionSchedule.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace orcinus {

/// How the elements of an operand come to a block: `width` of them by one load
/// (`vectorWidth`), which are neighbours along the reduction or, else, across
/// it.
struct OperandAccess {
  bool alongReduction = false;
  int64_t width = 1;

  /// The access to the operand at `map` of `contraction` whose dimensions
  /// across are `across`, as tiles of `blockExtent` × `blockReduction`.
  static OperandAccess of(const Contraction &contraction, mlir::Value memref,
                          mlir::AffineMap map, llvm::ArrayRef<unsigned> across,
                          int64_t blockExtent, int64_t blockReduction);
};

/// A block's rows of the left operand or columns of the right one, for a step
/// of the reduction at a time, in workgroup memory: as [depth, across], so that
/// a thread reads neighbours across, or as [across, depth] for matrix
/// instructions. With several stages there are as many such tiles.
///
/// The threads share the tile as pieces, which are what one load takes: a
/// thread has those whose number is its own and every so many on.
class OperandTile {
public:
  /// What of the operand the block has: across the reduction, `extent` rows or
  /// columns from `first` on, of which those below `end` exist.
  struct Part {
    mlir::Value memref;
    mlir::AffineMap map;
    llvm::SmallVector<unsigned> across;
    int64_t extent;
    mlir::Value first, end;
  };

  /// What a block is doing: the schedule, the matrix instruction or null, the
  /// thread's number and its place in the dimensions that stand still.
  struct Frame {
    const Contraction &contraction;
    const GpuContractionSchedule &schedule;
    const MatrixInstruction *instruction;
    LoopBuilder &b;
    mlir::Value thread;
    llvm::SmallVector<mlir::Value> position;
  };

  /// Makes room for the tile in the workgroup memory of `kernel`.
  OperandTile(Part part, OperandAccess access, const Frame &frame,
              mlir::gpu::GPUFuncOp kernel);

  /// The thread's pieces of what the steps of the reduction from `step` on
  /// need; zero beyond the block's rows or columns and from `stepEnd` on.
  llvm::SmallVector<mlir::Value> load(mlir::Value step, mlir::Value stepEnd) {
    return load(b.constant(0), pieces(), step, stepEnd);
  }
  /// Puts them into the tile of `stage`.
  void store(mlir::ValueRange values, mlir::Value stage) {
    store(b.constant(0), values, stage);
  }
  /// Does both, for a few pieces at a time.
  void copy(mlir::Value step, mlir::Value stepEnd, mlir::Value stage);

  /// Pieces of a thread.
  int64_t pieces() const;

  /// The tile of `stage`.
  mlir::Value view(mlir::Value stage);

private:
  /// The place of a piece in the tile.
  struct Place {
    mlir::Value across, depth;
  };
  /// Those of the whole block.
  int64_t blockPieces() const;
  /// The place of the thread's piece `number`.
  Place placeOf(mlir::Value number);
  /// Whether there is one; null where all threads have all pieces.
  mlir::Value exists(mlir::Value number);
  mlir::Type pieceType();
  llvm::SmallVector<mlir::Value> load(mlir::Value first, int64_t count,
                                      mlir::Value step, mlir::Value stepEnd);
  mlir::Value loadPiece(mlir::Value number, mlir::Value step,
                        mlir::Value stepEnd);
  mlir::Value convert(mlir::Value value);
  void store(mlir::Value first, mlir::ValueRange values, mlir::Value stage);
  void storePiece(mlir::Value value, Place at, mlir::Value tile);

  Part part;
  OperandAccess access;
  const Frame &frame;
  LoopBuilder &b;
  /// Of all stages.
  mlir::Value tiles;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_TARGET_OPERANDTILE_H
