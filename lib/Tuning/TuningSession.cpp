//===- TuningSession.cpp - Tune a set of operators ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/TuningSession.h"

#include "OperatorTuner.h"
#include "ReachableTime.h"
#include "TaskPlanner.h"

#include "lib/Support/Clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <tuple>

using namespace orcinus;

TuningObserver::~TuningObserver() = default;

namespace {

class TuningSession {
public:
  TuningSession(const std::vector<TunableOperator> &operators,
                const TargetDescription &target, CandidateRunner &runner,
                TuningDatabase &database, const TuningOptions &given,
                TuningObserver &observer)
      : operators(operators), target(target), database(database), given(given),
        options(given), observer(observer), origin(runner.origin()),
        concurrency(runner.concurrency()), finished(database, options, origin),
        tuner(target, runner, database, options,
              [this](const TunableOperator &op, const OperatorTrials &trials) {
                return noteTrial(op, trials);
              }) {
    if (options.strategy != TuningStrategy::Reuse)
      options.patience = 0;
  }

  StatusOr<TuningReport> run();

private:
  /// An operator whose program may become better.
  struct Standing {
    size_t task = 0;
    /// Of the report.
    size_t step = 0;
    /// Batches in a row that brought nothing, and all.
    int64_t fruitless = 0, batches = 0;
  };

  void runTasks();
  StatusOr<TunedProgram> runTask(size_t number);
  StatusOr<TunedProgram> runReuse(size_t number);
  void noteProgram(size_t number, TunedProgram program);
  /// Of a task that has one.
  const TunedProgram &programOf(size_t number) const {
    return programs.find(keyOf(tasks[number].op.description))->second;
  }
  Standing standingOf(size_t number) const;

  // What falls short of what it could reach.
  /// Batches are half as large as a search's, and begin near the goal.
  int64_t mendingPatience() const { return 2 * options.patience; }
  double enoughFor(const OperatorDescription &description) const;
  double hopeOf(const Standing &standing, bool idle) const;
  Standing *worstOf(bool idle);
  std::vector<Schedule> seedsOf(size_t number) const;
  void mendOnce(Standing &standing);
  void mend(Standing &standing);
  void improve();

  Status collectUntuned();
  Status collectResults();
  OperatorResult resultOf(const TunableOperator &op,
                          const TunedProgram &program) const;

  // Telling of it.
  bool heedStop();
  bool isLate() {
    heedStop();
    return options.isLate();
  }
  Status noteTrial(const TunableOperator &op, const OperatorTrials &trials);
  void notePlan();
  void noteDrift();

  const std::vector<TunableOperator> &operators;
  const TargetDescription &target;
  TuningDatabase &database;
  /// As they were given, whose deadline may come at any time; and with what was
  /// planned.
  const TuningOptions &given;
  TuningOptions options;
  TuningObserver &observer;
  /// Of the times that this run adds.
  TimeOrigin origin;
  int64_t concurrency;
  FinishedPrograms finished;
  OperatorTuner tuner;

  std::vector<TuningTask> tasks;
  /// The operators that have programs, bridges excepted.
  std::deque<Standing> standings;
  TuningReport report;
  std::map<OperatorKey, TunedProgram> programs;
  /// Why no program of an operator was found.
  std::map<OperatorKey, std::string> failures;
  /// What operators take by the compiler's own schedule, as multiples of the
  /// baseline's time.
  std::map<OperatorKey, double> untunedTimes;
  ReachableTime reachable;
  TuningProgress progress;
  /// Of the report's; nothing before the first.
  std::optional<size_t> currentStep;
  /// Of all tasks, and of those done.
  double expectedSeconds = 0, expectedSecondsDone = 0;
  double firstBaseline = 0, leastBaseline = 0, mostBaseline = 0;
  Clock::time_point begin = Clock::now();
};

} // namespace

//===----------------------------------------------------------------------===//
// Doing the tasks
//===----------------------------------------------------------------------===//

/// From the planned source where its program meets the conditions, else from
/// the nearest other one that does, else by search.
StatusOr<TunedProgram> TuningSession::runReuse(size_t number) {
  const OperatorDescription &description = tasks[number].op.description;
  std::string kind = description.kind();
  std::vector<int64_t> extents = description.extents();
  std::vector<std::tuple<int64_t, double, size_t>> sources = {
      {0, 0, *tasks[number].source}};
  for (size_t other = 0; other < number; ++other)
    if (tasks[other].op.description.kind() == kind) {
      std::vector<int64_t> from = tasks[other].op.description.extents();
      sources.emplace_back(differingExtents(from, extents),
                           extentRatio(from, extents), other);
    }
  std::sort(sources.begin(), sources.end());
  for (auto [differing, ratio, other] : sources) {
    auto program = programs.find(keyOf(tasks[other].op.description));
    if (program == programs.end())
      continue;
    StatusOr<Schedule> schedule =
        tuner.takenOver(tasks[number].op, program->second);
    if (!schedule.ok())
      continue;
    report.steps.back().source = tasks[other].op.description.name;
    return tuner.reuse(tasks[number].op, *schedule,
                       tasks[other].bridge ? ProgramSource::Bridge
                                           : ProgramSource::Reuse,
                       enoughFor(description));
  }
  return tuner.search(tasks[number].op, enoughFor(description));
}

