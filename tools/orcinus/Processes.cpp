//===- Processes.cpp - Commands of several processes ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Processes.h"

#include <fmt/format.h>

#include <cstdio>
#include <optional>

using namespace orcinus;

/// Leaves what is written to `stream` to the first process.
static Status silence(std::FILE *stream, int rank) {
  if (rank != 0 && !std::freopen("/dev/null", "w", stream))
    return Status::error("cannot open /dev/null", StatusCode::InputOutput);
  return Status();
}

Status orcinus::runAmongProcesses(
    const std::function<Status(std::shared_ptr<Communicator>)> &work) {
  std::optional<LaunchedProcess> launched = launchedProcess();
  if (!launched)
    return work(nullptr);
  auto processes = openMpi();
  if (!processes.ok()) {
    (void)silence(stderr, launched->rank);
    return processes.status();
  }
  int rank = (*processes)->rank();
  if (Status status = silence(stdout, rank); !status.ok())
    return status;
  Status status = work(*processes);
  if (status.code() == StatusCode::Interrupted) {
    // All have stopped together.
    (*processes)->finish();
    (void)silence(stderr, rank);
    return status;
  }
  if (!status.ok())
    return status.within(fmt::format("process {}", rank));
  (*processes)->finish();
  return Status();
}
