//===- TuningSession.cpp - Tune a set of operators ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/TuningSession.h"

#include "Names.h"
#include "OperatorTuner.h"

#include "lib/Support/Json.h"
#include "orcinus/Tuning/ReuseGraph.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <span>

using namespace orcinus;

static constexpr EnumName<TuningStrategy> strategyNames[] = {
    {TuningStrategy::Search, "search"},
    {TuningStrategy::Reuse, "reuse"},
    {TuningStrategy::Default, "default"},
};

std::string_view orcinus::strategyName(TuningStrategy strategy) {
  return nameOf(strategyNames, strategy);
}

StatusOr<TuningStrategy> orcinus::parseStrategy(std::string_view name) {
  return valueOf(strategyNames, name, "strategy");
}

TuningObserver::~TuningObserver() = default;

static nlohmann::ordered_json
toJson(const std::vector<CandidateOutcome> &outcomes) {
  nlohmann::ordered_json counts = nlohmann::ordered_json::object();
  for (const CandidateOutcome &outcome : outcomes)
    counts[std::string(statusName(outcome.status))] = outcome.count;
  return counts;
}

std::string TuningReport::toJson() const {
  nlohmann::ordered_json json = {{"strategy", strategyName(strategy)},
                                 {"seconds", seconds},
                                 {"operators", nlohmann::ordered_json::array()},
                                 {"left_out", nlohmann::ordered_json::array()},
                                 {"failed", nlohmann::ordered_json::array()}};
  for (const OperatorResult &result : operators)
    json["operators"].push_back({{"name", result.name},
                                 {"microseconds", result.program.microseconds},
                                 {"trials", result.program.trials},
                                 {"source", sourceName(result.program.source)},
                                 {"origin", originName(result.program.origin)},
                                 {"candidates", ::toJson(result.outcomes)}});
  for (const LeftOutOperator &op : leftOut)
    json["left_out"].push_back({{"name", op.name}, {"reason", op.reason}});
  for (const FailedOperator &op : failed)
    json["failed"].push_back({{"name", op.name},
                              {"reason", op.reason},
                              {"candidates", ::toJson(op.outcomes)}});
  return printJson(json);
}

namespace {

/// What tells an operator from all others.
using OperatorKey = std::pair<std::string, std::vector<int64_t>>;

OperatorKey keyOf(const OperatorDescription &description) {
  return {description.kind(), description.extents()};
}

class TuningSession {
public:
  TuningSession(const std::vector<TunableOperator> &operators,
                const TargetDescription &target, CandidateRunner &runner,
                TuningDatabase &database, const TuningOptions &options,
                TuningObserver &observer)
      : operators(operators), target(target), database(database),
        options(options), observer(observer), origin(runner.origin()),
        tuner(target, runner, database, options,
              [this](const TunableOperator &op, const OperatorTrials &trials) {
                noteTrial(op, trials);
              }) {}

  StatusOr<TuningReport> run();

private:
  /// One operator that is to be tuned, and what that is expected to take.
  struct Task {
    TunableOperator op;
    bool bridge = false;
    double expectedSeconds = 0;
    /// The task whose program it reuses; nothing where it is searched.
    std::optional<size_t> source;
  };

  // Making the tasks.
  std::vector<TunableOperator> distinctOperators();
  StatusOr<std::vector<Task>> independentTasks();
  StatusOr<std::vector<Task>> plannedTasks();
  Status probeKinds(const std::vector<TunableOperator> &distinct);
  StatusOr<ReuseGraph> graphOf(const std::vector<TunableOperator> &distinct);
  StatusOr<std::vector<OperatorDescription>>
  knownOperators(const std::vector<TunableOperator> &distinct);
  StatusOr<std::optional<TunedProgram>>
  finished(const OperatorDescription &description, bool asked) const;
  StatusOr<bool> searchGoesOn(const OperatorDescription &description) const;

  // Doing them.
  void runTasks(const std::vector<Task> &tasks);
  StatusOr<TunedProgram> runTask(const std::vector<Task> &tasks, size_t number);
  StatusOr<TunedProgram> runReuse(const std::vector<Task> &tasks,
                                  size_t number);
  Status collectResults();

  // Telling of them.
  void noteTrial(const TunableOperator &op, const OperatorTrials &trials);
  void notePlan(const std::vector<Task> &tasks);
  void noteDrift();
  double secondsSinceBegin() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         begin)
        .count();
  }

  const std::vector<TunableOperator> &operators;
  const TargetDescription &target;
  TuningDatabase &database;
  const TuningOptions &options;
  TuningObserver &observer;
  /// Of the times that this run adds.
  TimeOrigin origin;
  OperatorTuner tuner;

  TuningReport report;
  std::map<OperatorKey, TunedProgram> programs;
  /// Why no program of an operator was found.
  std::map<OperatorKey, std::string> failures;
  /// The operators whose search was finished with fewer candidates than it may
  /// have now, with what is left of it in seconds.
  std::map<OperatorKey, double> goingOn;
  TuningProgress progress;
  /// Of all tasks, and of those done.
  double expectedSeconds = 0, expectedSecondsDone = 0;
  double firstBaseline = 0, leastBaseline = 0, mostBaseline = 0;
  std::chrono::steady_clock::time_point begin =
      std::chrono::steady_clock::now();
};

} // namespace

