//===- TaskPlanner.cpp - What a session does, in which order --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TaskPlanner.h"

#include "lib/Support/Clock.h"

#include <algorithm>
#include <set>
#include <span>

using namespace orcinus;

//===----------------------------------------------------------------------===//
// What is there
//===----------------------------------------------------------------------===//

StatusOr<bool>
FinishedPrograms::searchGoesOn(const OperatorDescription &description) const {
  auto program = database.finished(description.kind(), description.extents(),
                                   ProgramSource::Search);
  if (!program.ok())
    return program.status();
  return *program && (*program)->budget < options.trials.search;
}

StatusOr<std::optional<TunedProgram>>
FinishedPrograms::find(const OperatorDescription &description,
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

static std::vector<OperatorDescription>
descriptionsOf(const std::vector<TunableOperator> &operators) {
  std::vector<OperatorDescription> descriptions;
  for (const TunableOperator &op : operators)
    descriptions.push_back(op.description);
  return descriptions;
}

/// Each once, with the calls of all; those without a schedule space are left
/// out.
std::vector<TunableOperator> TaskPlanner::distinctOperators() {
  std::map<OperatorKey, size_t> seen;
  std::vector<TunableOperator> distinct;
  for (const TunableOperator &op : operators) {
    OperatorKey key = keyOf(op.description);
    if (auto first = seen.find(key); first != seen.end()) {
      distinct[first->second].calls += op.calls;
      continue;
    }
    auto space = createScheduleSpace(op.description, target);
    if (space.ok()) {
      seen.emplace(std::move(key), distinct.size());
      distinct.push_back(op);
    } else {
      excluded.push_back(LeftOutOperator::of(
          op.description.name, op.description.name, space.message()));
    }
  }
  return distinct;
}

//===----------------------------------------------------------------------===//
// Each by itself
//===----------------------------------------------------------------------===//

StatusOr<std::vector<TuningTask>>
TaskPlanner::independentTasks(const std::vector<TunableOperator> &chosen) {
  bool isSearch = options.strategy == TuningStrategy::Search;
  StatusOr<MeasuredCosts> costs =
      MeasuredCosts::create(database, descriptionsOf(chosen),
                            isSearch ? options.trials : TrialCounts{1, 1});
  if (!costs.ok())
    return costs.status();
  std::vector<TuningTask> tasks;
  for (const TunableOperator &op : chosen)
    tasks.push_back({op, /*bridge=*/false,
                     costs->searchSeconds(op.description) / speed,
                     std::nullopt});
  return tasks;
}

//===----------------------------------------------------------------------===//
// By a plan
//===----------------------------------------------------------------------===//

/// Measures the default schedule of the smallest and of the largest operator of
/// each kind of which the database has no time of this origin: what tuning
/// takes is then an estimate from measurements.
Status TaskPlanner::probeKinds(const std::vector<TunableOperator> &distinct) {
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
    if (options.isLate())
      return Status();
    // Where one fails, tuning says so.
    (void)tuner.measureDefault(**smallest);
    if (*largest != *smallest && !options.isLate())
      (void)tuner.measureDefault(**largest);
  }
  return Status();
}