StatusOr<TunedProgram> TuningSession::runTask(size_t number) {
  const TuningTask &task = tasks[number];
  StatusOr<std::optional<TunedProgram>> earlier =
      finished.find(task.op.description, /*asked=*/!task.bridge);
  if (!earlier.ok())
    return earlier.status();
  if (*earlier)
    return std::move(**earlier);
  if (options.strategy == TuningStrategy::Default)
    return tuner.measureDefault(task.op);
  if (task.source)
    return runReuse(number);
  return tuner.search(task.op, enoughFor(task.op.description));
}

void TuningSession::noteProgram(size_t number, TunedProgram program) {
  const OperatorDescription &description = tasks[number].op.description;
  if (program.relativeTime() > 0)
    reachable.note(description, program.relativeTime());
  programs.insert_or_assign(keyOf(description), std::move(program));
}

void TuningSession::runTasks() {
  progress.operators = static_cast<int64_t>(tasks.size());
  for (const TuningTask &task : tasks)
    expectedSeconds += task.expectedSeconds;
  for (size_t number = 0; number < tasks.size(); ++number) {
    const TuningTask &task = tasks[number];
    auto leaveOut = [&] {
      if (!task.bridge)
        report.leftOut.push_back(
            {task.op.description.name,
             "was not reached in the time that there was"});
    };
    if (isLate()) {
      leaveOut();
      continue;
    }
    progress.name = task.op.description.name;
    progress.trials = 0;
    report.steps.push_back({task.op.description.name, task.bridge, "",
                            task.expectedSeconds, 0, 0, 0});
    currentStep = report.steps.size() - 1;
    Clock::time_point started = Clock::now();
    StatusOr<TunedProgram> program = runTask(number);
    report.steps.back().seconds = secondsSince(started);
    ++progress.operatorsDone;
    expectedSecondsDone += task.expectedSeconds;
    if (program.status().code() == StatusCode::Interrupted) {
      leaveOut();
      continue;
    }
    if (!program.ok()) {
      observer.onNote(fmt::format("cannot tune '{}': {}",
                                  task.op.description.name, program.message()));
      failures.emplace(keyOf(task.op.description), program.message());
      continue;
    }
    report.bridges += task.bridge;
    observer.onOperator({task.op.description.name, *program, {}}, task.bridge,
                        progress);
    noteProgram(number, std::move(*program));
    if (!task.bridge && options.strategy == TuningStrategy::Reuse)
      mend(standings.emplace_back(standingOf(number)));
  }
}

/// Of the task that has just been done. A search that did not end at what is
/// good enough has ended where it brought nothing.
TuningSession::Standing TuningSession::standingOf(size_t number) const {
  const OperatorDescription &description = tasks[number].op.description;
  bool ended =
      isEnough(programOf(number).relativeTime(), enoughFor(description));
  return {number, *currentStep,
          tasks[number].source || ended ? 0 : mendingPatience(), 0};
}

//===----------------------------------------------------------------------===//
// Mending
//===----------------------------------------------------------------------===//

/// The time that is good enough for an operator, as a multiple of the
/// baseline's; 0 where nobody knows. Programs of a little more than what could
/// be reached are as good as can be told.
double TuningSession::enoughFor(const OperatorDescription &description) const {
  constexpr double tolerance = 0.07;
  std::optional<double> expected = reachable.expected(description);
  return expected && options.patience > 0 ? *expected / (1 - tolerance) : 0;
}

/// The share of its time that an operator may save, as far as batches that
/// brought nothing leave hope: what it needs beyond what is good enough, and
/// where there is `idle` time, a little in any case.
double TuningSession::hopeOf(const Standing &standing, bool idle) const {
  constexpr double least = 0.02;
  const TuningTask &task = tasks[standing.task];
  const TunedProgram &program = programOf(standing.task);
  // Noise may look like a gain for ever, and what is good enough be out of
  // reach.
  constexpr int64_t mostBatches = 6;
  if (program.trials >= options.trials.search ||
      (!idle && (standing.fruitless >= mendingPatience() ||
                 standing.batches >= mostBatches)))
    return 0;
  double enough = enoughFor(task.op.description);
  double share = enough > 0 ? 1 - enough / program.relativeTime() : 0;
  share = std::max(share, idle ? least : 0.0);
  return std::ldexp(share, -static_cast<int>(standing.fruitless));
}

