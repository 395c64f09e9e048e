//===- ContractionFrame.h - Operands and position in a nest -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_CONTRACTIONFRAME_H
#define ORCINUS_PASSES_LOWERING_CONTRACTIONFRAME_H

#include "passes/Lowering/AffineIndexing.h"
#include "passes/Lowering/ColumnPanels.h"
#include "passes/Lowering/Contraction.h"

namespace orcinus {

/// [begin, end) of one loop dimension.
struct Interval {
  mlir::Value begin, end;
};

/// Where the loop nest of a contraction stands while it is emitted, and its
/// operands there, which may be packed copies of those of the contraction.
///
/// Beside the contraction's own dimensions there are three that only the maps
/// of such copies use.
struct ContractionFrame {
  ContractionFrame(const Contraction &contraction, int64_t lanes,
                   mlir::OpBuilder &builder, mlir::Location location);

  struct Operand {
    mlir::Value memref;
    mlir::AffineMap map;

    /// Whether neighbours along `dimension` are neighbours in memory, so that
    /// vectors of them can be loaded and stored.
    bool isContiguousAlong(unsigned dimension) const;
  };

  /// Makes `arguments`, of the function that is emitted, the operands.
  void setOperands(mlir::ValueRange arguments);

  /// Makes `memref` the right operand, and the only one.
  void setRight(mlir::Value memref);

  /// The extent of one of the contraction's dimensions.
  mlir::Value extentOf(unsigned dimension);

  /// Where `operand` is read at the current position, `row` rows and `column`
  /// columns further.
  llvm::SmallVector<mlir::Value> indices(const Operand &operand, int64_t row,
                                         int64_t column);

  /// The vector of `operand` there.
  mlir::Value load(const Operand &operand, int64_t row,
                   const ColumnVector &vector);

  /// The same of an operand that may lack the column or be a scalar: all lanes
  /// are one element then.
  mlir::Value spread(const Operand &operand, int64_t row,
                     const ColumnVector &vector);

  mlir::VectorType vectorOf(int64_t length) const {
    return mlir::VectorType::get({length}, elementType);
  }

  /// The map to `dimensions` of this frame.
  mlir::AffineMap mapTo(llvm::ArrayRef<unsigned> dimensions) const;

  const Contraction &contraction;
  LoopBuilder loops;
  mlir::Type elementType;
  int64_t lanes;

  Operand left, right, result, bias;
  /// Where the epilogue writes, and what it reads; the memref of a scalar is
  /// the scalar.
  Operand stored;
  llvm::SmallVector<Operand> read;
  /// The result, left and right as they were given.
  llvm::SmallVector<Operand, 3> given;

  /// The number of the row among all rows that are taken as one dimension, of
  /// the row in its block, and of the step in its block of the longest
  /// reduction.
  unsigned flatRow, rowInBlock, stepInBlock;
  /// The dimension that tiles of rows run over: `flatRow` or one of the
  /// contraction's; nothing where there are no rows.
  std::optional<unsigned> row;
  /// The rows of a tile, which begin at a multiple of as many.
  int64_t tileRows = 1;

  /// The current value of each dimension.
  llvm::SmallVector<mlir::Value> position;

private:
  /// An index: a value, and what is added to it.
  struct Index {
    mlir::Value base;
    int64_t distance;
  };
  /// Where `expression` leads from the current position, `row` rows and
  /// `column` columns further. What these add is kept apart as long as it
  /// changes no quotient, so that all rows of a tile share the divisions.
  Index indexOf(mlir::AffineExpr expression, int64_t row, int64_t column);
  int64_t distance(const LinearIndex &index, int64_t row, int64_t column) const;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_CONTRACTIONFRAME_H
