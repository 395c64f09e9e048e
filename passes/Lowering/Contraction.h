//===- Contraction.h - What a contraction multiplies and sums ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_CONTRACTION_H
#define ORCINUS_PASSES_LOWERING_CONTRACTION_H

#include "passes/Lowering/ContractionEpilogue.h"
#include "passes/Lowering/ContractionSchedule.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <optional>
#include <string>

namespace orcinus {

/// Whether `body` adds to its last argument the product of the first two, which
/// it extends first where `extends`.
bool multipliesAndAdds(mlir::Block &body, bool extends = false);

/// A contraction result[…] += left[…] · right[…] on memrefs, or on tensors that
/// will be memrefs, in one type or of f16 or bf16 that are multiplied and
/// summed in f32, its loop dimensions named by the part they play: a matrix
/// product, a convolution, or anything else that sums products
/// (`SumOfProducts`). Operands are ordered such that the result's innermost
/// dimension, the column, comes from the right one. The result's map is a
/// permutation; those of the others are linear, so that a window that slides
/// over an input is `row * stride + tap * dilation`. Behind `collapse`, rows
/// that lie in pieces of the result, or of what the epilogue reads and writes,
/// are quotients and remainders of one row there.
///
/// Dimensions of extent 1 play no part, unless no other could play it.
struct Contraction {
  mlir::Value left, right, result;
  mlir::AffineMap leftMap, rightMap, resultMap;

  /// Dimensions of all three operands.
  llvm::SmallVector<unsigned> outer;
  /// Dimensions of left and result, in the result's order.
  llvm::SmallVector<unsigned> rows;
  /// Dimensions of right and result other than the column.
  llvm::SmallVector<unsigned> outerColumns;
  /// The result's innermost dimension.
  unsigned column = 0;
  /// The dimensions that are summed over, in right's order; at least one.
  llvm::SmallVector<unsigned> reductions;

  /// Extent of each loop dimension, dynamic where unknown.
  llvm::SmallVector<int64_t> extents;

  /// Whether columns are also a dimension of left, as the channels of a
  /// depthwise convolution are.
  bool leftHasColumn = false;

  /// Columns of one panel where right is packed in panels, by a map that ends
  /// in `column mod panelColumns` and has `column floordiv panelColumns`
  /// before; else 0.
  int64_t panelColumns = 0;

  /// Whether the right operand must be transposed to have columns innermost.
  bool transposeRight = false;

  /// Whether it must be packed, since windows slide over it and its columns do
  /// not follow each other.
  bool gatherRight = false;

  /// Whether tiles are worth it where no schedule asks for them.
  bool pays = true;

  /// What the accumulators start from.
  enum class Start { Result, Zero, Bias };
  Start start = Start::Result;
  /// The bias, and where it is added: a permutation of some loop dimensions
  /// that ends in the column or does not have it, behind `collapse` with
  /// quotients of a row, too.
  mlir::Value bias;
  mlir::AffineMap biasMap;

  /// What is computed of the sums before they are stored.
  ContractionEpilogue epilogue;

  /// The contraction that `op` computes, or failure where it computes another
  /// thing or one that a register tile cannot compute.
  static mlir::FailureOr<Contraction> match(mlir::linalg::LinalgOp op);

  /// Where the op before `op` that last wrote the result did no more than
  /// fill it with zero or broadcast a bias into it: makes that the start and
  /// returns the op, which is no longer needed.
  mlir::Operation *absorbInitialisation(mlir::linalg::LinalgOp op);

  /// Takes up in the epilogue the elementwise ops that read the result, each
  /// the only one to read what is before it, and returns them: with them the
  /// contraction is computed where the last of them is. `initialisation` is the
  /// op that was absorbed, or null; `taken` has ops that are others' already.
  llvm::SmallVector<mlir::linalg::GenericOp>
  absorbReaders(mlir::linalg::LinalgOp op, mlir::Operation *initialisation,
                const llvm::DenseSet<mlir::Operation *> &taken);

  /// Makes what the epilogue writes the place of the sums, too, where that may
  /// be: there is no other memory for them then.
  void storeInPlace();

  /// The operands, in the order of the arguments of the function that computes
  /// the contraction.
  llvm::SmallVector<mlir::Value *> arguments();

  /// Makes one dimension of each two that play the same part and follow each
  /// other in memory in every operand that has them; `builder` builds the
  /// operands' views. With `mayDivide` it is enough for two rows of known
  /// extents to do so in the left operand, where sums are long: the maps of the
  /// other operands have quotients and remainders of the row then.
  void collapse(mlir::OpBuilder &builder, bool mayDivide);

  /// `map` with `dimensions`, outermost first, as what the dimension `row` is
  /// made of: its quotients and remainders by their extents. The result is of
  /// `count` dimensions.
  mlir::AffineMap divided(mlir::AffineMap map, unsigned row,
                          llvm::ArrayRef<unsigned> dimensions,
                          unsigned count) const;

  /// The type in which products are summed.
  mlir::Type elementType() const;
  /// That of the left and the right operand.
  mlir::Type operandType() const;

  /// The longest of the rows, of two such the inner one; nothing where there
  /// are none.
  std::optional<unsigned> longestRow() const;
  /// The longest of the reductions, of two such the inner one.
  unsigned longestReduction() const;

  /// The extents that decide on a schedule.
  ContractionExtents summary() const;

  /// Equal for contractions that the same code computes.
  std::string signature() const;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_CONTRACTION_H
