//===- DeviceCommunicator.cpp - Processes with a device each --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Communicator/DeviceCommunicator.h"

#include <span>

using namespace orcinus;

namespace {

/// Between devices whose memory is that of their hosts.
class HostMemoryCommunicator : public DeviceCommunicator {
public:
  HostMemoryCommunicator(Device &device, Communicator &processes)
      : device(device), processes(processes) {}

  Status exchange(int partner, std::span<const std::byte> sent,
                  std::span<std::byte> received,
                  DeviceStream *stream) override {
    if (Status status = device.synchronize(stream); !status.ok())
      return status;
    return processes.exchange(partner, sent, received);
  }

private:
  Device &device;
  Communicator &processes;
};

} // namespace

StatusOr<std::unique_ptr<DeviceCommunicator>>
orcinus::connectDevices(Device &device, Communicator &processes,
                        const std::string &library) {
  bool isHosts = device.kind() == DeviceKind::Host ||
                 device.kind() == DeviceKind::Simulator;
  if (!isHosts || !library.empty())
    return connectByNccl(device, processes, library);
  return std::unique_ptr<DeviceCommunicator>(
      std::make_unique<HostMemoryCommunicator>(device, processes));
}
