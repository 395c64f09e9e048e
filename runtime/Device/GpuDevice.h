//===- GpuDevice.h - A GPU by its driver ------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_DEVICE_GPUDEVICE_H
#define RUNTIME_DEVICE_GPUDEVICE_H

#include "runtime/Device/Device.h"
#include "runtime/Device/GpuDriver.h"

#include <memory>
#include <string>

namespace orcinus {

/// A GPU of NVIDIA or AMD.
class GpuDevice : public Device {
public:
  /// Errors: what the driver says.
  static StatusOr<std::shared_ptr<Device>>
  create(std::unique_ptr<GpuDriver> driver, size_t memoryLimit);
  ~GpuDevice() override;

  Status makeCurrent() override;
  Status copy(void *to, const void *from, size_t bytes,
              DeviceStream *stream) override;
  DeviceStream *ownStream() override { return stream; }
  StatusOr<DeviceStream *> createStream() override;
  Status destroyStream(DeviceStream *stream) override;
  Status synchronize(DeviceStream *stream) override;
  Status synchronize() override;
  StatusOr<DeviceEvent *> createEvent() override;
  Status destroyEvent(DeviceEvent *event) override;
  Status record(DeviceEvent *event, DeviceStream *stream) override;
  Status wait(DeviceStream *stream, DeviceEvent *event) override;
  Status synchronize(DeviceEvent *event) override;
  StatusOr<double> secondsBetween(DeviceEvent *first,
                                  DeviceEvent *second) override;
  StatusOr<DeviceModule *> loadModule(std::string_view code) override;
  Status unloadModule(DeviceModule *module) override;
  StatusOr<DeviceFunction *> findFunction(DeviceModule *module,
                                          const std::string &name) override;

private:
  GpuDevice(std::shared_ptr<GpuDriver> driver, size_t memoryLimit);

  Status fillPattern16(void *to, uint16_t value, size_t count,
                       DeviceStream *stream) override;
  Status fillPattern32(void *to, uint32_t value, size_t count,
                       DeviceStream *stream) override;
  Status launchKernel(DeviceFunction *function, const LaunchSize &grid,
                      const LaunchSize &block, int64_t sharedBytes,
                      DeviceStream *stream, void **parameters) override;

  DeviceStream *orOwn(DeviceStream *given) { return given ? given : stream; }
  template <typename Call>
  Status perform(const char *purpose, Call call);

  std::shared_ptr<GpuDriver> driver;
  DeviceStream *stream = nullptr;
};

} // namespace orcinus

#endif // RUNTIME_DEVICE_GPUDEVICE_H
