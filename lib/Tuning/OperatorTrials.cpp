//===- OperatorTrials.cpp - What was tried for an operator ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OperatorTrials.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

using namespace orcinus;

StatusOr<OperatorTrials> OperatorTrials::create(const TunableOperator &op,
                                                const TargetDescription &target,
                                                CandidateRunner &runner,
                                                TuningDatabase &database,
                                                OnTrial onTrial) {
  StatusOr<std::unique_ptr<ScheduleSpace>> space =
      createScheduleSpace(op.description, target);
  if (!space.ok())
    return space.status();
  OperatorTrials trials(op, std::move(*space), runner, database,
                        std::move(onTrial));
  if (Status status = trials.learnFromDatabase(); !status.ok())
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

Status OperatorTrials::learnFromDatabase() {
  StatusOr<std::vector<TuningRecord>> records = database->records(kind);
  if (!records.ok())
    return records.status();
  // More examples than this teach little and take time.
  constexpr size_t mostExamples = 1000;
  size_t skipped = records->size() - std::min(records->size(), mostExamples);
  std::map<std::vector<int64_t>, std::unique_ptr<ScheduleSpace>> spaces;
  for (size_t at = 0; at < records->size(); ++at) {
    const TuningRecord &record = (*records)[at];
    if (record.measurement.origin != runner->origin())
      continue;
    if (record.extents == extents) {
      add(record);
      earlierSeconds += record.measurement.compileSeconds +
                        record.measurement.runSeconds +
                        record.measurement.loadSeconds;
      continue;
    }
    if (at < skipped || record.extents.size() != extents.size())
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
  return Status();
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

Status OperatorTrials::measure(const std::vector<Schedule> &schedules,
                               ProgramSource source) {
  std::vector<Schedule> fresh;
  std::set<std::string> seen;
  for (const Schedule &schedule : schedules)
    if (!wasTried(schedule) && seen.insert(schedule.toString()).second)
      fresh.push_back(schedule);
  return runner->measure(
      *op, fresh, [&](size_t candidate, const Measurement &measurement) {
        TuningRecord record{kind, extents, fresh[candidate], source,
                            measurement};
        add(record);
        baselineMicroseconds = measurement.baselineMicroseconds;
        onTrial(*this);
        return database->add(record);
      });
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
  program.seconds =
      earlierSeconds +
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
          .count();
  return program;
}
