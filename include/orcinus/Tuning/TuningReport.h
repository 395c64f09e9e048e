//===- TuningReport.h - What a tuning has come to ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TUNING_TUNINGREPORT_H
#define ORCINUS_TUNING_TUNINGREPORT_H

#include "orcinus/Tuning/Database.h"
#include "orcinus/Tuning/Measure.h"
#include "orcinus/Tuning/Operator.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

enum class TuningStrategy {
  /// Every operator by the backend search.
  Search,
  /// Some by search, the others by reuse, as a plan says.
  Reuse,
  /// The default schedule of each is measured and nothing else.
  Default,
};

/// search, reuse or default.
std::string_view strategyName(TuningStrategy strategy);
/// The strategy of that name. Errors: an unknown name.
StatusOr<TuningStrategy> parseStrategy(std::string_view name);

/// What was found for one operator.
struct OperatorResult {
  std::string name;
  TunedProgram program;
  /// What became of its candidates, those of earlier runs included.
  std::vector<CandidateOutcome> outcomes;
  /// How often it is called where it comes from.
  int64_t calls = 1;
  /// Of a call by the compiler's own schedule, at the speed that the machine
  /// had when `program` was measured; 0 where that was not measured.
  double untunedMicroseconds = 0;
};

/// An operator of which no candidate works.
struct FailedOperator {
  std::string name;
  std::string reason;
  std::vector<CandidateOutcome> outcomes;
};

/// How a run came to the program of one operator or bridge.
struct TuningStep {
  std::string name;
  bool bridge = false;
  /// The operator whose program it took over; empty where it was searched, or
  /// nothing was left to do.
  std::string source;
  /// As the plan had it, and as it was: the wall time of its candidates.
  double expectedSeconds = 0;
  double seconds = 0;
  /// Candidates that this run measured for it.
  int64_t trials = 0;
  /// Of these, how many a search measured that a program taken over was not
  /// good enough for.
  int64_t mendingTrials = 0;
};

/// One call of a network, timed while it was tuned.
struct LatencyMoment {
  /// Since tuning began.
  double seconds = 0;
  double milliseconds = 0;
  /// What the network had become by then.
  std::string what;
};

/// What tuning brought calls of a network of one open extent.
struct NetworkLatency {
  /// What open extents were; 0 where there are none.
  int64_t extent = 0;
  double millisecondsBefore = 0, millisecondsAfter = 0;
  /// How many times as long calls take now.
  double ratio = 1;
  std::vector<LatencyMoment> moments;
};

/// What became of one operator in its network.
struct NetworkOperatorResult {
  std::string name;
  /// How often a call of the network calls it.
  int64_t calls = 0;
  /// By the compiler's own schedule, 0 where it cannot be tuned, and by the
  /// program that it has now.
  double untunedMicroseconds = 0, microseconds = 0;
  bool isKept = false;
  /// Kept or not, and why.
  std::string fate;
};

struct NetworkReport {
  /// The file.
  std::string network;
  std::vector<NetworkLatency> latencies;
  /// Those first that calls spend most time in.
  std::vector<NetworkOperatorResult> operators;
  /// Ops that are no operators, and why.
  std::vector<LeftOutOperator> byDefault;
};

struct TuningReport {
  TuningStrategy strategy = TuningStrategy::Reuse;
  /// `TargetDescription::summary` of what was tuned for.
  std::string target;
  /// Where the times of this run come from.
  TimeOrigin origin = TimeOrigin::Measured;
  /// Wall time of this run.
  double seconds = 0;
  /// Bridges tuned, their candidates, and the candidates of all operators, in
  /// this run.
  int64_t bridges = 0;
  int64_t trials = 0;
  /// The operators that were asked for, in that order, less those of the next
  /// two.
  std::vector<OperatorResult> operators;
  /// Those without a schedule space on the target, or that the deadline came
  /// before, and why.
  std::vector<LeftOutOperator> leftOut;
  /// Those that were tried in vain.
  std::vector<FailedOperator> failed;
  /// In the order in which they were tuned: a source comes before whoever
  /// reuses it. Bridges are among them.
  std::vector<TuningStep> steps;
  /// Where the operators are those of a network that is tuned as a whole.
  std::optional<NetworkReport> network;

  /// Adds what another run has come to, but for its strategy, target and
  /// network. Steps of one name become one.
  void add(TuningReport other);

  /// One object: `strategy`, `target`, `seconds`; `operators`, each with
  /// `name`, `calls`, `microseconds`, `untuned_microseconds`, `trials`,
  /// `seconds`, `source`, `origin` (of the time), `schedule` and `candidates`
  /// (`{STATUS:COUNT,…}`); `left_out` and `failed` with `name` and `reason`;
  /// `plan`, whose `steps` have `name`, `bridge`, `source` (null where there is
  /// none), `expected_seconds`, `seconds`, `trials` and `mending_trials`; and
  /// of a network `network`, with its `latencies` and its `operators`.
  std::string toJson() const;
};

/// A page that needs no network and no script: what was tuned from what, what
/// each operator cost before and after, where the time of tuning and that of a
/// network went.
std::string tuningPage(const TuningReport &report);

} // namespace orcinus

#endif // ORCINUS_TUNING_TUNINGREPORT_H
