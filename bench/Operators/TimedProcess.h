//===- TimedProcess.h - Work timed in a process of its own ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_BENCH_OPERATORS_TIMEDPROCESS_H
#define ORCINUS_BENCH_OPERATORS_TIMEDPROCESS_H

#include "orcinus/Support/Status.h"

#include <cstdio>
#include <functional>
#include <string>

#include <sys/types.h>

namespace orcinus::bench {

/// What is timed, and whose work it is; both empty where there is none.
struct TimedWork {
  std::string name;
  std::function<void()> run;
};

/// Work in a child process, which is stopped while it is not its turn: threads
/// of a library that spin, waiting for its next call, take nothing from others.
class TimedProcess {
public:
  using Prepare = std::function<StatusOr<TimedWork>()>;

  /// Forks a child that makes its work by `prepare`. The caller must be its
  /// process' only thread. Errors: those of `prepare`, or that the child died.
  static StatusOr<TimedProcess> start(const Prepare &prepare, int threads);

  TimedProcess(TimedProcess &&other) noexcept;
  TimedProcess &operator=(TimedProcess &&) = delete;
  ~TimedProcess();

  /// Whose work it is; empty where there is none to time.
  const std::string &name() const { return workName; }

  /// Seconds of a call, the mean of a few milliseconds' calls. Errors: the
  /// child died.
  StatusOr<double> secondsPerCall();

private:
  TimedProcess(pid_t child, int channel);

  /// The child's next line. Errors: it died, or says what went wrong.
  StatusOr<std::string> receive();

  pid_t child;
  std::FILE *channel;
  std::string workName;
};

} // namespace orcinus::bench

#endif // ORCINUS_BENCH_OPERATORS_TIMEDPROCESS_H
