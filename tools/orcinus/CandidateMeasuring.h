//===- CandidateMeasuring.h - What measures candidates ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_CANDIDATEMEASURING_H
#define TOOLS_ORCINUS_CANDIDATEMEASURING_H

#include "orcinus/Tuning/Target.h"
#include "runtime/Jit/TuningTarget.h"
#include "runtime/Tuning/MeasuringProcess.h"

#include <cstdint>
#include <string>

namespace orcinus {

/// The command that makes this very program a child that measures candidates.
inline constexpr const char *workerCommand = "tune-worker";

struct MeasuringOptions {
  std::string target = "host";
  /// On the host; 0 for all processors.
  int64_t threads = 0;
  /// Of compiling, and of running, a candidate.
  double timeLimit = 20;
  int64_t memoryMegabytes = 4096;
};

/// What this process tunes for, and how it measures.
struct CandidateMeasuring {
  TuningTarget place;
  TargetDescription target;
  MeasuringProcess process;
};

/// Errors: there is no such target, or nothing here to measure it with.
StatusOr<CandidateMeasuring> setUpMeasuring(const MeasuringOptions &options);

/// The same for a process that measures for the first one, which then says what
/// the error was.
MeasuringProcess setUpHelper(const MeasuringOptions &options);

} // namespace orcinus

#endif // TOOLS_ORCINUS_CANDIDATEMEASURING_H
