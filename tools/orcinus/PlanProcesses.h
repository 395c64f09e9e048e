//===- PlanProcesses.h - orcinus plan --processes ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_PLANPROCESSES_H
#define TOOLS_ORCINUS_PLANPROCESSES_H

#include "Options.h"
#include "orcinus/Reuse/PlanCommand.h"
#include "orcinus/Support/Status.h"
#include "runtime/Train/ProcessPlan.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace orcinus {

/// What a plan of several processes is told besides the options of a run.
struct ProcessOptions {
  std::vector<int64_t> processes;
  int64_t bandwidth = 10'000'000'000;
  double latencyMicroseconds = 5;
};

/// Adds --processes, and what belongs to it alone; returns --processes.
CLI::Option *addProcessOptions(CLI::App &command, ProcessOptions &options);

/// Prints what an epoch of training would take on each number of processes, as
/// a table or as a line of JSON. Where an option is not given, it is what it is
/// for `orcinus train`.
Status runProcessPlan(const CLI::App &command, const DataOptions &data,
                      const PlanRequest &plan, const std::string &policy,
                      bool json, const ProcessOptions &options,
                      CheckpointDescription run);

} // namespace orcinus

#endif // TOOLS_ORCINUS_PLANPROCESSES_H
