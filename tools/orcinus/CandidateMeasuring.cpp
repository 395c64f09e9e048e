//===- CandidateMeasuring.cpp - What measures candidates ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CandidateMeasuring.h"

#include "StopSignals.h"

#include "orcinus/Runtime/Communicator.h"
#include "orcinus/Support/Processors.h"
#include "orcinus/Tuning/ProcessRunner.h"
#include "passes/Lowering/HostDescription.h"
#include "runtime/Jit/GpuToolchain.h"

#include <algorithm>
#include <optional>
#include <unistd.h>
#include <utility>

using namespace orcinus;

/// Candidates are measured where there is a device for them; else they are
/// compiled, and a model tells their times.
static StatusOr<std::unique_ptr<CandidateRunner>>
makeRunner(const MeasuringOptions &options, const TuningTarget &place,
           int64_t threads) {
  ProcessRunnerOptions runner;
  runner.command = {"/proc/self/exe", workerCommand, place.name,
                    std::to_string(threads)};
  if (place.device)
    runner.command.push_back(std::to_string(*place.device));
  runner.measures = place.device.has_value();
  if (place.chip) {
    if (Status status = findGpuTools(*place.chip); !status.ok())
      return status;
    runner.model = gpuTimeModel(*place.chip);
  }
  runner.compileWorkers = usableProcessors();
  runner.compileLimitSeconds = options.timeLimit;
  runner.runLimitSeconds = options.timeLimit;
  runner.memoryBytes = options.memoryMegabytes << 20;
  auto created = createProcessRunner(std::move(runner));
  if (Status status = created->start(); !status.ok())
    return status;
  return created;
}

/// The processors that this process may run on. Open MPI binds two processes to
/// a core each, wherever they run; what it may use itself is ours to divide.
static ProcessorList
findProcessors(const std::optional<LaunchedProcess> &launched) {
  ProcessorList own = usableProcessorsOf(0);
  if (!launched || launched->launcher != LaunchedProcess::Launcher::OpenMpi)
    return own;
  ProcessorList launchers = usableProcessorsOf(getppid());
  return launchers.size() > own.size() ? launchers : own;
}

/// Where this process is, whatever it can do there.
static MeasuringPlace describePlace(const ProcessorList &processors) {
  MeasuringPlace place;
  place.machine = machineName();
  place.identity = machineIdentity();
  place.processors = processors;
  return place;
}

StatusOr<CandidateMeasuring>
orcinus::setUpMeasuring(const MeasuringOptions &options) {
  std::optional<LaunchedProcess> launched = launchedProcess();
  StatusOr<TuningTarget> place =
      findTuningTarget(options.target, launched ? launched->localRank : 0);
  if (!place.ok())
    return place.status();
  ProcessorList processors = findProcessors(launched);
  int64_t threads = options.threads;
  if (threads == 0)
    threads = std::max<int64_t>(usableProcessors(), std::ssize(processors));
  StatusOr<TargetDescription> target = describeTarget(place->name, threads);
  if (!target.ok())
    return target.status();
  MeasuringProcess process;
  process.place = describePlace(processors);
  process.place.target = target->summary();
  process.place.context = tuningContext(*target);
  process.place.origin =
      place->device ? TimeOrigin::Measured : TimeOrigin::Modelled;
  process.threads = target->threads;
  process.makeRunner = [options, place = *place, threads = target->threads] {
    return makeRunner(options, place, threads);
  };
  process.wantsStop = isStopRequested;
  return CandidateMeasuring{std::move(*place), std::move(*target),
                            std::move(process)};
}

MeasuringProcess orcinus::setUpHelper(const MeasuringOptions &options) {
  StatusOr<CandidateMeasuring> measuring = setUpMeasuring(options);
  if (measuring.ok())
    return std::move(measuring->process);
  MeasuringProcess process;
  process.place = describePlace({});
  process.place.problem = measuring.message();
  process.wantsStop = isStopRequested;
  return process;
}
