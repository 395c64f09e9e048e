//===- DeviceMirror.h - Arrays with a side on a device ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_DEVICE_DEVICEMIRROR_H
#define RUNTIME_DEVICE_DEVICEMIRROR_H

#include "runtime/Device/Device.h"

#include <cstddef>
#include <utility>

namespace orcinus {

/// A block of a device, which must outlive it.
class DeviceBlock {
public:
  /// None.
  DeviceBlock() = default;
  /// Errors: as of Device::allocate().
  static StatusOr<DeviceBlock> allocate(Device &device, size_t bytes);
  DeviceBlock(DeviceBlock &&other) noexcept { swap(other); }
  DeviceBlock &operator=(DeviceBlock &&other) noexcept {
    swap(other);
    return *this;
  }
  ~DeviceBlock();

  /// Null where there is none.
  void *address() const { return block; }

private:
  void swap(DeviceBlock &other) noexcept {
    std::swap(device, other.device);
    std::swap(block, other.block);
  }

  Device *device = nullptr;
  void *block = nullptr;
};

/// The other side, on a device, of an array of the host. The side that was
/// changed last is right; the other one follows when it is asked for. Without a
/// device, the host's is the only side and nothing here costs anything.
class DeviceMirror {
public:
  /// Of `bytes` bytes at `host`, which stay there. `device` may be null.
  DeviceMirror(Device *device, void *host, size_t bytes)
      : device(device), host(host), bytes(bytes) {}

  /// To be called before the host reads. A copy that fails is remembered by the
  /// device.
  void hostReads() {
    if (hostIsOld)
      download();
  }
  /// … before it changes some of the array,
  void hostChanges() {
    hostReads();
    deviceIsOld = true;
  }
  /// … or before it writes all of it, whatever was there.
  void hostReplaces() {
    hostIsOld = false;
    deviceIsOld = true;
  }

  /// The array on the device, for a program that `changes` it or only reads it:
  /// always the same address. Errors: out of memory, a copy that fails.
  StatusOr<void *> onDevice(bool changes);

private:
  void download();

  Device *device;
  void *host;
  size_t bytes;
  DeviceBlock block;
  bool hostIsOld = false;
  bool deviceIsOld = true;
};

} // namespace orcinus

#endif // RUNTIME_DEVICE_DEVICEMIRROR_H
