//===- HostMemoryDevice.h - A device in the host's memory -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_DEVICE_HOSTMEMORYDEVICE_H
#define RUNTIME_DEVICE_HOSTMEMORYDEVICE_H

#include "runtime/Device/Device.h"

#include <unordered_set>

namespace orcinus {

/// What devices have in common that compute on the calling thread: their blocks
/// are host memory, of their own, and work is done when it is asked for.
class HostMemoryDevice : public Device {
public:
  ~HostMemoryDevice() override;

  /// A new block is full of ones, which are no numbers: what reads memory that
  /// it did not write shows.
  StatusOr<void *> allocate(size_t bytes) override;
  Status copy(void *to, const void *from, size_t bytes,
              DeviceStream *stream) override;
  DeviceStream *ownStream() override;
  StatusOr<DeviceStream *> createStream() override;
  Status destroyStream(DeviceStream *stream) override;
  Status synchronize(DeviceStream *stream) override;
  Status synchronize() override { return Status(); }
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

protected:
  HostMemoryDevice(DeviceIdentity identity, size_t memoryLimit);

  Status fillPattern16(void *to, uint16_t value, size_t count,
                       DeviceStream *stream) override;
  Status fillPattern32(void *to, uint32_t value, size_t count,
                       DeviceStream *stream) override;
  Status checkStream(DeviceStream *stream);

private:
  struct Event;

  StatusOr<Event *> checkEvent(DeviceEvent *event);

  std::mutex mutex;
  std::unordered_set<DeviceStream *> streams;
  std::unordered_set<DeviceEvent *> events;
};

} // namespace orcinus

#endif // RUNTIME_DEVICE_HOSTMEMORYDEVICE_H
