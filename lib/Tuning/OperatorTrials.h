//===- OperatorTrials.h - What was tried for an operator --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_OPERATORTRIALS_H
#define ORCINUS_LIB_TUNING_OPERATORTRIALS_H

#include "CostModel.h"

#include "orcinus/Tuning/Database.h"
#include "orcinus/Tuning/ScheduleSpace.h"

#include <chrono>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace orcinus {

/// The candidates of one operator that were measured, now or in an earlier run,
/// and what was learnt from all of its kind.
class OperatorTrials {
public:
  /// A candidate with its time as a multiple of the baseline's.
  struct Tried {
    Schedule schedule;
    double relativeTime;
  };

  /// An error of the kind Interrupted ends a batch before its end.
  using OnTrial = std::function<Status(const OperatorTrials &)>;

  /// How candidates are going to be proposed: so many at a time, for a program
  /// of `source`.
  struct Batches {
    ProgramSource source;
    int64_t size;
  };
  /// All candidates in one batch.
  static constexpr int64_t all = std::numeric_limits<int64_t>::max();

  /// Takes over what the database knows. Where an earlier run was stopped
  /// within a batch, what it had measured of it counts once the batch is
  /// measured: it is proposed as it was then, and goes on. `onTrial` is called
  /// after each measurement.
  static StatusOr<OperatorTrials> create(const TunableOperator &op,
                                         const TargetDescription &target,
                                         CandidateRunner &runner,
                                         TuningDatabase &database,
                                         Batches batches, OnTrial onTrial);

  const ScheduleSpace &space() const { return *scheduleSpace; }
  CostModel &model() { return costModel; }

  /// Measures those of `schedules` that were not tried before, and in an
  /// earlier run neither, but no more than `most` in all; writes them to the
  /// database as tried for `source`. Those alone that came first where the
  /// batch was ended before its end.
  Status measure(const std::vector<Schedule> &schedules, ProgramSource source,
                 int64_t most = all);

  /// Whether the latest batch was ended before its end: the operator's tuning
  /// ends there, so that a later run goes on with that very batch.
  bool wasInterrupted() const { return interrupted; }

  /// Counts what an earlier run had measured of a batch in which it was
  /// stopped, whether or not it is proposed again.
  void countBegun();

  bool wasTried(const Schedule &schedule) const {
    return tried.contains(schedule.toString());
  }
  /// Candidates tried, failures included.
  int64_t count() const { return static_cast<int64_t>(tried.size()); }
  /// The right ones that are points of the space, the fastest first.
  std::vector<Tried> fastest() const;

  /// The fastest program as one that was found by `source`; nothing where every
  /// candidate failed.
  std::optional<TunedProgram> best(ProgramSource source) const;

  /// The baseline's time when the latest candidate was measured; 0 where none
  /// was.
  double latestBaseline() const { return baselineMicroseconds; }

  /// Why the first candidate that failed did; empty where none did.
  const std::string &firstFailure() const { return failure; }

private:
  OperatorTrials(const TunableOperator &op,
                 std::unique_ptr<ScheduleSpace> space, CandidateRunner &runner,
                 TuningDatabase &database, OnTrial onTrial);

  Status learnFromDatabase(Batches batches);
  void learnOthers(std::span<const TuningRecord> records);
  void add(const TuningRecord &record);
  void learn(const ScheduleSpace &space, const TuningRecord &record);

  const TunableOperator *op;
  std::string kind;
  std::vector<int64_t> extents;
  std::unique_ptr<ScheduleSpace> scheduleSpace;
  CandidateRunner *runner;
  TuningDatabase *database;
  OnTrial onTrial;
  CostModel costModel;
  bool interrupted = false;
  /// What the model calls the operators of each extents.
  std::map<std::vector<int64_t>, size_t> operatorNumbers;
  /// By the schedule's text.
  std::map<std::string, TuningRecord> tried;
  /// What an earlier run had measured of the batch in which it was stopped.
  std::map<std::string, TuningRecord> begun;
  std::string failure;
  double baselineMicroseconds = 0;
  std::chrono::steady_clock::time_point begin =
      std::chrono::steady_clock::now();
  /// What earlier runs took.
  double earlierSeconds = 0;
};

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_OPERATORTRIALS_H
