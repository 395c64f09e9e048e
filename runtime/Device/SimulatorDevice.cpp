//===- SimulatorDevice.cpp - A GPU simulated on the host ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device/SimulatorDevice.h"

#include "runtime/Simulator/Simulator.h"

#include <memory>

using namespace orcinus;

SimulatorDevice::SimulatorDevice(const DeviceOptions &options)
    : HostMemoryDevice({DeviceKind::Simulator, "simulator", "simulator"},
                       options.memoryLimit),
      launcher(options.simulatedLauncher) {
  if (launcher)
    return;
  launcher = [simulator = std::make_shared<Simulator>(options.simulator)](
                 const SimulatedKernel &kernel, const LaunchSize &grid,
                 const LaunchSize &block, int64_t sharedBytes,
                 void **parameters) {
    return simulator->launch(kernel, grid, block, sharedBytes, parameters);
  };
}

Status SimulatorDevice::launchKernel(DeviceFunction *function,
                                     const LaunchSize &grid,
                                     const LaunchSize &block,
                                     int64_t sharedBytes, DeviceStream *stream,
                                     void **parameters) {
  if (Status status = checkStream(stream); !status.ok())
    return status;
  std::lock_guard lock(launching);
  return launcher(*reinterpret_cast<const SimulatedKernel *>(function), grid,
                  block, sharedBytes, parameters);
}
