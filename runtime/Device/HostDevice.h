//===- HostDevice.h - The host as a device ----------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_DEVICE_HOSTDEVICE_H
#define RUNTIME_DEVICE_HOSTDEVICE_H

#include "runtime/Device/HostMemoryDevice.h"

namespace orcinus {

/// Which thread of which block a call of a kernel is.
struct KernelPosition {
  LaunchSize grid, block;
  /// From 0.
  LaunchSize blockIndex, threadIndex;
};

/// A kernel of the host device: called for one thread after the other, so that
/// threads cannot wait for each other. `parameters` are those of the launch.
using HostKernel = void(const KernelPosition &position, void **parameters);

/// The host, for programs that are written for devices. A `DeviceFunction *` is
/// the address of a HostKernel.
class HostDevice : public HostMemoryDevice {
public:
  explicit HostDevice(const DeviceOptions &options);

private:
  Status launchKernel(DeviceFunction *function, const LaunchSize &grid,
                      const LaunchSize &block, int64_t sharedBytes,
                      DeviceStream *stream, void **parameters) override;
};

/// What the host's processor is called.
std::string hostProcessorName();

} // namespace orcinus

#endif // RUNTIME_DEVICE_HOSTDEVICE_H
