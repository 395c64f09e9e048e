//===- MeasuringProcess.h - A process that measures -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TUNING_MEASURINGPROCESS_H
#define RUNTIME_TUNING_MEASURINGPROCESS_H

#include "runtime/Tuning/MeasuringMessages.h"

#include <functional>
#include <memory>

namespace orcinus {

/// What a process needs to measure candidates with others.
struct MeasuringProcess {
  MeasuringPlace place;
  /// Processors that a program takes.
  int64_t threads = 1;
  /// Makes what measures, on the processors that this process then runs on.
  std::function<StatusOr<std::unique_ptr<CandidateRunner>>()> makeRunner;
  /// Whether somebody has asked this process to stop.
  std::function<bool()> wantsStop = [] { return false; };
  /// How this process comes to run on processors.
  std::function<Status(const ProcessorList &)> moveTo = runOn;
};

/// Measures what process 0, which has a DividedRunner, gives this one, until it
/// has nothing more; sleeps where it waits. Errors: the others are gone;
/// Interrupted, where all stop as somebody asked for.
Status measureForFirst(Communicator &processes, const MeasuringProcess &own);

} // namespace orcinus

#endif // RUNTIME_TUNING_MEASURINGPROCESS_H
