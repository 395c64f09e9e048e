//===- TuningSession.h - Tune a set of operators ----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TUNING_TUNINGSESSION_H
#define ORCINUS_TUNING_TUNINGSESSION_H

#include "orcinus/Tuning/Database.h"
#include "orcinus/Tuning/Measure.h"
#include "orcinus/Tuning/MeasuredCosts.h"
#include "orcinus/Tuning/Operator.h"
#include "orcinus/Tuning/ReuseConditions.h"
#include "orcinus/Tuning/Target.h"

#include <chrono>
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

struct TuningOptions {
  TuningStrategy strategy = TuningStrategy::Reuse;
  TrialCounts trials;
  ReuseConditions conditions;
  /// Whether the plan may tune operators that nobody asked for.
  bool bridges = true;
  uint64_t seed = 0;
  /// When no further candidate is begun: operators that were not begun either
  /// are left out. Nothing for no such moment.
  std::optional<std::chrono::steady_clock::time_point> deadline;

  bool isLate() const {
    return deadline && std::chrono::steady_clock::now() >= *deadline;
  }
};

/// How far tuning is.
struct TuningProgress {
  int64_t operatorsDone = 0;
  int64_t operators = 0;
  /// The operator being tuned.
  std::string_view name;
  /// Candidates measured for it, and in all.
  int64_t trials = 0;
  int64_t totalTrials = 0;
  /// The best time for it so far; 0 where there is none yet.
  double bestMicroseconds = 0;
  /// As expected from the measurements so far; negative where unknown.
  double secondsLeft = -1;
};

/// What was found for one operator.
struct OperatorResult {
  std::string name;
  TunedProgram program;
  /// What became of its candidates, those of earlier runs included.
  std::vector<CandidateOutcome> outcomes;
};

/// An operator of which no candidate works.
struct FailedOperator {
  std::string name;
  std::string reason;
  std::vector<CandidateOutcome> outcomes;
};

/// Is told what happens.
class TuningObserver {
public:
  virtual ~TuningObserver();
  virtual void onTrial(const TuningProgress &progress) {}
  /// After each operator, which `progress` counts. Bridges are reported too.
  virtual void onOperator(const OperatorResult &result, bool bridge,
                          const TuningProgress &progress) {}
  /// A line about the run as a whole: the plan, an operator that failed, a
  /// drift of the machine's speed.
  virtual void onNote(const std::string &note) {}
};

struct TuningReport {
  TuningStrategy strategy = TuningStrategy::Reuse;
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

  /// `{"strategy":…,"seconds":…,"operators":[{"name":…,"microseconds":…,
  /// "trials":…,"source":…,"origin":…,"candidates":{STATUS:COUNT,…}}],
  /// "left_out":[{"name":…,"reason":…}],"failed":[{"name":…,"reason":…,
  /// "candidates":{…}}]}`; the origin is that of the time.
  std::string toJson() const;
};

/// Tunes `operators` and writes all that is found to `database`. What an
/// earlier run finished for the strategy is not done again, unless more
/// candidates may be measured now than then; what it had begun, or finished
/// with fewer, goes on. An operator without a schedule space, or of which no
/// candidate works, is passed over, and the report says so. Errors: those of
/// the database.
StatusOr<TuningReport>
tuneOperators(const std::vector<TunableOperator> &operators,
              const TargetDescription &target, CandidateRunner &runner,
              TuningDatabase &database, const TuningOptions &options,
              TuningObserver &observer);

} // namespace orcinus

#endif // ORCINUS_TUNING_TUNINGSESSION_H
