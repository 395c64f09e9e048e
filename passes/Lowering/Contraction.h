//===- Contraction.h - What a contraction multiplies and sums ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_CONTRACTION_H
#define ORCINUS_PASSES_LOWERING_CONTRACTION_H

#include "passes/Lowering/ContractionSchedule.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <optional>
#include <string>

namespace orcinus {

/// A contraction result[…] += left[…] · right[…] on memrefs, its loop
/// dimensions named by the part they play. Operands are ordered such that the
/// result's innermost dimension, the column, comes from the right one.
struct Contraction {
  mlir::Value left, right, result;
  mlir::AffineMap leftMap, rightMap, resultMap;

  /// Loop dimensions of the result outside the register tile: those of all
  /// three operands, and further ones of left and result.
  llvm::SmallVector<unsigned> outer;
  /// The dimension of left and result that the tile's rows run over.
  std::optional<unsigned> row;
  /// Further dimensions of right and result.
  llvm::SmallVector<unsigned> outerColumns;
  /// The result's innermost dimension.
  unsigned column = 0;
  /// The dimensions that are summed over, the longest first.
  llvm::SmallVector<unsigned> reductions;

  /// Extent of each loop dimension, dynamic where unknown.
  llvm::SmallVector<int64_t> extents;

  /// Whether the right operand must be transposed to have columns innermost.
  bool transposeRight = false;

  /// What the accumulators start from.
  enum class Start { Result, Zero, Bias };
  Start start = Start::Result;
  /// The bias, and which of the result's dimensions each of its own is.
  mlir::Value bias;
  llvm::SmallVector<unsigned> biasDimensions;

  /// The contraction that `op` computes, or failure where it computes another
  /// thing or one that a register tile does not fit.
  static mlir::FailureOr<Contraction> match(mlir::linalg::LinalgOp op);

  /// Where the op before `op` that last wrote the result did no more than
  /// fill it with zero or broadcast a bias into it: makes that the start and
  /// returns the op, which is no longer needed.
  mlir::Operation *absorbInitialisation(mlir::linalg::LinalgOp op);

  mlir::Type elementType() const;

  /// The extents that decide on a schedule.
  ContractionExtents summary() const;

  /// Equal for contractions that the same code computes.
  std::string signature() const;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_CONTRACTION_H
