//===- Measure.h - How fast a candidate runs --------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TUNING_MEASURE_H
#define ORCINUS_TUNING_MEASURE_H

#include "orcinus/Tuning/Operator.h"
#include "orcinus/Tuning/Schedule.h"

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace orcinus {

/// What became of a candidate.
enum class MeasureStatus {
  Ok,
  /// The compiler or the device refused it.
  Rejected,
  /// It, or its compiler, ended the process, or made the device unusable.
  Crash,
  /// It took longer than the time limit.
  Timeout,
  /// It needed more memory than the limit.
  Memory,
  /// Its result differs from that of plain loops.
  WrongResult,
};

/// ok, rejected, crash, timeout, memory or wrong-result.
std::string_view statusName(MeasureStatus status);
/// The status of that name. Errors: an unknown name.
StatusOr<MeasureStatus> parseStatus(std::string_view name);

/// Where a time comes from. Times of one origin are not compared with those of
/// the other; a measured program counts before a modelled one.
enum class TimeOrigin {
  /// The program ran.
  Measured,
  /// It was compiled, and a model of the target said how long it would run.
  Modelled,
};

std::string_view originName(TimeOrigin origin);
StatusOr<TimeOrigin> parseOrigin(std::string_view name);

struct Measurement {
  MeasureStatus status = MeasureStatus::Ok;
  TimeOrigin origin = TimeOrigin::Measured;
  /// Time of a call, the fastest of several rounds: other work on the machine
  /// only ever slows a round down. 0 where the status is not `Ok`.
  double microseconds = 0;
  /// The same for a fixed program, measured shortly before: times taken at
  /// different moments are compared as multiples of it.
  double baselineMicroseconds = 0;
  /// Wall time that compiling took.
  double compileSeconds = 0;
  /// Wall time that checking and timing took.
  double runSeconds = 0;
  /// Wall time that the operator's inputs and right results took; 0 where an
  /// earlier candidate had needed them.
  double loadSeconds = 0;
  /// What went wrong, in one line; empty where the status is `Ok`.
  std::string message;

  bool ok() const { return status == MeasureStatus::Ok; }
  /// As a multiple of the baseline's time.
  double relativeTime() const { return microseconds / baselineMicroseconds; }
};

/// Compiles, checks and times candidates. A candidate that fails, however
/// badly, costs its own measurement and nothing else.
class CandidateRunner {
public:
  virtual ~CandidateRunner();

  /// What became of the candidate number `candidate`, told as soon as it is
  /// known. An error ends the measuring.
  using Report =
      std::function<Status(size_t candidate, const Measurement &measurement)>;

  /// Prepares to measure. Errors: it cannot measure anything.
  virtual Status start() { return Status(); }

  /// Where the times that it reports come from.
  virtual TimeOrigin origin() const { return TimeOrigin::Measured; }

  /// Candidates of one operator that it measures at the same time, where it is
  /// given as many.
  virtual int64_t concurrency() const { return 1; }

  /// Measures `op` under each of `schedules`, and reports each once, in order.
  /// An empty schedule is the compiler's own default. Errors: the runner itself
  /// cannot work, there is nothing to compare results with, or those of
  /// `report`.
  virtual Status measure(const TunableOperator &op,
                         std::span<const Schedule> schedules,
                         const Report &report) = 0;
};

} // namespace orcinus

#endif // ORCINUS_TUNING_MEASURE_H
