//===- LowerKernels.cpp - Kernels on buffers to loops ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/HostKernelEmitter.h"
#include "passes/Kernels/KernelLowerings.h"
#include "passes/Kernels/Passes.h"
#include "passes/Support/OptionChecks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_LOWERKERNELS
#include "passes/Kernels/Passes.h.inc"
} // namespace orcinus

namespace {

class LowerKernelsPass
    : public orcinus::impl::LowerKernelsBase<LowerKernelsPass> {
public:
  using LowerKernelsBase::LowerKernelsBase;

  LogicalResult initialize(MLIRContext *context) override {
    return OptionChecks(*this, context)
        .vectorUnit(vectorBits, vectorRegisters, threads)
        .inRange(parallelWork, 0)
        .result();
  }

  void runOnOperation() override {
    HostKernelEmitter emitter(
        getOperation(), VectorTarget::fromOptions(vectorBits, vectorRegisters),
        threads, parallelWork);
    SmallVector<Operation *> kernels;
    getOperation().walk([&](Operation *op) {
      if (isKernel(op))
        kernels.push_back(op);
    });
    for (Operation *op : kernels) {
      if (failed(lowerAnyKernel(op, emitter)))
        return signalPassFailure();
      ++loweredKernels;
    }
    outlinedFunctions += emitter.numFunctions();
  }
};

} // namespace
