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

/// Does `work` with all processes; `launched` is this one.
static Status share(const SharedWork &work, const LaunchedProcess &launched) {
  auto processes = openMpi();
  if (!processes.ok()) {
    (void)silence(stderr, launched.rank);
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

/// Each process would write the same files, over those of the others.
static Status refuse(std::string_view name, const LaunchedProcess &launched) {
  (void)silence(stderr, launched.rank);
  return Status::error(fmt::format(
      "{} processes were started, but '{}' is the work of one: start it "
      "without "
      "mpirun or srun; only 'train', 'eval' and 'tune' are divided among "
      "processes",
      launched.size, name));
}

Status orcinus::runAmongProcesses(std::string_view name,
                                  const Command &command) {
  if (const auto *child = std::get_if<ChildWork>(&command))
    return child->work();
  std::optional<LaunchedProcess> launched = launchedProcess();
  if (const auto *shared = std::get_if<SharedWork>(&command))
    return launched ? share(*shared, *launched) : (*shared)(nullptr);
  return launched ? refuse(name, *launched) : std::get<OwnWork>(command)();
}
