//===- SimulatedKernel.h - A GPU kernel as host code ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_SIMULATOR_SIMULATEDKERNEL_H
#define ORCINUS_RUNTIME_SIMULATOR_SIMULATEDKERNEL_H

#include <cstddef>
#include <cstdint>

namespace orcinus {

/// What a kernel may know of the GPU thread that runs it. Compiled kernels read
/// these fields by their offsets (passes/Target/SimulateKernels.cpp).
struct SimulatorThread {
  int32_t threadId[3];
  int32_t blockId[3];
  int32_t blockDim[3];
  int32_t gridDim[3];
  /// The block's workgroup memory, 64-byte aligned: the kernel's own, then at
  /// the next multiple of 16 what the launch adds.
  char *workgroup;
  /// Bytes that the launch adds to the workgroup memory.
  int64_t dynamicBytes;
};

static_assert(offsetof(SimulatorThread, threadId) == 0 &&
              offsetof(SimulatorThread, blockId) == 12 &&
              offsetof(SimulatorThread, blockDim) == 24 &&
              offsetof(SimulatorThread, gridDim) == 36 &&
              offsetof(SimulatorThread, workgroup) == 48 &&
              offsetof(SimulatorThread, dynamicBytes) == 56);

/// A kernel, as compiled programs describe it by a constant.
struct SimulatedKernel {
  /// Runs the kernel as one thread; `params[i]` points to its i-th argument.
  void (*entry)(void **params, SimulatorThread *self);
  const char *name;
  /// Bytes of workgroup memory that the kernel itself needs.
  int64_t workgroupBytes;
  /// Threads of a subgroup: 32 on NVIDIA, 32 or 64 on AMD.
  int32_t subgroupSize;
  /// 0 where no thread of the kernel ever waits or is stopped: it has no
  /// barrier, no shuffle and no checks.
  int32_t collective;
};

static_assert(sizeof(SimulatedKernel) == 32);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_SIMULATOR_SIMULATEDKERNEL_H
