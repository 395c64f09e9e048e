//===- KernelEmitter.h - Kernels as functions over ranges -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_KERNELS_KERNELEMITTER_H
#define ORCINUS_PASSES_KERNELS_KERNELEMITTER_H

#include "passes/Kernels/KernelBuilder.h"

namespace orcinus {

/// Makes the functions of kernels and what runs them. A function computes a
/// range of independent items, which whoever runs it divides.
class KernelEmitter {
public:
  /// Emits the items `range` of a kernel whose operands are `arguments`.
  using Body = llvm::function_ref<void(KernelBuilder &b, IndexRange range,
                                       mlir::ValueRange arguments)>;

  virtual ~KernelEmitter() = default;

  /// Builds what stands before `op`, which is being replaced.
  LoopBuilder builderBefore(mlir::Operation *op);

  /// Computes the items [0, `count`) before `op`; an item touches about `cost`
  /// elements.
  /// `name` must say what `body` does beyond what the attributes of `op` and
  /// the types of `arguments` do: the function is shared by that.
  virtual void forEachItem(mlir::Operation *op, llvm::StringRef name,
                           mlir::Value count, int64_t cost,
                           mlir::ValueRange arguments, Body body) = 0;

  /// As `forEachItem` with the one item 0.
  virtual void once(mlir::Operation *op, llvm::StringRef name,
                    mlir::ValueRange arguments, Body body) = 0;

  /// Emits sums over the items `range` into `sums[block]`, a row of f32 for
  /// each of the outs.
  using SumBody = llvm::function_ref<void(KernelBuilder &b, IndexRange range,
                                          mlir::ValueRange arguments,
                                          mlir::Value sums, mlir::Value block)>;

  /// Computes `outs`, vectors of the same width that are sums over the items
  /// [0, `count`): first of blocks of items, then of the blocks in order.
  void sumItems(mlir::Operation *op, llvm::StringRef name, mlir::Value count,
                int64_t cost, mlir::ValueRange arguments, mlir::ValueRange outs,
                SumBody body);

  /// The bytes of scratch buffers that a function may have, and what limits
  /// them.
  virtual int64_t scratchLimit() const = 0;
  virtual llvm::StringRef scratchPlace() const = 0;

protected:
  explicit KernelEmitter(mlir::MLIRContext *context) : builder(context) {}

  /// What tells the function of `name` for `op` from all others.
  static std::string keyOf(mlir::Operation *op, llvm::StringRef name,
                           mlir::ValueRange arguments);

  /// Stands before the op that is being replaced.
  mlir::OpBuilder builder;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_KERNELS_KERNELEMITTER_H
