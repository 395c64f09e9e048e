//===- BodyProgram.h - The body of a linalg op, to be run -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_DIFFERENTIAL_BODYPROGRAM_H
#define ORCINUS_TEST_DIFFERENTIAL_BODYPROGRAM_H

#include "Number.h"

#include "orcinus/Support/Status.h"

#include "mlir/IR/Block.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace orcinus::differential {

/// The scalar operations of a block, made ready to be run many times.
class BodyProgram {
public:
  /// Finds the value of a scalar that the block uses but does not define.
  using OuterValue = llvm::function_ref<StatusOr<Number>(mlir::Value)>;

  /// Errors: an operation that is not known.
  static StatusOr<BodyProgram> of(mlir::Block &block, OuterValue outer);

  /// Runs the block for the iteration `loops` on `arguments`; what it yields
  /// is in `yielded` until the next call.
  void run(llvm::ArrayRef<int64_t> loops, llvm::ArrayRef<Number> arguments);

  /// Number `position` of what was yielded.
  const Number &yielded(size_t position) const {
    return values[yields[position]];
  }

private:
  using Step = std::function<void(std::vector<Number> &values,
                                  llvm::ArrayRef<int64_t> loops)>;

  Status append(mlir::Operation &op);
  Status appendArithmetic(mlir::Operation &op, ElementType type);
  size_t slotOf(mlir::Value value) const { return slots.lookup(value); }
  size_t makeSlot(mlir::Value value);

  llvm::DenseMap<mlir::Value, size_t> slots;
  std::vector<Number> values;
  std::vector<Step> steps;
  std::vector<size_t> yields;
};

} // namespace orcinus::differential

#endif // ORCINUS_TEST_DIFFERENTIAL_BODYPROGRAM_H
