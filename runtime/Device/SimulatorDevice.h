//===- SimulatorDevice.h - A GPU simulated on the host ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_DEVICE_SIMULATORDEVICE_H
#define RUNTIME_DEVICE_SIMULATORDEVICE_H

#include "runtime/Device/HostMemoryDevice.h"

#include <mutex>

namespace orcinus {

/// A GPU whose kernels run on the host. A `DeviceFunction *` is the address of
/// a SimulatedKernel, which the launcher runs.
class SimulatorDevice : public HostMemoryDevice {
public:
  explicit SimulatorDevice(const DeviceOptions &options);

private:
  Status launchKernel(DeviceFunction *function, const LaunchSize &grid,
                      const LaunchSize &block, int64_t sharedBytes,
                      DeviceStream *stream, void **parameters) override;

  SimulatedLauncher launcher;
  /// It runs one kernel at a time, whichever thread launches it.
  std::mutex launching;
};

} // namespace orcinus

#endif // RUNTIME_DEVICE_SIMULATORDEVICE_H
