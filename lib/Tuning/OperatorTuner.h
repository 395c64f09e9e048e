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

/// Tunes operators one at a time. Each function returns the program that it
/// found and has written to the database.
class OperatorTuner {
public:
  /// Called after each candidate with what was tried for the operator so far.
  using OnTrial =
      std::function<void(const TunableOperator &op, const OperatorTrials &)>;

  OperatorTuner(const TargetDescription &target, CandidateRunner &runner,
                TuningDatabase &database, const TuningOptions &options,
                OnTrial onTrial)
      : target(target), runner(runner), database(database), options(options),
        onTrial(std::move(onTrial)) {}

  /// By search in the whole space.
  StatusOr<TunedProgram> search(const TunableOperator &op);

  /// The schedule that `op` takes over from the program of another operator.
  /// Errors: the program does not meet the conditions of reuse.
  StatusOr<Schedule> takenOver(const TunableOperator &op,
                               const TunedProgram &sourceProgram) const;

  /// From a schedule that `op` has taken over.
  StatusOr<TunedProgram> reuse(const TunableOperator &op,
                               const Schedule &reused, ProgramSource source);

  /// The compiler's own schedule alone.
  StatusOr<TunedProgram> measureDefault(const TunableOperator &op);

private:
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
