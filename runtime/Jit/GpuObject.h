//===- GpuObject.h - Kernels for GPUs, as files -----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_GPUOBJECT_H
#define ORCINUS_RUNTIME_JIT_GPUOBJECT_H

#include "orcinus/Runtime/Compiler.h"
#include "orcinus/Tuning/GpuChip.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/BuiltinOps.h"

namespace orcinus {

/// The kernels of `module`, of linalg and tgnn on memrefs, for `chip`: maps it
/// to kernels and serializes them. `asText` is as below. Errors: an op that no
/// kernel is for, and those below.
StatusOr<GpuObject> compileKernels(mlir::ModuleOp module, const GpuChip &chip,
                                   bool asText);

/// Serializes the `gpu.module` of `module`, in which ops are mapped already,
/// for `chip`; `asText` keeps NVIDIA's as PTX, for which resources are unknown.
StatusOr<GpuObject> serializeKernels(mlir::ModuleOp module, const GpuChip &chip,
                                     bool asText);

/// Lowers what is left of `module`, the host's code, to the LLVM dialect, after
/// `serializeKernels` made `object` of its kernels, which becomes a constant of
/// it.
Status lowerLaunches(mlir::ModuleOp module, const GpuObject &object);

/// What ptxas -v said: registers, memory and spills of each kernel.
std::vector<KernelResources> parsePtxasReport(llvm::StringRef report);

/// What the notes of an AMD code object say. Errors: `object` is none.
StatusOr<std::vector<KernelResources>> readAmdResources(llvm::StringRef object);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_GPUOBJECT_H
