//===- OperatorTuner.h - Tune one operator ----------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_OPERATORTUNER_H
#define ORCINUS_LIB_TUNING_OPERATORTUNER_H

#include "OperatorTrials.h"

#include "orcinus/Tuning/TuningSession.h"

#include <functional>

namespace orcinus {

/// Whether the time `after` is enough less than `before`, both as multiples of
/// the baseline's and 0 where nothing works, to be more than a clock's error.
bool isGain(double before, double after);

/// Whether `time` is one, and no more than `enough`.
bool isEnough(double time, double enough);

/// Candidates that a search measures at a time: its model learns between
/// batches, and a few keep all that compile and measure busy.
inline constexpr int64_t searchBatch = 8;

/// Candidates that a run with `options` may measure for a program of `source`.
int64_t budgetOf(const TuningOptions &options, ProgramSource source);

/// Tunes operators one at a time. Each function returns the program that it
/// found and has written to the database.
class OperatorTuner {
public:
  /// Called after each candidate with what was tried for the operator so far;
  /// as that of OperatorTrials.
  using OnTrial =
      std::function<Status(const TunableOperator &op, const OperatorTrials &)>;

  OperatorTuner(const TargetDescription &target, CandidateRunner &runner,
                TuningDatabase &database, const TuningOptions &options,
                OnTrial onTrial)
      : target(target), runner(runner), database(database), options(options),
        onTrial(std::move(onTrial)) {}

  /// By search in the whole space. Where the options have patience, it begins
  /// with the programs of related operators, and ends where batches bring
  /// nothing any more, or at a program that takes no more than `enough` (a
  /// multiple of the baseline's time; 0 where nothing is).
  StatusOr<TunedProgram> search(const TunableOperator &op, double enough = 0);

  /// Another few candidates of the search for an operator that has a program of
  /// `source`, which the one that comes out is said to be of, too. Those of
  /// `seeds` that were not tried come first.
  StatusOr<TunedProgram> searchOn(const TunableOperator &op,
                                  ProgramSource source,
                                  const std::vector<Schedule> &seeds);

  /// The schedule that `op` takes over from the program of another operator.
  /// Errors: the program does not meet the conditions of reuse.
  StatusOr<Schedule> takenOver(const TunableOperator &op,
                               const TunedProgram &sourceProgram) const;

  /// From a schedule that `op` has taken over; ends at a program that takes no
  /// more than `enough`.
  StatusOr<TunedProgram> reuse(const TunableOperator &op,
                               const Schedule &reused, ProgramSource source,
                               double enough = 0);

  /// The compiler's own schedule alone.
  StatusOr<TunedProgram> measureDefault(const TunableOperator &op);

private:
  StatusOr<Schedule> relatedSchedule(const TunedProgram &program,
                                     const ScheduleSpace &space) const;
  StatusOr<std::vector<Schedule>>
  relatedSchedules(const OperatorTrials &trials,
                   const OperatorDescription &description) const;
  /// Measures the next batch of a search, `first` before what it proposes.
  /// False where nothing is left to propose.
  StatusOr<bool> measureBatch(const TunableOperator &op, OperatorTrials &trials,
                              const std::vector<Schedule> &first, int64_t most);
  StatusOr<OperatorTrials> begin(const TunableOperator &op,
                                 OperatorTrials::Batches batches);
  /// The schedule of `program` that others may take over. The compiler's own,
  /// which says nothing about others, is replaced by the fastest that was
  /// measured beside it. Errors: there is none.
  StatusOr<Schedule> reusableSchedule(const TunedProgram &program) const;
  StatusOr<TunedProgram> finish(OperatorTrials &trials, ProgramSource source,
                                int64_t budget);

  const TargetDescription &target;
  CandidateRunner &runner;
  TuningDatabase &database;
  const TuningOptions &options;
  OnTrial onTrial;
};

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_OPERATORTUNER_H
