//===- HostKernelEmitter.h - Kernels as functions of the host ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_KERNELS_HOSTKERNELEMITTER_H
#define ORCINUS_PASSES_KERNELS_HOSTKERNELEMITTER_H

#include "passes/Kernels/KernelEmitter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"

#include "llvm/ADT/StringMap.h"

namespace orcinus {

/// Makes private functions of a module, and the calls of them.
class HostKernelEmitter : public KernelEmitter {
public:
  /// Kernels that touch less than `parallelWork` elements stay on one thread.
  HostKernelEmitter(mlir::ModuleOp module, const VectorTarget &target,
                    int64_t threads, int64_t parallelWork)
      : KernelEmitter(module.getContext()), symbols(module), target(target),
        threads(threads), parallelWork(parallelWork) {}

  void forEachItem(mlir::Operation *op, llvm::StringRef name, mlir::Value count,
                   int64_t cost, mlir::ValueRange arguments,
                   Body body) override;
  void once(mlir::Operation *op, llvm::StringRef name,
            mlir::ValueRange arguments, Body body) override;

  /// A thread's stack has a few megabytes.
  int64_t scratchLimit() const override { return 1 << 20; }
  llvm::StringRef scratchPlace() const override { return "the stack"; }

  int64_t numFunctions() const { return functions.size(); }

private:
  mlir::func::FuncOp functionFor(mlir::Operation *op, llvm::StringRef name,
                                 mlir::ValueRange arguments, Body body);

  mlir::SymbolTable symbols;
  VectorTarget target;
  int64_t threads, parallelWork;
  llvm::StringMap<mlir::func::FuncOp> functions;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_KERNELS_HOSTKERNELEMITTER_H
