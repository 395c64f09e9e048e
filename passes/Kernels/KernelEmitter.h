//===- KernelEmitter.h - Kernels as functions over ranges -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_KERNELS_KERNELEMITTER_H
#define ORCINUS_PASSES_KERNELS_KERNELEMITTER_H

#include "passes/Kernels/KernelBuilder.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"

#include "llvm/ADT/StringMap.h"

namespace orcinus {

/// Makes the functions of a module's kernels and the calls of them. A function
/// computes a range of independent items, so that callers can divide them.
class KernelEmitter {
public:
  /// Emits the items `range` of a kernel whose operands are `arguments`.
  using Body = llvm::function_ref<void(KernelBuilder &b, IndexRange range,
                                       mlir::ValueRange arguments)>;

  /// Kernels of less than `parallelWork` stay on one thread.
  KernelEmitter(mlir::ModuleOp module, const VectorTarget &target,
                int64_t threads, int64_t parallelWork)
      : symbols(module), builder(module.getContext()), target(target),
        threads(threads), parallelWork(parallelWork) {}

  /// What stands before `op`, which is being replaced.
  KernelBuilder builderBefore(mlir::Operation *op);

  /// Computes the items [0, `count`) before `op`, divided among the threads
  /// where `count` times `cost`, about the elements that an item touches, is
  /// worth it.
  /// `name` must say what `body` does beyond what the attributes of `op` and
  /// the types of `arguments` do: the function is shared by that.
  void forEachItem(mlir::Operation *op, llvm::StringRef name, mlir::Value count,
                   int64_t cost, mlir::ValueRange arguments, Body body);

  /// As `forEachItem` with the one item 0, on the calling thread.
  void once(mlir::Operation *op, llvm::StringRef name,
            mlir::ValueRange arguments, Body body);

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

  int64_t numFunctions() const { return functions.size(); }

private:
  mlir::func::FuncOp functionFor(mlir::Operation *op, llvm::StringRef name,
                                 mlir::ValueRange arguments, Body body);

  mlir::SymbolTable symbols;
  /// Stands before the op that is being replaced.
  mlir::OpBuilder builder;
  VectorTarget target;
  int64_t threads, parallelWork;
  llvm::StringMap<mlir::func::FuncOp> functions;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_KERNELS_KERNELEMITTER_H