/// The operators of the same kinds that were tuned before and are not among
/// `distinct`.
StatusOr<std::vector<OperatorDescription>>
TaskPlanner::knownOperators(const std::vector<TunableOperator> &distinct) {
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

/// How many candidates are measured as it mostly is: a search ends where it
/// brings nothing any more, and a program that was taken over is mostly good
/// enough at once.
static TrialCounts usualTrials(const TuningOptions &options) {
  if (options.patience == 0)
    return options.trials;
  return {(options.trials.search + 1) / 2, (options.trials.reuse + 1) / 2};
}

/// The reuse graph of the operators, of those that are known already, which
/// cost nothing, and of possible bridges.
StatusOr<ReuseGraph>
TaskPlanner::graphOf(const std::vector<TunableOperator> &distinct) {
  std::vector<OperatorDescription> descriptions = descriptionsOf(distinct);
  StatusOr<MeasuredCosts> costs =
      MeasuredCosts::create(database, descriptions, usualTrials(options));
  if (!costs.ok())
    return costs.status();
  StatusOr<std::vector<OperatorDescription>> known = knownOperators(distinct);
  if (!known.ok())
    return known.status();
  ReuseGraph graph = buildReuseGraph(descriptions, *costs, options.conditions);
  addFarEdges(graph, *costs, options.conditions);
  addBridges(graph, std::move(*known), *costs, options.conditions);
  goingOn.clear();
  for (size_t number = 0; number < graph.nodes.size(); ++number) {
    ReuseNode &node = graph.nodes[number];
    bool asked = number < distinct.size();
    StatusOr<std::optional<TunedProgram>> program =
        finished.find(node.description, asked);
    if (!program.ok())
      return program.status();
    StatusOr<bool> goesOn = finished.searchGoesOn(node.description);
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

std::vector<TuningTask>
TaskPlanner::tasksOf(const TuningPlan &plan, const ReuseGraph &graph,
                     const std::vector<TunableOperator> &distinct) {
  std::vector<size_t> taskOf(graph.nodes.size());
  std::vector<TuningTask> tasks;
  for (const PlanStep &step : plan.steps) {
    taskOf[step.node] = tasks.size();
    TuningTask task;
    const ReuseNode &node = graph.nodes[step.node];
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
    task.expectedSeconds /= speed;
    tasks.push_back(std::move(task));
  }
  return tasks;
}

StatusOr<std::vector<TuningTask>>
TaskPlanner::plannedTasks(const std::vector<TunableOperator> &chosen) {
  StatusOr<ReuseGraph> graph = graphOf(chosen);
  if (!graph.ok())
    return graph.status();
  return tasksOf(planTuning(*graph), *graph, chosen);
}

//===----------------------------------------------------------------------===//
// In the time that there is
//===----------------------------------------------------------------------===//

static double secondsOf(const std::vector<TuningTask> &tasks) {
  double seconds = 0;
  for (const TuningTask &task : tasks)
    seconds += task.expectedSeconds;
  return seconds;
}

/// What is expected of a plan is a part of the time only: the rest is for what
/// falls short of it, and for operators worth more candidates.
static double secondsToPlan(const TuningOptions &options) {
  constexpr double part = 0.6;
  return part * secondsBetween(Clock::now(), *options.deadline);
}

/// Leaves out the half of `chosen` in which the least time is spent.
Status TaskPlanner::leaveOutLightest(std::vector<TunableOperator> &chosen) {
  std::vector<std::pair<double, size_t>> weights;
  for (size_t at = 0; at < chosen.size(); ++at) {
    const OperatorDescription &op = chosen[at].description;
    StatusOr<std::optional<TunedProgram>> known =
        database.best(op.kind(), op.extents());
    if (!known.ok())
      return known.status();
    // In proportion about right, beside each other.
    constexpr double operationsAMicrosecond = 2e4;
    double microseconds =
        *known ? (*known)->microseconds
               : static_cast<double>(op.floatingPointOperations()) /
                     operationsAMicrosecond;
    weights.emplace_back(static_cast<double>(chosen[at].calls) * microseconds,
                         at);
  }
  std::sort(weights.begin(), weights.end());
  weights.resize(weights.size() / 2);
  std::set<size_t> light;
  for (auto [weight, at] : weights)
    light.insert(at);
  std::vector<TunableOperator> heavy;
  for (size_t at = 0; at < chosen.size(); ++at)
    if (light.contains(at))
      excluded.push_back({chosen[at].description.name,
                          "takes too little time for the time that there is"});
    else
      heavy.push_back(std::move(chosen[at]));
  chosen = std::move(heavy);
  return Status();
}

/// The plan that fits the deadline, with as many candidates as there is time
/// for.
StatusOr<std::vector<TuningTask>>
TaskPlanner::tasksInTime(std::vector<TunableOperator> chosen) {
  constexpr int64_t fewestTrials = 8, fewestReuseTrials = 2;
  while (true) {
    StatusOr<std::vector<TuningTask>> tasks = plannedTasks(chosen);
    if (!tasks.ok() || secondsOf(*tasks) <= secondsToPlan(options))
      return tasks;
    TrialCounts &trials = options.trials;
    if (trials.search > fewestTrials) {
      trials.search = std::max(fewestTrials, trials.search / 2);
      trials.reuse = std::min(
          trials.reuse, std::max(fewestReuseTrials, trials.reuse * 3 / 4));
    } else if (chosen.size() == 1 || options.isLate()) {
      return tasks;
    } else if (Status status = leaveOutLightest(chosen); !status.ok()) {
      return status;
    }
  }
}

StatusOr<std::vector<TuningTask>> TaskPlanner::plan() {
  std::vector<TunableOperator> distinct = distinctOperators();
  if (options.strategy != TuningStrategy::Reuse)
    return independentTasks(distinct);
  if (Status status = probeKinds(distinct); !status.ok())
    return status;
  if (!options.deadline || distinct.empty())
    return plannedTasks(distinct);
  return tasksInTime(std::move(distinct));
}
