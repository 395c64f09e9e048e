//===- WorkerProtocol.h - What runner and worker say ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_WORKERPROTOCOL_H
#define ORCINUS_LIB_TUNING_WORKERPROTOCOL_H

#include "orcinus/Support/Status.h"
#include "orcinus/Tuning/GpuChip.h"
#include "orcinus/Tuning/Measure.h"

#include <chrono>
#include <string>
#include <vector>

namespace orcinus {

enum class WorkerCommand {
  /// Compile the module in `body` under `schedule`: the reply's body is the
  /// object file, empty where candidates do not run.
  Compile,
  /// Make ready to run programs of the operator whose module is in `body`.
  Load,
  /// Check and time the object file in `body`.
  Run,
  /// Time the baseline.
  Baseline,
};

struct WorkerRequest {
  WorkerCommand command = WorkerCommand::Baseline;
  Schedule schedule;
  /// The best time that is known for the operator; 0 where none is.
  double enoughMicroseconds = 0;
  std::string body;
};

struct WorkerReply {
  Measurement measurement;
  std::string body;
  /// What each kernel of a program takes that was compiled for a GPU.
  std::vector<KernelResources> kernels;
};

/// The exit status of a worker that was refused memory.
inline constexpr int memoryExitStatus = 86;

using WorkerDeadline = std::chrono::steady_clock::time_point;
inline constexpr WorkerDeadline noDeadline = WorkerDeadline::max();

/// What came of waiting for a message.
enum class ReceiveResult { Message, Closed, TimedOut };

// A message that cannot be sent is one whose receiver is gone: receiving from
// it says so.
void sendRequest(int socket, const WorkerRequest &request);
void sendReply(int socket, const WorkerReply &reply);
ReceiveResult receiveRequest(int socket, WorkerRequest &request);
ReceiveResult receiveReply(int socket, WorkerReply &reply,
                           WorkerDeadline deadline);

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_WORKERPROTOCOL_H
