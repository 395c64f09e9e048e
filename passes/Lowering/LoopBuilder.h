//===- LoopBuilder.h - Short spellings for index arithmetic -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_LOOPBUILDER_H
#define ORCINUS_PASSES_LOWERING_LOOPBUILDER_H

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <optional>

namespace orcinus {

/// Whether each thread of a parallel loop executes `op` by itself.
bool isInParallelLoop(mlir::Operation *op);

/// How many of `threads` threads the loops that are made of `op` may use: one
/// in a parallel loop, which has the others.
int64_t threadsAt(mlir::Operation *op, int64_t threads);

/// An `ImplicitLocOpBuilder` for loops: arithmetic on non-negative indices that
/// folds, and loops that vanish where they run at most once.
class LoopBuilder {
public:
  LoopBuilder(mlir::OpBuilder &builder, mlir::Location location)
      : builder(builder), location(location) {}

  mlir::Value constant(int64_t value);
  mlir::Value add(mlir::Value left, mlir::Value right);
  mlir::Value subtract(mlir::Value left, mlir::Value right);
  mlir::Value multiply(mlir::Value left, mlir::Value right);
  mlir::Value divide(mlir::Value left, mlir::Value right);
  mlir::Value divideUp(mlir::Value left, mlir::Value right);
  mlir::Value minimum(mlir::Value left, mlir::Value right);
  mlir::Value maximum(mlir::Value left, mlir::Value right);

  /// The value of a constant index.
  static std::optional<int64_t> constantOf(mlir::Value value);

  /// The indices of element `number` of a row-major space, whose extents after
  /// the first are `inner`.
  llvm::SmallVector<mlir::Value> delinearize(mlir::Value number,
                                             mlir::ValueRange inner);

  /// The extent of dimension `position` of a memref.
  mlir::Value extent(mlir::Value memref, int64_t position);

  /// Runs `body` with begin, begin + step, … below end: a loop, or no loop
  /// where the bounds are known to allow at most one turn.
  void forLoop(mlir::Value begin, mlir::Value end, int64_t step,
               llvm::function_ref<void(mlir::Value)> body);

  /// A loop that carries `initial` and returns what the last turn made of it.
  llvm::SmallVector<mlir::Value> reduceLoop(
      mlir::Value begin, mlir::Value end, int64_t step,
      mlir::ValueRange initial,
      llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value,
                                                        mlir::ValueRange)>
          body);

  /// A nest over [0, extents[i]): one parallel loop where `parallel`, else
  /// loops within each other; none for extents of 1.
  void nest(llvm::ArrayRef<mlir::Value> extents, bool parallel,
            llvm::function_ref<void(mlir::ValueRange)> body);

  mlir::OpBuilder &builder;
  mlir::Location location;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_LOOPBUILDER_H