/// The one in which a batch is likely to save most; null where none may save
/// anything.
TuningSession::Standing *TuningSession::worstOf(bool idle) {
  Standing *worst = nullptr;
  double most = 0;
  for (Standing &standing : standings) {
    const TuningTask &task = tasks[standing.task];
    const TunedProgram &program = programOf(standing.task);
    double saved = static_cast<double>(task.op.calls) * program.microseconds *
                   hopeOf(standing, idle);
    if (saved > most) {
      most = saved;
      worst = &standing;
    }
  }
  return worst;
}

/// What task `number` could take over of others' programs as they are now,
/// those first that compute fastest.
std::vector<Schedule> TuningSession::seedsOf(size_t number) const {
  const TunableOperator &op = tasks[number].op;
  std::string kind = op.description.kind();
  std::vector<std::pair<double, const TunedProgram *>> siblings;
  for (const TuningTask &task : tasks) {
    auto program = programs.find(keyOf(task.op.description));
    if (&task != &tasks[number] && program != programs.end() &&
        program->first.first == kind)
      siblings.emplace_back(
          program->second.relativeTime() /
              static_cast<double>(
                  task.op.description.floatingPointOperations()),
          &program->second);
  }
  // Of two that are as fast, the first.
  std::ranges::stable_sort(siblings, {},
                           [](const auto &sibling) { return sibling.first; });
  std::vector<Schedule> seeds;
  for (auto [time, program] : siblings)
    if (StatusOr<Schedule> seed = tuner.takenOver(op, *program); seed.ok())
      seeds.push_back(std::move(*seed));
  return seeds;
}

void TuningSession::mendOnce(Standing &standing) {
  const TuningTask &task = tasks[standing.task];
  const TunedProgram before = programOf(standing.task);
  currentStep = standing.step;
  TuningStep &step = report.steps[standing.step];
  int64_t trialsBefore = step.trials;
  Clock::time_point started = Clock::now();
  StatusOr<TunedProgram> program =
      tuner.searchOn(task.op, before.source, seedsOf(standing.task));
  step.seconds += secondsSince(started);
  step.mendingTrials += step.trials - trialsBefore;
  bool gained =
      program.ok() && isGain(before.relativeTime(), program->relativeTime());
  standing.fruitless = gained ? 0 : standing.fruitless + 1;
  ++standing.batches;
  if (program.ok())
    noteProgram(standing.task, std::move(*program));
}

/// Goes on as long as a program falls short of what its operator could reach,
/// and candidates bring something. One operator after the other: what right
/// results are takes as long to find out as many a candidate.
void TuningSession::mend(Standing &standing) {
  while (hopeOf(standing, /*idle=*/false) > 0 && !isLate())
    mendOnce(standing);
}

/// Goes on with those that fall short of what has been found out since, the
/// largest loss first; then until a deadline with whatever may gain most.
void TuningSession::improve() {
  options.trials = given.trials;
  // Who has nothing left to do does not ask whether to stop.
  while (Standing *worst = worstOf(/*idle=*/false)) {
    if (isLate())
      return;
    mend(*worst);
  }
  while (given.deadline) {
    Standing *worst = worstOf(/*idle=*/true);
    if (!worst || isLate())
      return;
    mendOnce(*worst);
  }
}

//===----------------------------------------------------------------------===//
// What came of it
//===----------------------------------------------------------------------===//

OperatorResult TuningSession::resultOf(const TunableOperator &op,
                                       const TunedProgram &program) const {
  OperatorResult result{op.description.name, program, {}, op.calls, 0};
  auto untuned = untunedTimes.find(keyOf(op.description));
  if (untuned != untunedTimes.end())
    result.untunedMicroseconds = untuned->second * program.baselineMicroseconds;
  return result;
}

/// Notes what operators take by the compiler's own schedule.
Status TuningSession::collectUntuned() {
  std::set<std::string> kinds;
  std::map<OperatorKey, Schedule> schedules;
  for (const TunableOperator &op : operators) {
    kinds.insert(op.description.kind());
    if (auto space = createScheduleSpace(op.description, target); space.ok())
      schedules.emplace(keyOf(op.description), (*space)->compilerSchedule());
  }
  for (const std::string &kind : kinds) {
    StatusOr<std::vector<TuningRecord>> records = database.records(kind);
    if (!records.ok())
      return records.status();
    for (const TuningRecord &record : *records) {
      auto schedule = schedules.find({kind, record.extents});
      if (schedule != schedules.end() && record.measurement.ok() &&
          record.measurement.origin == origin &&
          record.schedule == schedule->second)
        untunedTimes.insert_or_assign(schedule->first,
                                      record.measurement.relativeTime());
    }
  }
  return Status();
}

