//===- WorkerProcess.h - A process that may die -----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_WORKERPROCESS_H
#define ORCINUS_LIB_TUNING_WORKERPROCESS_H

#include "WorkerProtocol.h"

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace orcinus {

/// A child process that serves requests on its standard input, a socket. It is
/// started when it is first needed and again after each fault; it never
/// outlives this process, nor do the processes that it starts outlive it where
/// this one ends it.
class WorkerProcess {
public:
  /// `command` is the program and its arguments; the child may have
  /// `memoryBytes` of data (RLIMIT_DATA) beyond what a sanitizer maps.
  WorkerProcess(std::vector<std::string> command, int64_t memoryBytes)
      : command(std::move(command)), memoryBytes(memoryBytes) {}
  WorkerProcess(WorkerProcess &&other) noexcept;
  ~WorkerProcess() { stop(); }

  /// Sends `request`, to a new child where there is none. Errors: the child
  /// cannot be started.
  Status send(const WorkerRequest &request);

  /// The reply to the request that was sent last. Where the child dies, does
  /// not answer until `deadline` or says that something crashed, it is stopped,
  /// and the reply says how it failed.
  WorkerReply receive(WorkerDeadline deadline);

  /// Ends the child, where there is one, and what it has started.
  void stop();

  bool running() const { return child > 0; }
  /// What `poll` may wait on; -1 where there is no child.
  int socket() const { return channel; }

private:
  Status start();
  /// How the child ended, which has closed its socket.
  Measurement reap();

  std::vector<std::string> command;
  int64_t memoryBytes;
  pid_t child = -1;
  int channel = -1;
};

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_WORKERPROCESS_H