//===----------------------------------------------------------------------===//
// Making the tasks
//===----------------------------------------------------------------------===//

std::vector<TunableOperator> TuningSession::distinctOperators() {
  std::set<OperatorKey> seen;
  std::vector<TunableOperator> distinct;
  for (const TunableOperator &op : operators) {
    if (!seen.insert(keyOf(op.description)).second)
      continue;
    auto space = createScheduleSpace(op.description, target);
    if (space.ok())
      distinct.push_back(op);
    else
      report.leftOut.push_back(LeftOutOperator::of(
          op.description.name, op.description.name, space.message()));
  }
  return distinct;
}

static std::vector<OperatorDescription>
descriptionsOf(const std::vector<TunableOperator> &operators) {
  std::vector<OperatorDescription> descriptions;
  for (const TunableOperator &op : operators)
    descriptions.push_back(op.description);
  return descriptions;
}

/// Candidates that a run with `options` may measure for a program of `source`.
static int64_t budgetOf(const TuningOptions &options, ProgramSource source) {
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

/// Whether an earlier run finished a search with fewer candidates than it may
/// have now.
StatusOr<bool>
TuningSession::searchGoesOn(const OperatorDescription &description) const {
  auto program = database.finished(description.kind(), description.extents(),
                                   ProgramSource::Search);
  if (!program.ok())
    return program.status();
  return *program && (*program)->budget < options.trials.search;
}

/// The program that an earlier run finished and that this strategy would not
/// improve on. One that was asked for is not finished where a run that found
/// it might measure fewer candidates than this one.
StatusOr<std::optional<TunedProgram>>
TuningSession::finished(const OperatorDescription &description,
                        bool asked) const {
  static constexpr ProgramSource search[] = {ProgramSource::Search};
  static constexpr ProgramSource any[] = {
      ProgramSource::Search, ProgramSource::Reuse, ProgramSource::Bridge};
  static constexpr ProgramSource untuned[] = {ProgramSource::Default};
  std::span<const ProgramSource> sources = any;
  if (options.strategy == TuningStrategy::Search)
    sources = search;
  else if (options.strategy == TuningStrategy::Default)
    sources = untuned;
  std::optional<TunedProgram> best;
  for (ProgramSource source : sources) {
    StatusOr<std::optional<TunedProgram>> program =
        database.finished(description.kind(), description.extents(), source);
    if (!program.ok())
      return program;
    // A model has nothing to add to what was measured, but not the reverse.
    if (*program && (*program)->origin > origin)
      continue;
    if (*program && asked && (*program)->budget < budgetOf(options, source))
      return std::optional<TunedProgram>();
    if (*program &&
        (!best || (*program)->relativeTime() < best->relativeTime()))
      best = std::move(*program);
  }
  return best;
}

/// Each operator by itself.
StatusOr<std::vector<TuningSession::Task>> TuningSession::independentTasks() {
  std::vector<TunableOperator> distinct = distinctOperators();
  StatusOr<MeasuredCosts> costs =
      MeasuredCosts::create(database, descriptionsOf(distinct), options.trials);
  if (!costs.ok())
    return costs.status();
  std::vector<Task> tasks;
  for (TunableOperator &op : distinct) {
    double seconds = costs->searchSeconds(op.description);
    tasks.push_back({std::move(op), /*bridge=*/false, seconds, std::nullopt});
  }
  return tasks;
}

/// Measures the default schedule of the smallest and of the largest operator of
/// each kind of which the database has no time of this origin: what tuning
/// takes is then an estimate from measurements.
Status TuningSession::probeKinds(const std::vector<TunableOperator> &distinct) {
  std::map<std::string, std::vector<const TunableOperator *>> kinds;
  for (const TunableOperator &op : distinct)
    kinds[op.description.kind()].push_back(&op);
  for (auto &[kind, members] : kinds) {
    StatusOr<std::vector<TuningRecord>> records = database.records(kind);
    if (!records.ok())
      return records.status();
    if (std::any_of(records->begin(), records->end(),
                    [&](const TuningRecord &record) {
                      return record.measurement.origin == origin;
                    }))
      continue;
    auto [smallest, largest] = std::minmax_element(
        members.begin(), members.end(),
        [](const TunableOperator *one, const TunableOperator *other) {
          return one->description.floatingPointOperations() <
                 other->description.floatingPointOperations();
        });
    // Where one fails, tuning says so.
    (void)tuner.measureDefault(**smallest);
    if (*largest != *smallest)
      (void)tuner.measureDefault(**largest);
  }
  return Status();
}

/// The operators of the same kinds that were tuned before and are not among
/// `distinct`.
StatusOr<std::vector<OperatorDescription>>
TuningSession::knownOperators(const std::vector<TunableOperator> &distinct) {
  std::set<OperatorKey> asked;
  std::map<std::string, const OperatorDescription *> kinds;
  for (const TunableOperator &op : distinct) {
    asked.insert(keyOf(op.description));
    kinds.emplace(op.description.kind(), &op.description);
  }
  std::vector<OperatorDescription> known;
  for (const auto &[kind, representative] : kinds) {
    StatusOr<std::vector<TunedProgram>> found = database.programs(kind);
    if (!found.ok())
      return found.status();
    for (const TunedProgram &program : *found)
      if (program.source != ProgramSource::Default &&
          program.extents.size() == representative->loops.size() &&
          !asked.contains({kind, program.extents}))
        known.push_back(representative->withExtents(program.extents));
  }
  return known;
}

/// The reuse graph of the operators, of those that are known already, which
/// cost nothing, and of possible bridges.
StatusOr<ReuseGraph>
TuningSession::graphOf(const std::vector<TunableOperator> &distinct) {
  std::vector<OperatorDescription> descriptions = descriptionsOf(distinct);
  StatusOr<MeasuredCosts> costs =
      MeasuredCosts::create(database, descriptions, options.trials);
  if (!costs.ok())
    return costs.status();
  StatusOr<std::vector<OperatorDescription>> known = knownOperators(distinct);
  if (!known.ok())
    return known.status();
  ReuseGraph graph = buildReuseGraph(descriptions, *costs, options.conditions);
  addBridges(graph, std::move(*known), *costs, options.conditions);
  for (size_t number = 0; number < graph.nodes.size(); ++number) {
    ReuseNode &node = graph.nodes[number];
    bool asked = number < distinct.size();
    StatusOr<std::optional<TunedProgram>> program =
        finished(node.description, asked);
    if (!program.ok())
      return program.status();
    StatusOr<bool> goesOn = searchGoesOn(node.description);
    if (!goesOn.ok())
      return goesOn.status();
    // A search that was begun is not given up for reuse.
    if (asked && !*program && *goesOn)
      goingOn[keyOf(node.description)] = costs->searchSeconds(node.description);
    if (*program || (asked && *goesOn))
      node.searchSeconds = 0;
  }
  if (options.bridges)
    addBridges(graph, *costs, options.conditions);
  return graph;
}

StatusOr<std::vector<TuningSession::Task>> TuningSession::plannedTasks() {
  std::vector<TunableOperator> distinct = distinctOperators();
  if (Status status = probeKinds(distinct); !status.ok())
    return status;
  StatusOr<ReuseGraph> graph = graphOf(distinct);
  if (!graph.ok())
    return graph.status();
  TuningPlan plan = planTuning(*graph);
  std::vector<size_t> taskOf(graph->nodes.size());
  std::vector<Task> tasks;
  for (const PlanStep &step : plan.steps) {
    taskOf[step.node] = tasks.size();
    Task task;
    const ReuseNode &node = graph->nodes[step.node];
    task.bridge = node.bridge;
    if (step.node < distinct.size()) {
      task.op = distinct[step.node];
    } else {
      // A bridge of an operator that came as text has no text of its own; then
      // what would reuse it is searched.
      task.op.description = node.description;
      if (StatusOr<std::string> module = emitOperatorModule(node.description);
          module.ok())
        task.op.module = std::move(*module);
    }
    task.expectedSeconds = step.expectedSeconds;
    if (auto search = goingOn.find(keyOf(task.op.description));
        search != goingOn.end())
      task.expectedSeconds = search->second;
    else if (step.source != PlanStep::fromNothing)
      task.source = taskOf[step.source];
    tasks.push_back(std::move(task));
  }
  return tasks;
}

//===----------------------------------------------------------------------===//
// Doing them
//===----------------------------------------------------------------------===//

/// From the planned source where its program meets the conditions, else from
/// the nearest other one that does, else by search.
StatusOr<TunedProgram> TuningSession::runReuse(const std::vector<Task> &tasks,
                                               size_t number) {
  const OperatorDescription &description = tasks[number].op.description;
  std::vector<std::pair<double, size_t>> sources = {{0, *tasks[number].source}};
  for (size_t other = 0; other < number; ++other)
    if (mayReuse(tasks[other].op.description, description, options.conditions)
            .ok())
      sources.emplace_back(extentRatio(tasks[other].op.description.extents(),
                                       description.extents()),
                           other);
  std::sort(sources.begin(), sources.end());
  for (auto [ratio, other] : sources) {
    auto program = programs.find(keyOf(tasks[other].op.description));
    if (program == programs.end())
      continue;
    StatusOr<Schedule> schedule =
        tuner.takenOver(tasks[number].op, program->second);
    if (schedule.ok())
      return tuner.reuse(tasks[number].op, *schedule,
                         tasks[other].bridge ? ProgramSource::Bridge
                                             : ProgramSource::Reuse);
  }
  return tuner.search(tasks[number].op);
}

StatusOr<TunedProgram> TuningSession::runTask(const std::vector<Task> &tasks,
                                              size_t number) {
  const Task &task = tasks[number];
  StatusOr<std::optional<TunedProgram>> earlier =
      finished(task.op.description, /*asked=*/!task.bridge);
  if (!earlier.ok())
    return earlier.status();
  if (*earlier)
    return std::move(**earlier);
  if (options.strategy == TuningStrategy::Default)
    return tuner.measureDefault(task.op);
  if (task.source)
    return runReuse(tasks, number);
  return tuner.search(task.op);
}

void TuningSession::runTasks(const std::vector<Task> &tasks) {
  progress.operators = static_cast<int64_t>(tasks.size());
  for (const Task &task : tasks)
    expectedSeconds += task.expectedSeconds;
  for (size_t number = 0; number < tasks.size(); ++number) {
    const Task &task = tasks[number];
    if (options.isLate()) {
      if (!task.bridge)
        report.leftOut.push_back(
            {task.op.description.name,
             "was not reached in the time that there was"});
      continue;
    }
    progress.name = task.op.description.name;
    progress.trials = 0;
    StatusOr<TunedProgram> program = runTask(tasks, number);
    ++progress.operatorsDone;
    expectedSecondsDone += task.expectedSeconds;
    if (!program.ok()) {
      observer.onNote(fmt::format("cannot tune '{}': {}",
                                  task.op.description.name, program.message()));
      failures.emplace(keyOf(task.op.description), program.message());
      continue;
    }
    report.bridges += task.bridge;
    observer.onOperator({task.op.description.name, *program, {}}, task.bridge,
                        progress);
    programs.emplace(keyOf(task.op.description), std::move(*program));
  }
}

/// Reports what became of the operators that were asked for.
Status TuningSession::collectResults() {
  for (const TunableOperator &op : operators) {
    OperatorKey key = keyOf(op.description);
    auto program = programs.find(key);
    auto failure = failures.find(key);
    if (program == programs.end() && failure == failures.end())
      continue;
    auto outcomes = database.outcomes(key.first, key.second, origin);
    if (!outcomes.ok())
      return outcomes.status();
    if (program != programs.end())
      report.operators.push_back(
          {op.description.name, program->second, std::move(*outcomes)});
    else
      report.failed.push_back(
          {op.description.name, failure->second, std::move(*outcomes)});
  }
  return Status();
}

StatusOr<TuningReport> TuningSession::run() {
  report.strategy = options.strategy;
  report.origin = origin;
  StatusOr<std::vector<Task>> tasks = options.strategy == TuningStrategy::Reuse
                                          ? plannedTasks()
                                          : independentTasks();
  if (!tasks.ok())
    return tasks.status();
  if (options.strategy == TuningStrategy::Reuse)
    notePlan(*tasks);
  runTasks(*tasks);
  if (Status status = collectResults(); !status.ok())
    return status;
  noteDrift();
  report.trials = progress.totalTrials;
  report.seconds = secondsSinceBegin();
  return std::move(report);
}

//===----------------------------------------------------------------------===//
// Telling of them
//===----------------------------------------------------------------------===//

void TuningSession::noteTrial(const TunableOperator &op,
                              const OperatorTrials &trials) {
  progress.name = op.description.name;
  progress.trials = trials.count();
  ++progress.totalTrials;
  std::optional<TunedProgram> best = trials.best(ProgramSource::Search);
  progress.bestMicroseconds = best ? best->microseconds : 0;
  // What is done says how well expectations hold on this machine today.
  if (expectedSecondsDone > 0)
    progress.secondsLeft = secondsSinceBegin() *
                           (expectedSeconds - expectedSecondsDone) /
                           expectedSecondsDone;
  if (double baseline = trials.latestBaseline(); baseline > 0) {
    if (firstBaseline == 0)
      firstBaseline = leastBaseline = mostBaseline = baseline;
    leastBaseline = std::min(leastBaseline, baseline);
    mostBaseline = std::max(mostBaseline, baseline);
  }
  observer.onTrial(progress);
}

void TuningSession::notePlan(const std::vector<Task> &tasks) {
  int64_t searched = 0, reused = 0, bridges = 0;
  double seconds = 0;
  for (const Task &task : tasks) {
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