/// Reports what became of the operators that were asked for.
Status TuningSession::collectResults() {
  if (Status status = collectUntuned(); !status.ok())
    return status;
  for (const TunableOperator &op : operators) {
    OperatorKey key = keyOf(op.description);
    auto program = programs.find(key);
    auto failure = failures.find(key);
    if (program == programs.end() && failure == failures.end())
      continue;
    auto outcomes = database.outcomes(key.first, key.second, origin);
    if (!outcomes.ok())
      return outcomes.status();
    if (program != programs.end()) {
      report.operators.push_back(resultOf(op, program->second));
      report.operators.back().outcomes = std::move(*outcomes);
    } else {
      report.failed.push_back(
          {op.description.name, failure->second, std::move(*outcomes)});
    }
  }
  return Status();
}

StatusOr<TuningReport> TuningSession::run() {
  report.strategy = options.strategy;
  report.target = target.summary();
  report.origin = origin;
  TaskPlanner planner(operators, target, database, options, origin, concurrency,
                      tuner);
  StatusOr<std::vector<TuningTask>> planned = planner.plan();
  if (!planned.ok())
    return planned.status();
  tasks = std::move(*planned);
  report.leftOut = planner.leftOut();
  if (options.strategy == TuningStrategy::Reuse)
    notePlan();
  runTasks();
  if (options.strategy == TuningStrategy::Reuse)
    improve();
  if (Status status = collectResults(); !status.ok())
    return status;
  noteDrift();
  report.trials = progress.totalTrials;
  report.seconds = secondsSince(begin);
  return std::move(report);
}

//===----------------------------------------------------------------------===//
// Telling of it
//===----------------------------------------------------------------------===//

/// Takes over a deadline that was set meanwhile, and makes one of a wish to
/// stop, which it returns.
bool TuningSession::heedStop() {
  options.deadline = given.deadline;
  if (!observer.wantsStop())
    return false;
  options.deadline = begin;
  return true;
}

Status TuningSession::noteTrial(const TunableOperator &op,
                                const OperatorTrials &trials) {
  progress.name = op.description.name;
  progress.trials = trials.count();
  ++progress.totalTrials;
  if (currentStep)
    ++report.steps[*currentStep].trials;
  std::optional<TunedProgram> best = trials.best(ProgramSource::Search);
  progress.bestMicroseconds = best ? best->microseconds : 0;
  // What is done says how well expectations hold on this machine today.
  if (expectedSecondsDone > 0)
    progress.secondsLeft = secondsSince(begin) *
                           (expectedSeconds - expectedSecondsDone) /
                           expectedSecondsDone;
  if (double baseline = trials.latestBaseline(); baseline > 0) {
    if (firstBaseline == 0)
      firstBaseline = leastBaseline = mostBaseline = baseline;
    leastBaseline = std::min(leastBaseline, baseline);
    mostBaseline = std::max(mostBaseline, baseline);
  }
  observer.onTrial(progress);
  return heedStop()
             ? Status::error("stopped, as asked for", StatusCode::Interrupted)
             : Status();
}

void TuningSession::notePlan() {
  int64_t searched = 0, reused = 0, bridges = 0;
  double seconds = 0;
  for (const TuningTask &task : tasks) {
    seconds += task.expectedSeconds;
    bridges += task.bridge;
    if (task.source)
      ++reused;
    else if (task.expectedSeconds > 0)
      ++searched;
  }
  observer.onNote(fmt::format("the plan: {} by search, {} by reuse, {} of all "
                              "as bridges; about {:.0f} s",
                              searched, reused, bridges, seconds));
}

/// Says where the machine's speed changed so much that times of this run are
/// only comparable as multiples of the baseline.
void TuningSession::noteDrift() {
  constexpr double muchDrift = 1.1;
  if (mostBaseline > muchDrift * leastBaseline)
    observer.onNote(fmt::format(
        "the machine's speed drifted: the baseline took {:.2f} to "
        "{:.2f} times its first time",
        leastBaseline / firstBaseline, mostBaseline / firstBaseline));
}

StatusOr<TuningReport>
orcinus::tuneOperators(const std::vector<TunableOperator> &operators,
                       const TargetDescription &target, CandidateRunner &runner,
                       TuningDatabase &database, const TuningOptions &options,
                       TuningObserver &observer) {
  return TuningSession(operators, target, runner, database, options, observer)
      .run();
}
