//===- OperatorTuner.cpp - Tune one operator ------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OperatorTuner.h"

#include "CandidateProposals.h"

#include <fmt/format.h>

#include <algorithm>

using namespace orcinus;

StatusOr<OperatorTrials> OperatorTuner::begin(const TunableOperator &op,
                                              OperatorTrials::Batches batches) {
  return OperatorTrials::create(
      op, target, runner, database, batches,
      [this, &op](const OperatorTrials &trials) { onTrial(op, trials); });
}

StatusOr<TunedProgram> OperatorTuner::finish(OperatorTrials &trials,
                                             ProgramSource source,
                                             int64_t budget) {
  trials.countBegun();
  std::optional<TunedProgram> program = trials.best(source);
  if (!program)
    return Status::error("no candidate works: " + trials.firstFailure());
  program->budget = budget;
  if (Status status = database.finish(*program); !status.ok())
    return status;
  return std::move(*program);
}

StatusOr<TunedProgram> OperatorTuner::search(const TunableOperator &op) {
  // The model learns between batches; a few candidates at a time keep all
  // compiling processes busy.
  constexpr int64_t batch = 8;
  StatusOr<OperatorTrials> trials = begin(op, {ProgramSource::Search, batch});
  if (!trials.ok())
    return trials.status();
  int64_t budget = options.trials.search;
  while (trials->count() < budget) {
    // What was measured counts, and a later run goes on from there.
    if (trials->count() > 0 && options.isLate()) {
      budget = trials->count();
      break;
    }
    // What is drawn depends on what was tried alone, and so does not on where
    // an earlier run was stopped.
    Random random(options.seed,
                  fmt::format("{} {}", op.description.name, trials->count()));
    StatusOr<std::vector<Schedule>> proposals = proposeBySearch(
        *trials, std::min(batch, options.trials.search - trials->count()),
        random);
    if (!proposals.ok())
      return proposals.status();
    if (proposals->empty())
      break;
    if (Status status = trials->measure(*proposals, ProgramSource::Search,
                                        options.trials.search);
        !status.ok())
      return status;
  }
  return finish(*trials, ProgramSource::Search, budget);
}

StatusOr<Schedule>
OperatorTuner::reusableSchedule(const TunedProgram &program) const {
  if (!program.schedule.empty())
    return program.schedule;
  StatusOr<std::vector<TuningRecord>> records = database.records(program.kind);
  if (!records.ok())
    return records.status();
  const TuningRecord *fastest = nullptr;
  for (const TuningRecord &record : *records)
    if (record.extents == program.extents && !record.schedule.empty() &&
        record.measurement.ok() &&
        record.measurement.origin == program.origin &&
        (!fastest || record.measurement.relativeTime() <
                         fastest->measurement.relativeTime()))
      fastest = &record;
  if (!fastest)
    return Status::error("nothing but the compiler's own schedule is known");
  return fastest->schedule;
}

StatusOr<Schedule>
OperatorTuner::takenOver(const TunableOperator &op,
                         const TunedProgram &sourceProgram) const {
  StatusOr<std::unique_ptr<ScheduleSpace>> space =
      createScheduleSpace(op.description, target);
  if (!space.ok())
    return space.status();
  StatusOr<Schedule> reusable = reusableSchedule(sourceProgram);
  if (!reusable.ok())
    return reusable;
  return reusedSchedule(*reusable, **space, options.conditions);
}

StatusOr<TunedProgram> OperatorTuner::reuse(const TunableOperator &op,
                                            const Schedule &reused,
                                            ProgramSource source) {
  StatusOr<OperatorTrials> trials = begin(op, {source, OperatorTrials::all});
  if (!trials.ok())
    return trials.status();
  StatusOr<std::vector<Schedule>> proposals =
      proposeByReuse(*trials, reused, options.trials.reuse);
  if (!proposals.ok())
    return proposals.status();
  // Half of them first: where none beats the source's schedule as it is, the
  // others, which are liked less, are not worth their time.
  size_t half = std::min(proposals->size(),
                         std::max<size_t>(2, (proposals->size() + 1) / 2));
  std::vector<Schedule> first(proposals->begin(), proposals->begin() + half);
  // What is tuned should not end up slower than what is not: the compiler's own
  // schedule takes the place of the proposal that is liked least.
  Schedule untuned = trials->space().compilerSchedule();
  if (first.size() > 1 &&
      std::find(first.begin(), first.end(), untuned) == first.end())
    first.back() = untuned;
  if (Status status = trials->measure(first, source); !status.ok())
    return status;
  std::vector<OperatorTrials::Tried> fastest = trials->fastest();
  if ((fastest.empty() || fastest.front().schedule != reused) &&
      !options.isLate()) {
    std::vector<Schedule> second(proposals->begin() + half, proposals->end());
    if (Status status = trials->measure(second, source); !status.ok())
      return status;
  }
  return finish(*trials, source, options.trials.reuse);
}

StatusOr<TunedProgram>
OperatorTuner::measureDefault(const TunableOperator &op) {
  StatusOr<OperatorTrials> trials =
      begin(op, {ProgramSource::Default, OperatorTrials::all});
  if (!trials.ok())
    return trials.status();
  if (Status status = trials->measure({trials->space().compilerSchedule()},
                                      ProgramSource::Default);
      !status.ok())
    return status;
  return finish(*trials, ProgramSource::Default, /*budget=*/1);
}
