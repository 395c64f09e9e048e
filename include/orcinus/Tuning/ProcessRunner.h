//===- ProcessRunner.h - Candidates in child processes ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TUNING_PROCESSRUNNER_H
#define ORCINUS_TUNING_PROCESSRUNNER_H

#include "orcinus/Tuning/GpuChip.h"
#include "orcinus/Tuning/Measure.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace orcinus {

/// Microseconds of `op` under `schedule`, whose kernels take `kernels`. Errors:
/// why the candidate is none.
using TimeModel = std::function<StatusOr<double>(
    const TunableOperator &op, const Schedule &schedule,
    std::span<const KernelResources> kernels)>;

/// The model of lib/Tuning/GpuModel.h for contractions on `chip`.
TimeModel gpuTimeModel(const GpuChip &chip);

struct ProcessRunnerOptions {
  /// The program that compiles and runs candidates, and its arguments: it must
  /// call `serveCandidates` of runtime/Jit/CandidateWorker.h.
  std::vector<std::string> command;
  /// Processes that compile at the same time. One alone measures.
  int compileWorkers = 2;
  /// What one candidate may take, in seconds; what the reference program and
  /// the inputs of an operator may.
  double compileLimitSeconds = 20;
  double runLimitSeconds = 20;
  double loadLimitSeconds = 120;
  /// What one process may have of data.
  int64_t memoryBytes = int64_t(4) << 30;
  /// Judges what was compiled for a GPU: an error rejects it unrun.
  TimeModel model;
  /// Whether candidates run. Where they do not, `model` tells their times.
  bool measures = true;
};

/// Measures candidates in child processes that live from candidate to candidate
/// and are started anew after one that crashed, hung or was refused memory.
/// Compiling takes all workers; measuring is alone on the machine.
std::unique_ptr<CandidateRunner>
createProcessRunner(ProcessRunnerOptions options);

} // namespace orcinus

#endif // ORCINUS_TUNING_PROCESSRUNNER_H
