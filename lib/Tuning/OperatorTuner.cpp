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
#include <cmath>
#include <tuple>
#include <utility>

using namespace orcinus;

StatusOr<OperatorTrials> OperatorTuner::begin(const TunableOperator &op,
                                              OperatorTrials::Batches batches) {
  return OperatorTrials::create(op, target, runner, database, batches,
                                [this, &op](const OperatorTrials &trials) {
                                  return onTrial(op, trials);
                                });
}

StatusOr<TunedProgram> OperatorTuner::finish(OperatorTrials &trials,
                                             ProgramSource source,
                                             int64_t budget) {
  trials.countBegun();
  std::optional<TunedProgram> program = trials.best(source);
  if (!program && trials.wasInterrupted())
    return Status::error("stopped before a candidate worked",
                         StatusCode::Interrupted);
  if (!program)
    return Status::error("no candidate works: " + trials.firstFailure());
  program->budget = budget;
  if (Status status = database.finish(*program); !status.ok())
    return status;
  return std::move(*program);
}

/// Of a program that is mended: it may soon be good enough.
static constexpr int64_t mendingBatch = 4;

StatusOr<bool> OperatorTuner::measureBatch(const TunableOperator &op,
                                           OperatorTrials &trials,
                                           const std::vector<Schedule> &first,
                                           int64_t most) {
  // What is drawn depends on what was tried alone, and so does not on where an
  // earlier run was stopped.
  Random random(options.seed,
                fmt::format("{} {}", op.description.name, trials.count()));
  size_t count = std::min(most, options.trials.search - trials.count());
  StatusOr<std::vector<Schedule>> proposals =
      proposeBySearch(trials, count, random);
  if (!proposals.ok())
    return proposals.status();
  // Behind the compiler's own, with which all is compared.
  proposals->insert(proposals->begin() + std::min<size_t>(1, proposals->size()),
                    first.begin(), first.end());
  if (proposals->size() > count)
    proposals->resize(count);
  if (proposals->empty())
    return false;
  if (Status status = trials.measure(*proposals, ProgramSource::Search,
                                     options.trials.search);
      !status.ok())
    return status;
  return true;
}

/// The time of the fastest as a multiple of the baseline's; 0 where none works.
static double fastestTime(const OperatorTrials &trials) {
  std::optional<TunedProgram> best = trials.best(ProgramSource::Search);
  return best ? best->relativeTime() : 0;
}

bool orcinus::isGain(double before, double after) {
  constexpr double leastGain = 0.015;
  return after > 0 && (before == 0 || after < (1 - leastGain) * before);
}

int64_t orcinus::budgetOf(const TuningOptions &options, ProgramSource source) {
  switch (source) {
  case ProgramSource::Search:
    return options.trials.search;
  case ProgramSource::Reuse:
  case ProgramSource::Bridge:
    return options.trials.reuse;
  case ProgramSource::Default:
    break;
  }
  return 1;
}

bool orcinus::isEnough(double time, double enough) {
  return time > 0 && time <= enough;
}

StatusOr<TunedProgram> OperatorTuner::search(const TunableOperator &op,
                                             double enough) {
  StatusOr<OperatorTrials> trials =
      begin(op, {ProgramSource::Search, searchBatch});
  if (!trials.ok())
    return trials.status();
  std::vector<Schedule> first;
  // One may have been measured as a probe.
  bool begins = trials->count() <= 1;
  if (options.patience > 0 && begins) {
    auto related = relatedSchedules(*trials, op.description);
    if (!related.ok())
      return related.status();
    first = std::move(*related);
  }
  int64_t budget = options.trials.search, fruitless = 0;
  while (trials->count() < options.trials.search) {
    // What was measured counts, and a later run goes on from there.
    if (trials->count() > 0 && options.isLate()) {
      budget = trials->count();
      break;
    }
    double before = fastestTime(*trials);
    if (options.patience > 0 &&
        (fruitless >= options.patience || isEnough(before, enough)))
      break;
    // What is good enough may be among the first few.
    bool mayEnd = enough > 0 && trials->count() <= 1;
    StatusOr<bool> measured =
        measureBatch(op, *trials, first, mayEnd ? mendingBatch : searchBatch);
    if (!measured.ok())
      return measured.status();
    if (trials->wasInterrupted()) {
      budget = trials->count();
      break;
    }
    if (!*measured)
      break;
    first.clear();
    fruitless = isGain(before, fastestTime(*trials)) ? 0 : fruitless + 1;
  }
  return finish(*trials, ProgramSource::Search, budget);
}

