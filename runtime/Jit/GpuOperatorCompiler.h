//===- GpuOperatorCompiler.h - Operators to GPU kernels ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_GPUOPERATORCOMPILER_H
#define ORCINUS_RUNTIME_JIT_GPUOPERATORCOMPILER_H

#include "orcinus/Runtime/Compiler.h"
#include "orcinus/Tuning/Schedule.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringRef.h"

#include <memory>

namespace orcinus {

/// Compiles operators for a GPU, one candidate after the other, in a context
/// that is made once.
class GpuOperatorCompiler {
public:
  explicit GpuOperatorCompiler(const GpuChip &chip);
  ~GpuOperatorCompiler();

  /// The kernels of the operator in `module` under `schedule`, as
  /// `compileForGpu` makes them, and what they take. Errors: what MLIR says of
  /// the module or the schedule, or a tool of the vendor's of its code.
  StatusOr<GpuObject> compile(llvm::StringRef module, const Schedule &schedule);

private:
  const GpuChip &chip;
  std::unique_ptr<mlir::MLIRContext> context;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_GPUOPERATORCOMPILER_H
