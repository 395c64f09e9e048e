//===- HostDevice.cpp - The host as a device ------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device/HostDevice.h"

#include <fstream>
#include <sys/utsname.h>

using namespace orcinus;

std::string orcinus::hostProcessorName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos)
      return line.substr(colon + 2);
  }
  return "processor";
}

static std::string machineName() {
  utsname system;
  return uname(&system) == 0 ? system.machine : "";
}

HostDevice::HostDevice(const DeviceOptions &options)
    : HostMemoryDevice({DeviceKind::Host, hostProcessorName(), machineName()},
                       options.memoryLimit) {}

/// Calls `body` for all indices within `size`, x fastest.
template <typename Body>
static void forEachIndex(const LaunchSize &size, Body body) {
  for (int64_t z = 0; z != size[2]; ++z)
    for (int64_t y = 0; y != size[1]; ++y)
      for (int64_t x = 0; x != size[0]; ++x)
        body(LaunchSize{x, y, z});
}

Status HostDevice::launchKernel(DeviceFunction *function,
                                const LaunchSize &grid, const LaunchSize &block,
                                int64_t sharedBytes, DeviceStream *stream,
                                void **parameters) {
  if (Status status = checkStream(stream); !status.ok())
    return status;
  if (sharedBytes)
    return Status::error("the host device has no shared memory");
  auto *kernel = reinterpret_cast<HostKernel *>(function);
  forEachIndex(grid, [&](const LaunchSize &blockIndex) {
    forEachIndex(block, [&](const LaunchSize &threadIndex) {
      kernel({grid, block, blockIndex, threadIndex}, parameters);
    });
  });
  return Status();
}