StatusOr<TunedProgram>
OperatorTuner::searchOn(const TunableOperator &op, ProgramSource source,
                        const std::vector<Schedule> &seeds) {
  constexpr size_t mostSeeds = mendingBatch / 2;
  // Whatever was measured counts: batches of several sizes follow each other.
  StatusOr<OperatorTrials> trials =
      begin(op, {ProgramSource::Search, /*size=*/1});
  if (!trials.ok())
    return trials.status();
  std::vector<Schedule> first;
  for (const Schedule &seed : seeds)
    if (first.size() < mostSeeds && !trials->wasTried(seed))
      first.push_back(seed);
  if (trials->count() < options.trials.search)
    if (auto measured = measureBatch(op, *trials, first, mendingBatch);
        !measured.ok())
      return measured.status();
  return finish(*trials, source, budgetOf(options, source));
}

/// The schedule of `program` in `space`, where the search goes on from it, so
/// that tiles need not fit well. Errors: it is not legal there.
StatusOr<Schedule>
OperatorTuner::relatedSchedule(const TunedProgram &program,
                               const ScheduleSpace &space) const {
  StatusOr<Schedule> reusable = reusableSchedule(program);
  if (!reusable.ok())
    return reusable;
  ReuseConditions lenient = options.conditions;
  lenient.paddingShare = 1;
  return reusedSchedule(*reusable, space, lenient);
}

/// The logarithm of an operator's iterations.
static double sizeOf(const std::vector<int64_t> &extents) {
  double size = 0;
  for (int64_t extent : extents)
    size += std::log2(static_cast<double>(extent));
  return size;
}

/// Schedules of other operators of the same family, whose parameters are the
/// same: of its own kind first, then of those that are nearest in size.
StatusOr<std::vector<Schedule>>
OperatorTuner::relatedSchedules(const OperatorTrials &trials,
                                const OperatorDescription &description) const {
  constexpr size_t most = 3;
  StatusOr<std::vector<TunedProgram>> programs = database.programs();
  if (!programs.ok())
    return programs.status();
  std::string family = std::string(familyName(description.family)) + " ";
  std::string kind = description.kind();
  double size = sizeOf(description.extents());
  using Relative = std::tuple<bool, double, const TunedProgram *>;
  std::vector<Relative> relatives;
  for (const TunedProgram &program : *programs)
    if (program.kind.starts_with(family) &&
        program.source != ProgramSource::Default)
      relatives.emplace_back(program.kind != kind,
                             std::abs(sizeOf(program.extents) - size),
                             &program);
  std::stable_sort(relatives.begin(), relatives.end(),
                   [](const Relative &one, const Relative &other) {
                     return std::tie(std::get<0>(one), std::get<1>(one)) <
                            std::tie(std::get<0>(other), std::get<1>(other));
                   });
  std::vector<Schedule> related;
  for (auto [isOther, distance, program] : relatives) {
    StatusOr<Schedule> schedule = relatedSchedule(*program, trials.space());
    if (schedule.ok() && related.size() < most &&
        std::find(related.begin(), related.end(), *schedule) == related.end())
      related.push_back(std::move(*schedule));
  }
  return related;
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
                                            ProgramSource source,
                                            double enough) {
  StatusOr<OperatorTrials> trials = begin(op, {source, OperatorTrials::all});
  if (!trials.ok())
    return trials.status();
  StatusOr<std::vector<Schedule>> proposals =
      proposeByReuse(*trials, reused, options.trials.reuse);
  if (!proposals.ok())
    return proposals.status();
  // What is tuned should not end up slower than what is not: the compiler's own
  // schedule takes the place of the proposal that is liked least.
  Schedule untuned = trials->space().compilerSchedule();
  // The first proposal is what is reused, which may be that very schedule.
  if (reused != untuned && options.trials.reuse > 1) {
    std::erase(*proposals, untuned);
    if (std::ssize(*proposals) >= options.trials.reuse)
      proposals->resize(options.trials.reuse - 1);
    proposals->insert(proposals->begin() + 1, untuned);
  }
  // These two alone where they are good enough; then half of all. Where none
  // beats the source's schedule as it is, the others, which are liked less, are
  // not worth their time.
  size_t half = std::max<size_t>(2, (proposals->size() + 1) / 2);
  size_t begun = 0;
  bool isWhole = true;
  for (size_t end : {size_t(2), half, proposals->size()}) {
    end = std::min(end, proposals->size());
    if (begun > 0 && isEnough(fastestTime(*trials), enough))
      break;
    // What was measured counts, and a later run goes on from there.
    if (begun > 0 && options.isLate()) {
      isWhole = false;
      break;
    }
    if (begun >= half) {
      std::vector<OperatorTrials::Tried> fastest = trials->fastest();
      if (!fastest.empty() && fastest.front().schedule == reused)
        break;
    }
    if (Status status = trials->measure(
            {proposals->begin() + begun, proposals->begin() + end}, source);
        !status.ok())
      return status;
    if (trials->wasInterrupted()) {
      isWhole = false;
      break;
    }
    begun = end;
  }
  // Fewer than were proposed: what reuse has tried of them so far.
  return finish(*trials, source,
                isWhole ? options.trials.reuse : static_cast<int64_t>(begun));
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
