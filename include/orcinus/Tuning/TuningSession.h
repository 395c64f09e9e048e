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
#include "orcinus/Tuning/TuningReport.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

struct TuningOptions {
  TuningStrategy strategy = TuningStrategy::Reuse;
  TrialCounts trials;
  ReuseConditions conditions;
  /// Whether the plan may tune operators that nobody asked for.
  bool bridges = true;
  uint64_t seed = 0;
  /// Of the strategy reuse: how many batches of a search in a row may bring no
  /// gain before it ends; 0 for a search of all its candidates.
  int64_t patience = 2;
  /// When no further candidate is begun: operators that were not begun either
  /// are left out. The strategy reuse plans for the time until then: how many
  /// candidates, and where little time is left, which operators. What then is
  /// left goes to the operators that may gain most. Nothing for no such moment.
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
  /// What a call of the network takes now; 0 where no network is tuned.
  double latencyMilliseconds = 0;
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
  /// Whether the run should end behind the candidate that is being measured, as
  /// at a deadline, with the best programs so far.
  virtual bool wantsStop() { return false; }
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
