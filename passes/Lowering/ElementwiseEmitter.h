//===- ElementwiseEmitter.h - Vector loops of elementwise ops ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_ELEMENTWISEEMITTER_H
#define ORCINUS_PASSES_LOWERING_ELEMENTWISEEMITTER_H

#include "passes/Lowering/RowSchedule.h"
#include "passes/Lowering/VectorTarget.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include "llvm/ADT/DenseSet.h"

#include <optional>

namespace orcinus {

/// How an op on memrefs is run as loops over vectors.
struct ElementwisePlan {
  /// The loop dimension that vectors run along: every operand has it innermost
  /// and contiguous, or not at all. The others may be windows that slide.
  unsigned vectorDimension = 0;
  /// The other loop dimensions, outermost first.
  llvm::SmallVector<unsigned> parallel, reductions;
  /// Where vectors run along a reduction: how each result's lanes are combined
  /// in the end, and the body's op that does the same.
  struct Combiner {
    mlir::vector::CombiningKind kind;
    mlir::Operation *op;
  };
  llvm::SmallVector<Combiner> combiners;
  /// Values of the body that differ along the vector dimension.
  llvm::DenseSet<mlir::Value> varying;
  /// Extent of each loop dimension, dynamic where unknown.
  llvm::SmallVector<int64_t> extents;
  bool sumsAlongVector() const { return !combiners.empty(); }

  /// The plan for `op`, or nothing where no dimension or not the whole body
  /// can be vectorized.
  static std::optional<ElementwisePlan> of(mlir::linalg::GenericOp op);
};

/// Whether elements of `type` lie in memory as they do in a vector.
bool isVectorElement(mlir::Type type);

/// Whether `op`, on scalars, can be computed for all elements of vectors at a
/// time.
bool hasVectorForm(mlir::Operation *op);

/// Whether `op` divides integers, which is no longer defined where a lane that
/// does not exist holds a zero.
bool dividesIntegers(mlir::Operation *op);

/// Whether `op` is enough work for several threads.
bool isWorthThreads(mlir::linalg::GenericOp op);

/// Emits the loops of `op` before it, divided among `threads` threads; the op
/// is left to the caller to erase.
void emitElementwise(mlir::linalg::GenericOp op, const ElementwisePlan &plan,
                     const RowSchedule &schedule, const VectorTarget &target,
                     int64_t threads, mlir::OpBuilder &builder);

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_ELEMENTWISEEMITTER_H
