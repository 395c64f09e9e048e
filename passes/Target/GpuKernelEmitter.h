//===- GpuKernelEmitter.h - Kernels by subgroups ----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TARGET_GPUKERNELEMITTER_H
#define ORCINUS_PASSES_TARGET_GPUKERNELEMITTER_H

#include "passes/Kernels/KernelEmitter.h"
#include "passes/Target/KernelModule.h"

namespace orcinus {

/// Makes GPU kernels in which a subgroup computes an item, and launches them.
class GpuKernelEmitter : public KernelEmitter {
public:
  explicit GpuKernelEmitter(KernelModule &kernels, mlir::MLIRContext *context)
      : KernelEmitter(context), kernels(kernels) {}

  void forEachItem(mlir::Operation *op, llvm::StringRef name, mlir::Value count,
                   int64_t cost, mlir::ValueRange arguments,
                   Body body) override;
  void once(mlir::Operation *op, llvm::StringRef name,
            mlir::ValueRange arguments, Body body) override;

  int64_t scratchLimit() const override {
    return kernels.target.workgroupBytes;
  }
  llvm::StringRef scratchPlace() const override { return "workgroup memory"; }

private:
  KernelModule &kernels;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_TARGET_GPUKERNELEMITTER_H
