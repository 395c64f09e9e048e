//===- GpuOperatorCompiler.h - Operators to GPU kernels ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_GPUOPERATORCOMPILER_H
#define ORCINUS_RUNTIME_JIT_GPUOPERATORCOMPILER_H

#include "orcinus/Tuning/GpuChip.h"
#include "orcinus/Tuning/Schedule.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringRef.h"

#include <memory>
#include <string>
#include <vector>

namespace orcinus {

/// An operator's program for a GPU.
struct GpuProgram {
  /// The host's object file of what `ProgramTarget` would make: the function
  /// that launches the kernels, and the kernels.
  std::string object;
  /// What each kernel takes; nothing for the simulator.
  std::vector<KernelResources> kernels;
};

/// Compiles operators for a GPU, one candidate after the other, in a context
/// that is made once.
class GpuOperatorCompiler {
public:
  /// For `chip`, or where that is null for the simulator, with all checks.
  explicit GpuOperatorCompiler(const GpuChip *chip);
  ~GpuOperatorCompiler();

  /// The operator in `module` under `schedule`, the kernels as `compileForGpu`
  /// makes them. Errors: what MLIR says of the module or the schedule, or a
  /// tool of the vendor's of its code.
  StatusOr<GpuProgram> compile(llvm::StringRef module,
                               const Schedule &schedule);

  /// What the kernels of the same program take, without the object file. Not
  /// for the simulator.
  StatusOr<std::vector<KernelResources>>
  compileKernels(llvm::StringRef module, const Schedule &schedule);

private:
  StatusOr<mlir::OwningOpRef<mlir::ModuleOp>>
  bufferize(llvm::StringRef text, const Schedule &schedule);
  Status lowerToSimulator(mlir::ModuleOp module);

  const GpuChip *chip;
  std::unique_ptr<mlir::MLIRContext> context;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_GPUOPERATORCOMPILER_H
