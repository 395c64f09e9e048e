//===- GpuAbi.h - What compiled programs ask of a device --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_ABI_GPUABI_H
#define RUNTIME_ABI_GPUABI_H

#include "runtime/Abi/Abi.h"

#include <cstdint>
#include <span>

// What MLIR's lowering of the gpu dialect calls, served over the device that is
// current on the calling thread. A failure is remembered there; until it is
// taken, nothing more is copied, filled or launched. Without a current device
// nothing is done and null is returned.
//
// Streams are lent until the program ends, when the runtime takes them back;
// where it gave the thread one stream for all work (DeviceScope), that is every
// stream, and neither events nor waiting do anything.
// Memory that is freed can be used again at once, whatever stream it was used
// on: a program allocates what other streams use before it frees anything, and
// waits for all of them before it ends (`--orcinus-place-data`).
extern "C" {
void *mgpuModuleLoad(void *code, int64_t bytes);
/// `code` is text that ends with a zero byte.
void *mgpuModuleLoadJIT(void *code, int32_t optimization);
void mgpuModuleUnload(void *module);
void *mgpuModuleGetFunction(void *module, const char *name);
void mgpuLaunchKernel(void *function, int64_t gridX, int64_t gridY,
                      int64_t gridZ, int64_t blockX, int64_t blockY,
                      int64_t blockZ, int32_t sharedBytes, void *stream,
                      void **parameters, void **extra, int64_t parameterCount);
void *mgpuStreamCreate();
void mgpuStreamDestroy(void *stream);
void mgpuStreamSynchronize(void *stream);
void mgpuStreamWaitEvent(void *stream, void *event);
void *mgpuEventCreate();
void mgpuEventDestroy(void *event);
void mgpuEventSynchronize(void *event);
void mgpuEventRecord(void *event, void *stream);
/// Memory that the host shares is not offered.
void *mgpuMemAlloc(int64_t bytes, void *stream, bool hostShared);
void mgpuMemFree(void *block, void *stream);
void mgpuMemcpy(void *to, void *from, int64_t bytes, void *stream);
void mgpuMemset32(void *to, uint32_t value, int64_t count, void *stream);
void mgpuMemset16(void *to, uint16_t value, int64_t count, void *stream);
/// The runtime chooses the device: this does nothing.
void mgpuSetDefaultDevice(int32_t device);
}

namespace orcinus {

/// All of them, for the JIT to define.
std::span<const AbiSymbol> gpuSymbols();

} // namespace orcinus

#endif // RUNTIME_ABI_GPUABI_H
