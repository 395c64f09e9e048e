//===- ContractionEpilogue.h - What follows a contraction -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_CONTRACTIONEPILOGUE_H
#define ORCINUS_PASSES_LOWERING_CONTRACTIONEPILOGUE_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <string>

namespace orcinus {

/// Elementwise ops that follow a contraction in the loops of its result, one
/// after the other: a bias, an activation, a residual that is added. They are
/// computed on a tile of the result once its sums are complete, before it is
/// stored.
struct ContractionEpilogue {
  /// What the ops read besides the contraction's result: a memref, read where
  /// `map` leads from the contraction's loops, or a scalar.
  struct Operand {
    mlir::Value value;
    mlir::AffineMap map;
  };

  /// One of the ops. Each argument of its body has a source.
  struct Step {
    /// The value that the step before computed, or the contraction.
    static constexpr int current = -1;
    /// None: the argument is not used.
    static constexpr int nothing = -2;

    mlir::linalg::GenericOp op;
    /// The number of an operand, or one of the above.
    llvm::SmallVector<int> sources;
  };

  llvm::SmallVector<Operand> operands;
  llvm::SmallVector<Step> steps;

  /// Where the last op writes.
  mlir::Value result;
  mlir::AffineMap resultMap;

  bool empty() const { return steps.empty(); }

  /// Whether the ops have elementary functions, whose code is long.
  bool isCostly() const;

  /// Takes up `op`, whose loop number l is the contraction's loops[l] and which
  /// reads what was computed so far by the operand `produced`. False, and
  /// nothing is taken, where it has no form in vectors along the loop `column`.
  bool add(mlir::linalg::GenericOp op, mlir::OpOperand &produced,
           llvm::ArrayRef<unsigned> loops, unsigned loopCount, unsigned column);

  /// The value of the last op for the vector or scalar `current`; `load` gives
  /// the value of an operand there.
  mlir::Value emit(mlir::OpBuilder &builder, mlir::Location location,
                   mlir::Value current,
                   llvm::function_ref<mlir::Value(unsigned)> load) const;

  /// Equal for epilogues that the same code computes.
  std::string signature() const;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_CONTRACTIONEPILOGUE_H
