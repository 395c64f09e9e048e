//===- GpuAbi.cpp - What compiled programs ask of a device ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Abi/GpuAbi.h"

#include "lib/Support/MemoryGuard.h"
#include "runtime/Device/Device.h"

#include <string>

using namespace orcinus;

/// Runs `call` on the current device, and keeps its error there.
template <typename Call>
static void perform(Call call) {
  Device *device = Device::current();
  if (!device)
    return;
  Status status = guarded([&]() -> Status { return call(*device); });
  if (!status.ok())
    device->remember(std::move(status));
}

/// The same for what must not be done after a failure: what it works on may be
/// missing.
template <typename Call>
static void performUnlessFailed(Call call) {
  perform([&](Device &device) {
    return device.failed() ? Status() : call(device);
  });
}

/// What `call` makes, or null.
template <typename Call>
static void *make(Call call) {
  void *result = nullptr;
  performUnlessFailed([&](Device &device) {
    auto made = call(device);
    if (made.ok())
      result = *made;
    return made.status();
  });
  return result;
}

/// Whether programs have one stream, which is order enough without events, and
/// for which they do not wait.
static bool hasOneStream() { return Device::currentStream() != nullptr; }

static DeviceStream *streamOf(void *stream) {
  return static_cast<DeviceStream *>(stream);
}

static DeviceEvent *eventOf(void *event) {
  return static_cast<DeviceEvent *>(event);
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

void *mgpuModuleLoad(void *code, int64_t bytes) {
  return make([&](Device &device) {
    return device.loadModule(
        {static_cast<const char *>(code), static_cast<size_t>(bytes)});
  });
}

void *mgpuModuleLoadJIT(void *code, int32_t) {
  return make([&](Device &device) {
    return device.loadModule(static_cast<const char *>(code));
  });
}

void mgpuModuleUnload(void *module) {
  if (module)
    perform([&](Device &device) {
      return device.unloadModule(static_cast<DeviceModule *>(module));
    });
}

void *mgpuModuleGetFunction(void *module, const char *name) {
  return make([&](Device &device) {
    return device.findFunction(static_cast<DeviceModule *>(module), name);
  });
}

void mgpuLaunchKernel(void *function, int64_t gridX, int64_t gridY,
                      int64_t gridZ, int64_t blockX, int64_t blockY,
                      int64_t blockZ, int32_t sharedBytes, void *stream,
                      void **parameters, void **, int64_t) {
  performUnlessFailed([&](Device &device) {
    return device.launch(static_cast<DeviceFunction *>(function),
                         {gridX, gridY, gridZ}, {blockX, blockY, blockZ},
                         sharedBytes, streamOf(stream), parameters);
  });
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

void *mgpuStreamCreate() {
  return make([](Device &device) -> StatusOr<DeviceStream *> {
    if (DeviceStream *only = Device::currentStream())
      return only;
    return device.borrowStream();
  });
}

void mgpuStreamDestroy(void *) {}

void mgpuStreamSynchronize(void *stream) {
  if (hasOneStream())
    return;
  perform([&](Device &device) { return device.synchronize(streamOf(stream)); });
}

void mgpuStreamWaitEvent(void *stream, void *event) {
  if (hasOneStream())
    return;
  performUnlessFailed([&](Device &device) {
    return device.wait(streamOf(stream), eventOf(event));
  });
}

void *mgpuEventCreate() {
  if (hasOneStream())
    return nullptr;
  return make([](Device &device) { return device.createEvent(); });
}

void mgpuEventDestroy(void *event) {
  if (event)
    perform(
        [&](Device &device) { return device.destroyEvent(eventOf(event)); });
}

void mgpuEventSynchronize(void *event) {
  if (hasOneStream())
    return;
  performUnlessFailed(
      [&](Device &device) { return device.synchronize(eventOf(event)); });
}

void mgpuEventRecord(void *event, void *stream) {
  if (hasOneStream())
    return;
  performUnlessFailed([&](Device &device) {
    return device.record(eventOf(event), streamOf(stream));
  });
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

void *mgpuMemAlloc(int64_t bytes, void *, bool hostShared) {
  return make([&](Device &device) -> StatusOr<void *> {
    if (hostShared)
      return Status::error("the program asks for memory that host and device "
                           "share, which is not offered");
    return device.allocate(static_cast<size_t>(bytes));
  });
}

void mgpuMemFree(void *block, void *) {
  perform([&](Device &device) { return device.release(block); });
}

void mgpuMemcpy(void *to, void *from, int64_t bytes, void *stream) {
  performUnlessFailed([&](Device &device) {
    return device.copy(to, from, static_cast<size_t>(bytes), streamOf(stream));
  });
}

void mgpuMemset32(void *to, uint32_t value, int64_t count, void *stream) {
  performUnlessFailed([&](Device &device) {
    return device.fill32(to, value, static_cast<size_t>(count),
                         streamOf(stream));
  });
}

void mgpuMemset16(void *to, uint16_t value, int64_t count, void *stream) {
  performUnlessFailed([&](Device &device) {
    return device.fill16(to, value, static_cast<size_t>(count),
                         streamOf(stream));
  });
}

void mgpuSetDefaultDevice(int32_t) {}

std::span<const AbiSymbol> orcinus::gpuSymbols() {
  auto symbol = [](const char *name, auto *function) {
    return AbiSymbol{name, reinterpret_cast<void *>(function)};
  };
  static const AbiSymbol symbols[] = {
      symbol("mgpuModuleLoad", mgpuModuleLoad),
      symbol("mgpuModuleLoadJIT", mgpuModuleLoadJIT),
      symbol("mgpuModuleUnload", mgpuModuleUnload),
      symbol("mgpuModuleGetFunction", mgpuModuleGetFunction),
      symbol("mgpuLaunchKernel", mgpuLaunchKernel),
      symbol("mgpuStreamCreate", mgpuStreamCreate),
      symbol("mgpuStreamDestroy", mgpuStreamDestroy),
      symbol("mgpuStreamSynchronize", mgpuStreamSynchronize),
      symbol("mgpuStreamWaitEvent", mgpuStreamWaitEvent),
      symbol("mgpuEventCreate", mgpuEventCreate),
      symbol("mgpuEventDestroy", mgpuEventDestroy),
      symbol("mgpuEventSynchronize", mgpuEventSynchronize),
      symbol("mgpuEventRecord", mgpuEventRecord),
      symbol("mgpuMemAlloc", mgpuMemAlloc),
      symbol("mgpuMemFree", mgpuMemFree),
      symbol("mgpuMemcpy", mgpuMemcpy),
      symbol("mgpuMemset32", mgpuMemset32),
      symbol("mgpuMemset16", mgpuMemset16),
      symbol("mgpuSetDefaultDevice", mgpuSetDefaultDevice)};
  return symbols;
}
