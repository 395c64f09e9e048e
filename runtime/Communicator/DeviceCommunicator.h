//===- DeviceCommunicator.h - Processes with a device each ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_COMMUNICATOR_DEVICECOMMUNICATOR_H
#define RUNTIME_COMMUNICATOR_DEVICECOMMUNICATOR_H

#include "orcinus/Runtime/Communicator.h"
#include "runtime/Device/Device.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace orcinus {

/// The devices of processes that do one run together, as one process sees them:
/// beside a Communicator, which reaches their hosts. All call the same
/// functions in the same order, one thread each.
///
/// There are no sums among these: how a library adds (ncclAllReduce) depends on
/// how many devices there are and how they are connected, and the bits of a run
/// may not. Who adds exchanges, and adds by a kernel of its own, in an order of
/// its own.
///
/// A process that fails has to end: an exchange that others have begun with it
/// cannot be left, and it is the launcher that ends these.
class DeviceCommunicator {
public:
  virtual ~DeviceCommunicator() = default;

  /// Sends `sent` to the device of process `partner` and receives as many bytes
  /// from it as `received` has, which does the same; in the order of `stream`.
  /// Both are on the own device. Errors: the partner is gone.
  virtual Status exchange(int partner, std::span<const std::byte> sent,
                          std::span<std::byte> received,
                          DeviceStream *stream) = 0;
};

/// Connects the device of each process, which all call at once: NVIDIA's by
/// NCCL and AMD's by RCCL, which are opened now, as `library` or else as the
/// system finds them; simulated ones, whose memory is the host's, by
/// `processes` where no library is given. `device` and `processes` outlive the
/// result. Errors, in all processes if in one: there is no such library, or it
/// does not connect them.
StatusOr<std::unique_ptr<DeviceCommunicator>>
connectDevices(Device &device, Communicator &processes,
               const std::string &library = {});

/// What NCCL must have; RCCL has the same.
std::vector<std::string> ncclSymbolNames();

/// By NCCL or RCCL; as above.
StatusOr<std::unique_ptr<DeviceCommunicator>>
connectByNccl(Device &device, Communicator &processes,
              const std::string &library);

} // namespace orcinus

#endif // RUNTIME_COMMUNICATOR_DEVICECOMMUNICATOR_H
