//===- GpuDriver.h - What drivers of GPUs have in common --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_DEVICE_GPUDRIVER_H
#define RUNTIME_DEVICE_GPUDRIVER_H

#include "runtime/Device/Device.h"
#include "runtime/Device/ModuleFormat.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace orcinus {

/// The calls of CUDA's and HIP's drivers that a device needs, for one GPU. Each
/// returns the driver's code, 0 for success. All but the first three want the
/// GPU to be current on the calling thread.
class GpuDriver {
public:
  virtual ~GpuDriver() = default;

  virtual const DeviceIdentity &identity() const = 0;
  /// What a code means, in one line.
  virtual std::string describe(int code) const = 0;
  virtual bool takes(ModuleFormat format) const = 0;

  /// Makes the GPU current.
  virtual int makeCurrent() = 0;

  virtual int memoryInformation(size_t *free, size_t *total) = 0;
  virtual int allocate(void **block, size_t bytes) = 0;
  virtual int release(void *block) = 0;
  virtual int copy(void *to, const void *from, size_t bytes,
                   DeviceStream *stream) = 0;
  virtual int fill16(void *to, uint16_t value, size_t count,
                     DeviceStream *stream) = 0;
  virtual int fill32(void *to, uint32_t value, size_t count,
                     DeviceStream *stream) = 0;

  virtual int synchronize() = 0;
  virtual int createStream(DeviceStream **stream) = 0;
  virtual int destroyStream(DeviceStream *stream) = 0;
  virtual int synchronizeStream(DeviceStream *stream) = 0;
  virtual int waitForEvent(DeviceStream *stream, DeviceEvent *event) = 0;
  virtual int createEvent(DeviceEvent **event) = 0;
  virtual int destroyEvent(DeviceEvent *event) = 0;
  virtual int recordEvent(DeviceEvent *event, DeviceStream *stream) = 0;
  virtual int synchronizeEvent(DeviceEvent *event) = 0;
  virtual int elapsedMilliseconds(float *time, DeviceEvent *first,
                                  DeviceEvent *second) = 0;

  /// `code` ends with a zero byte; what a compiler of it says goes to `log`.
  virtual int loadModule(DeviceModule **module, const char *code,
                         std::string &log) = 0;
  virtual int unloadModule(DeviceModule *module) = 0;
  virtual int findFunction(DeviceFunction **function, DeviceModule *module,
                           const char *name) = 0;
  virtual int launch(DeviceFunction *function, const LaunchSize &grid,
                     const LaunchSize &block, uint32_t sharedBytes,
                     DeviceStream *stream, void **parameters) = 0;

  // Codes that CUDA and HIP share.
  static constexpr int outOfMemory = 2;
  static constexpr int noDevice = 100;
  static constexpr int notFound = 500;
};

} // namespace orcinus

#endif // RUNTIME_DEVICE_GPUDRIVER_H
