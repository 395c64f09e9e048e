//===- PlanSweep.h - orcinus plan --sweep -----------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_PLANSWEEP_H
#define TOOLS_ORCINUS_PLANSWEEP_H

#include "Options.h"
#include "orcinus/Reuse/PlanCommand.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace orcinus {

/// What a sweep is told besides the options of a plan.
struct SweepOptions {
  bool isWanted = false;
  /// In place of the default series.
  std::vector<int32_t> capacities;
  std::vector<int64_t> memories;
  CheckpointDescription run;
};

/// Adds --sweep, and what belongs to it alone. The options that `command` has
/// already are those of a plan, which a sweep takes too where they are given.
CLI::Option *addSweepOptions(CLI::App &command, SweepOptions &options);

/// Adds what says which run is swept, or is planned for several processes.
void addPlannedRunOptions(CLI::App &command, CheckpointDescription &run);

/// An option of addPlannedRunOptions() that is given, if any is.
std::optional<std::string> plannedRunOptionOf(const CLI::App &command);

/// Takes over what a plan was given.
void takeFromPlan(const CLI::App &command, const PlanRequest &plan,
                  const std::string &policy, CheckpointDescription &run);

/// Prints what each capacity gives, as a table or as a line of JSON. Where an
/// option is not given, it is what it is for `orcinus train`.
Status runSweep(const CLI::App &command, const DataOptions &data,
                const PlanRequest &plan, const std::string &policy, bool json,
                SweepOptions options);

} // namespace orcinus

#endif // TOOLS_ORCINUS_PLANSWEEP_H
