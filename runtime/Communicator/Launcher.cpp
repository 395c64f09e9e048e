//===- Launcher.cpp - Who has started this process ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Communicator.h"

#include <charconv>
#include <cstdlib>

using namespace orcinus;

namespace {

/// The variables in which a launcher says what it has started.
struct LauncherVariables {
  LaunchedProcess::Launcher launcher;
  const char *size, *rank, *localRank;
};

} // namespace

/// A number of the environment.
static std::optional<int> number(const char *name) {
  const char *text = std::getenv(name);
  if (!text)
    return std::nullopt;
  std::string_view digits = text;
  int value = 0;
  auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value);
  bool isWhole = error == std::errc() && end == digits.data() + digits.size();
  return isWhole ? std::optional(value) : std::nullopt;
}

std::optional<LaunchedProcess> orcinus::launchedProcess() {
  using Launcher = LaunchedProcess::Launcher;
  // What mpirun has started within a job of Slurm is mpirun's, and srun has
  // PMI's variables, too. A job's script has SLURM_NTASKS, but is no step.
  constexpr LauncherVariables launchers[] = {
      {Launcher::OpenMpi, "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK",
       "OMPI_COMM_WORLD_LOCAL_RANK"},
      {Launcher::Slurm, "SLURM_STEP_NUM_TASKS", "SLURM_PROCID",
       "SLURM_LOCALID"},
      {Launcher::Pmi, "PMI_SIZE", "PMI_RANK", "MPI_LOCALRANKID"}};
  for (const LauncherVariables &each : launchers) {
    std::optional<int> size = number(each.size);
    if (!size)
      continue;
    if (*size < 2)
      return std::nullopt;
    return LaunchedProcess{each.launcher, number(each.rank).value_or(0), *size,
                           number(each.localRank).value_or(0)};
  }
  return std::nullopt;
}
