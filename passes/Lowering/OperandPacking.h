//===- OperandPacking.h - Copies of operands in tile order ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_OPERANDPACKING_H
#define ORCINUS_PASSES_LOWERING_OPERANDPACKING_H

#include "passes/Lowering/ContractionFrame.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace orcinus {

/// Replaces the right operand by a copy whose innermost dimension is the
/// column; the copy's op is lowered with the other elementwise ones.
void transposeRight(ContractionFrame &frame);

/// Replaces the right operand by a copy in panels of `panelVectors` vectors,
/// each panel one run of memory in the order in which it is read; in a parallel
/// loop over panels where `parallel`.
void packRight(ContractionFrame &frame, int64_t panelVectors, bool parallel);

/// A right operand that comes in panels.
struct PackedOperand {
  mlir::MemRefType type;
  /// Over the dimensions of the contraction.
  mlir::AffineMap map;
};

/// What `packRight` makes of the right operand of `contraction`, whose extents
/// are known.
PackedOperand packedRight(const Contraction &contraction, int64_t lanes,
                          int64_t panelVectors);

/// A private function of the right operand and of memory of the type `packed`
/// that packs the former into the latter.
mlir::func::FuncOp emitRightPacking(const Contraction &contraction,
                                    int64_t lanes, int64_t panelVectors,
                                    mlir::MemRefType packed, bool parallel);

/// Blocks of the left operand, copied such that each row of a block is one run
/// of memory, whatever windows it is gathered from.
class LeftPacker {
public:
  /// Takes as many as possible of the rows as one dimension, the frame's row,
  /// and makes it an index of all that a tile of rows reads or writes but once.
  explicit LeftPacker(ContractionFrame &frame);

  /// The rows that are no longer dimensions of their own.
  llvm::ArrayRef<unsigned> flattenedRows() const { return group; }

  /// The extent of the frame's row.
  int64_t rowExtent() const;

  /// Allocates the copy of a block of at most `rows` rows and `steps` steps of
  /// the longest reduction, rows `padding` elements apart, and makes it the
  /// left operand.
  void allocate(mlir::Value rows, mlir::Value steps, int64_t padding);

  /// Copies the block.
  void pack(Interval rows, Interval steps);

private:
  void orderSteps();
  void chooseGroup();
  void flatten(ContractionFrame::Operand &operand);
  bool collapse(ContractionFrame::Operand &operand);
  bool rowsAreInnermost() const;
  void copyRun(unsigned run, Interval range);
  void decompose(mlir::Value flat);

  ContractionFrame &frame;
  const Contraction &contraction;
  /// The operand that is copied.
  ContractionFrame::Operand source;
  /// The reductions as the copy has them, from outside in.
  llvm::SmallVector<unsigned> stepOrder;
  llvm::SmallVector<unsigned> group;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_OPERANDPACKING_H
