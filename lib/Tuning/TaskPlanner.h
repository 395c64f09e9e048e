//===- TaskPlanner.h - What a session does, in which order ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_TASKPLANNER_H
#define ORCINUS_LIB_TUNING_TASKPLANNER_H

#include "OperatorKey.h"
#include "OperatorTuner.h"

#include "orcinus/Tuning/ReuseGraph.h"
#include "orcinus/Tuning/TuningSession.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace orcinus {

/// The programs that earlier runs have finished.
class FinishedPrograms {
public:
  FinishedPrograms(const TuningDatabase &database, const TuningOptions &options,
                   TimeOrigin origin)
      : database(database), options(options), origin(origin) {}

  /// The program that an earlier run finished and that the strategy would not
  /// improve on. One that was asked for is not finished where a run that found
  /// it might measure fewer candidates than this one.
  StatusOr<std::optional<TunedProgram>>
  find(const OperatorDescription &description, bool asked) const;

  /// Whether an earlier run finished a search with fewer candidates than it may
  /// have now.
  StatusOr<bool> searchGoesOn(const OperatorDescription &description) const;

private:
  const TuningDatabase &database;
  const TuningOptions &options;
  /// Of the times that this run adds.
  TimeOrigin origin;
};

/// One operator that is to be tuned, and what that is expected to take.
struct TuningTask {
  TunableOperator op;
  bool bridge = false;
  double expectedSeconds = 0;
  /// The task whose program it reuses; nothing where it is searched.
  std::optional<size_t> source;
};

/// Makes the tasks of a session: each operator by itself, or those of a plan.
class TaskPlanner {
public:
  /// `options` are those of `tuner` too; where they have a deadline, planning
  /// lowers their trials to what fits it. `concurrency` is how many candidates
  /// are measured at the same time: it shortens what is expected, and leaves
  /// the plan as it is.
  TaskPlanner(const std::vector<TunableOperator> &operators,
              const TargetDescription &target, const TuningDatabase &database,
              TuningOptions &options, TimeOrigin origin, int64_t concurrency,
              OperatorTuner &tuner)
      : operators(operators), target(target), database(database),
        options(options), origin(origin),
        speed(static_cast<double>(std::min(concurrency, searchBatch))),
        finished(database, options, origin), tuner(tuner) {}

  /// The tasks in an order in which a source comes before whoever reuses it.
  StatusOr<std::vector<TuningTask>> plan();

  /// The operators that have no task, and why.
  const std::vector<LeftOutOperator> &leftOut() const { return excluded; }

private:
  std::vector<TunableOperator> distinctOperators();
  StatusOr<std::vector<TuningTask>>
  independentTasks(const std::vector<TunableOperator> &chosen);
  StatusOr<std::vector<TuningTask>>
  plannedTasks(const std::vector<TunableOperator> &chosen);
  StatusOr<std::vector<TuningTask>>
  tasksInTime(std::vector<TunableOperator> chosen);
  Status leaveOutLightest(std::vector<TunableOperator> &chosen);
  Status probeKinds(const std::vector<TunableOperator> &distinct);
  StatusOr<ReuseGraph> graphOf(const std::vector<TunableOperator> &distinct);
  StatusOr<std::vector<OperatorDescription>>
  knownOperators(const std::vector<TunableOperator> &distinct);
  std::vector<TuningTask> tasksOf(const TuningPlan &plan,
                                  const ReuseGraph &graph,
                                  const std::vector<TunableOperator> &distinct);

  const std::vector<TunableOperator> &operators;
  const TargetDescription &target;
  const TuningDatabase &database;
  TuningOptions &options;
  TimeOrigin origin;
  /// How many times as fast tuning is as by one process.
  double speed;
  FinishedPrograms finished;
  OperatorTuner &tuner;
  std::vector<LeftOutOperator> excluded;
  /// The operators whose search was finished with fewer candidates than it may
  /// have now, with what is left of it in seconds.
  std::map<OperatorKey, double> goingOn;
};

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_TASKPLANNER_H
