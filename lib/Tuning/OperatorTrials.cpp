//===- OperatorTrials.cpp - What was tried for an operator ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OperatorTrials.h"

#include "lib/Support/Clock.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

using namespace orcinus;

StatusOr<OperatorTrials> OperatorTrials::create(const TunableOperator &op,
                                                const TargetDescription &target,
                                                CandidateRunner &runner,
                                                TuningDatabase &database,
                                                Batches batches,
                                                OnTrial onTrial) {
  StatusOr<std::unique_ptr<ScheduleSpace>> space =
      createScheduleSpace(op.description, target);
  if (!space.ok())
    return space.status();
  OperatorTrials trials(op, std::move(*space), runner, database,
                        std::move(onTrial));
  if (Status status = trials.learnFromDatabase(batches); !status.ok())
    return status;
  return trials;
}

OperatorTrials::OperatorTrials(const TunableOperator &op,
                               std::unique_ptr<ScheduleSpace> space,
                               CandidateRunner &runner,
                               TuningDatabase &database, OnTrial onTrial)
    : op(&op), kind(op.description.kind()), extents(op.description.extents()),
      scheduleSpace(std::move(space)), runner(&runner), database(&database),
      onTrial(std::move(onTrial)) {}

/// Whether programs of both are found in the same way.
static bool isAlike(ProgramSource one, ProgramSource other) {
  auto isReuse = [](ProgramSource source) {
    return source == ProgramSource::Reuse || source == ProgramSource::Bridge;
  };
  return one == other || (isReuse(one) && isReuse(other));
}

/// What is known is taken over in the order in which a run that was never
/// stopped comes to know it, whose next batch is then this one's: first the
/// other operators, then what this one was tried for before, then whole
/// batches.
Status OperatorTrials::learnFromDatabase(Batches batches) {
  StatusOr<std::vector<TuningRecord>> records = database->records(kind);
  if (!records.ok())
    return records.status();
  std::erase_if(*records, [this](const TuningRecord &record) {
    return record.measurement.origin != runner->origin();
  });
  auto own = std::stable_partition(
      records->begin(), records->end(),
      [this](const TuningRecord &record) { return record.extents != extents; });
  learnOthers({records->begin(), own});
  auto batched = std::stable_partition(
      own, records->end(), [&](const TuningRecord &record) {
        return !isAlike(record.source, batches.source);
      });
  auto stopped = records->end() - (records->end() - batched) % batches.size;
  for (auto record = own; record != records->end(); ++record) {
    earlierSeconds += record->measurement.compileSeconds +
                      record->measurement.runSeconds +
                      record->measurement.loadSeconds;
    if (record < stopped)
      add(*record);
    else
      begun.insert_or_assign(record->schedule.toString(), *record);
  }
  return Status();
}

void OperatorTrials::learnOthers(std::span<const TuningRecord> records) {
  // More examples than this teach little and take time.
  constexpr size_t mostExamples = 1000;
  records = records.last(std::min(records.size(), mostExamples));
  std::map<std::vector<int64_t>, std::unique_ptr<ScheduleSpace>> spaces;
  for (const TuningRecord &record : records) {
    if (record.extents.size() != extents.size())
      continue;
    std::unique_ptr<ScheduleSpace> &space = spaces[record.extents];
    if (!space) {
      StatusOr<std::unique_ptr<ScheduleSpace>> made = createScheduleSpace(
          op->description.withExtents(record.extents), scheduleSpace->target());
      // A damaged row, or one that is too large for any machine.
      if (!made.ok())
        continue;
      space = std::move(*made);
    }
    learn(*space, record);
  }
}

void OperatorTrials::learn(const ScheduleSpace &space,
                           const TuningRecord &record) {
  // Schedules of another version of the space have other features.
  if (!space.legal(record.schedule).ok())
    return;
  const Measurement &measurement = record.measurement;
  double speed = -std::numeric_limits<double>::infinity();
  if (measurement.ok())
    speed =
        std::log2(measurement.baselineMicroseconds / measurement.microseconds);
  size_t op = operatorNumbers.emplace(record.extents, operatorNumbers.size())
                  .first->second;
  costModel.add(space.features(record.schedule), op, speed);
}

void OperatorTrials::add(const TuningRecord &record) {
  tried.insert_or_assign(record.schedule.toString(), record);
  if (failure.empty() && !record.measurement.ok())
    failure = record.measurement.message;
  learn(*scheduleSpace, record);
}

void OperatorTrials::countBegun() {
  for (const auto &[text, record] : begun)
    add(record);
  begun.clear();
}

Status OperatorTrials::measure(const std::vector<Schedule> &schedules,
                               ProgramSource source, int64_t most) {
  std::vector<Schedule> fresh;
  std::set<std::string> seen;
  for (const Schedule &schedule : schedules) {
    std::string text = schedule.toString();
    if (wasTried(schedule) || !seen.insert(text).second)
      continue;
    if (auto record = begun.extract(text))
      add(record.mapped());
    else
      fresh.push_back(schedule);
  }
  countBegun();
  fresh.resize(std::clamp<int64_t>(most - count(), 0,
                                   static_cast<int64_t>(fresh.size())));
  Status status = runner->measure(
      *op, fresh, [&](size_t candidate, const Measurement &measurement) {
        TuningRecord record{kind, extents, fresh[candidate], source,
                            measurement};
        add(record);
        baselineMicroseconds = measurement.baselineMicroseconds;
        if (Status added = database->add(record); !added.ok())
          return added;
        return onTrial(*this);
      });
  interrupted = status.code() == StatusCode::Interrupted;
  return interrupted ? Status() : status;
}

std::vector<OperatorTrials::Tried> OperatorTrials::fastest() const {
  std::vector<Tried> result;
  for (const auto &[text, record] : tried)
    if (record.measurement.ok() && !record.schedule.empty())
      result.push_back({record.schedule, record.measurement.relativeTime()});
  std::sort(result.begin(), result.end(),
            [](const Tried &one, const Tried &other) {
              return one.relativeTime < other.relativeTime;
            });
  return result;
}

std::optional<TunedProgram> OperatorTrials::best(ProgramSource source) const {
  const TuningRecord *fastest = nullptr;
  for (const auto &[text, record] : tried)
    if (record.measurement.ok() &&
        (!fastest || record.measurement.relativeTime() <
                         fastest->measurement.relativeTime()))
      fastest = &record;
  if (!fastest)
    return std::nullopt;
  const TuningRecord &record = *fastest;
  TunedProgram program;
  program.kind = kind;
  program.extents = extents;
  program.schedule = record.schedule;
  program.source = source;
  program.microseconds = record.measurement.microseconds;
  program.baselineMicroseconds = record.measurement.baselineMicroseconds;
  program.origin = record.measurement.origin;
  program.trials = count();
  program.seconds = earlierSeconds + secondsSince(begin);
  return program;
}
