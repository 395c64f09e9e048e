//===- CandidateProposals.cpp - Which candidates to measure next ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CandidateProposals.h"

#include <algorithm>
#include <set>

using namespace orcinus;

std::optional<Schedule> orcinus::randomSchedule(const ScheduleSpace &space,
                                                Random &random) {
  constexpr int mostDraws = 200;
  for (int draw = 0; draw < mostDraws; ++draw) {
    Schedule schedule;
    for (const ScheduleParameter &parameter : space.parameters())
      schedule.set(parameter.name,
                   parameter.choices[random.below(parameter.choices.size())]);
    if (space.legal(schedule).ok())
      return schedule;
  }
  return std::nullopt;
}

/// Sorts `schedules` by what the model predicts, the fastest first.
static Status rank(OperatorTrials &trials, std::vector<Schedule> &schedules) {
  std::vector<std::vector<float>> features;
  for (const Schedule &schedule : schedules)
    features.push_back(trials.space().features(schedule));
  StatusOr<std::vector<double>> speeds = trials.model().predict(features);
  if (!speeds.ok())
    return speeds.status();
  // Equal ones stay in their order.
  std::vector<std::pair<double, size_t>> order;
  for (size_t at = 0; at < schedules.size(); ++at)
    order.emplace_back(-(*speeds)[at], at);
  std::sort(order.begin(), order.end());
  std::vector<Schedule> sorted;
  for (auto [speed, at] : order)
    sorted.push_back(std::move(schedules[at]));
  schedules = std::move(sorted);
  return Status();
}

//===----------------------------------------------------------------------===//
// Search
//===----------------------------------------------------------------------===//

namespace {

/// Schedules that follow from each other.
class Evolution {
public:
  Evolution(OperatorTrials &trials, Random &random)
      : trials(trials), random(random) {}

  /// Candidates that were not tried, the likeliest first.
  StatusOr<std::vector<Schedule>> run() {
    constexpr int generations = 3;
    constexpr size_t kept = 64;
    std::vector<Schedule> population = firstGeneration();
    for (int generation = 0; generation < generations; ++generation) {
      breed(population);
      if (Status status = rank(trials, population); !status.ok())
        return status;
      if (generation + 1 < generations && population.size() > kept)
        population.resize(kept);
    }
    std::erase_if(population, [&](const Schedule &schedule) {
      return trials.wasTried(schedule);
    });
    return population;
  }

private:
  std::vector<Schedule> firstGeneration() {
    constexpr size_t mostParents = 16, randomParents = 64;
    std::vector<Schedule> population;
    for (const OperatorTrials::Tried &tried : trials.fastest())
      if (population.size() < mostParents)
        population.push_back(tried.schedule);
    for (size_t at = 0; at < randomParents; ++at)
      if (auto schedule = randomSchedule(trials.space(), random))
        population.push_back(std::move(*schedule));
    return population;
  }

  /// Adds legal children that are new.
  void breed(std::vector<Schedule> &population) {
    constexpr size_t children = 192;
    std::set<std::string> seen;
    for (const Schedule &schedule : population)
      seen.insert(schedule.toString());
    size_t parents = population.size();
    for (size_t child = 0; child < children && parents > 0; ++child) {
      Schedule schedule = population[random.below(parents)];
      if (random.below(2) == 0)
        cross(schedule, population[random.below(parents)]);
      else
        mutate(schedule);
      if (trials.space().legal(schedule).ok() &&
          seen.insert(schedule.toString()).second)
        population.push_back(std::move(schedule));
    }
  }

  /// Takes each parameter from either parent.
  void cross(Schedule &schedule, const Schedule &other) {
    for (const auto &[name, value] : other.entries())
      if (random.below(2) == 0)
        schedule.set(name, value);
  }

  /// Moves one parameter, mostly to a neighbouring choice.
  void mutate(Schedule &schedule) {
    const std::vector<ScheduleParameter> &parameters =
        trials.space().parameters();
    const ScheduleParameter &parameter =
        parameters[random.below(parameters.size())];
    const std::vector<int64_t> &choices = parameter.choices;
    size_t at = std::lower_bound(choices.begin(), choices.end(),
                                 *schedule.find(parameter.name)) -
                choices.begin();
    constexpr uint64_t jumpOneIn = 4;
    if (random.below(jumpOneIn) == 0 || at == choices.size())
      at = random.below(choices.size());
    else if (random.below(2) == 0 && at > 0)
      --at;
    else
      at = std::min(at + 1, choices.size() - 1);
    schedule.set(parameter.name, choices[at]);
  }

  OperatorTrials &trials;
  Random &random;
};

} // namespace

/// The legal schedules that differ from the fastest in one parameter and were
/// not tried, the likeliest first, in random order where the model sees no
/// difference.
static StatusOr<std::vector<Schedule>> neighbours(OperatorTrials &trials,
                                                  Random &random) {
  std::vector<Schedule> result;
  std::vector<OperatorTrials::Tried> fastest = trials.fastest();
  if (fastest.empty())
    return result;
  for (const ScheduleParameter &parameter : trials.space().parameters())
    for (int64_t choice : parameter.choices) {
      Schedule schedule = fastest.front().schedule;
      schedule.set(parameter.name, choice);
      if (trials.space().legal(schedule).ok() && !trials.wasTried(schedule))
        result.push_back(std::move(schedule));
    }
  for (size_t at = 1; at < result.size(); ++at)
    std::swap(result[at], result[random.below(at + 1)]);
  if (Status status = rank(trials, result); !status.ok())
    return status;
  return result;
}

StatusOr<std::vector<Schedule>>
orcinus::proposeBySearch(OperatorTrials &trials, size_t count, Random &random) {
  std::vector<Schedule> proposals;
  std::set<std::string> seen;
  // Takes schedules until there are `most` proposals.
  auto propose = [&](const std::vector<Schedule> &schedules, size_t most) {
    for (const Schedule &schedule : schedules)
      if (proposals.size() < most && !trials.wasTried(schedule) &&
          seen.insert(schedule.toString()).second)
        proposals.push_back(schedule);
  };
  propose({trials.space().compilerSchedule(), trials.space().defaultSchedule()},
          count);
  if (trials.count() > 0) {
    // Half by evolution, which finds new regions, most of the others around the
    // fastest, and one from anywhere.
    StatusOr<std::vector<Schedule>> evolved = Evolution(trials, random).run();
    if (!evolved.ok())
      return evolved.status();
    propose(*evolved, count / 2);
    StatusOr<std::vector<Schedule>> near = neighbours(trials, random);
    if (!near.ok())
      return near.status();
    propose(*near, count - std::min<size_t>(count, 2));
    // The model errs: one neighbour whatever it says.
    if (!near->empty())
      propose({(*near)[random.below(near->size())]}, count - 1);
  }
  // Several draws for each that is wanted: some were tried.
  constexpr size_t drawsEach = 8;
  for (size_t draw = 0; draw < drawsEach * count && proposals.size() < count;
       ++draw)
    if (auto schedule = randomSchedule(trials.space(), random))
      propose({*schedule}, count);
  return proposals;
}

//===----------------------------------------------------------------------===//
// Reuse
//===----------------------------------------------------------------------===//

/// Whether the reuse tuner searches the parameter's choices.
static bool isSearchedInReuse(const ScheduleParameter &parameter) {
  return parameter.role == ParameterRole::OuterTile ||
         parameter.role == ParameterRole::LoopOrder ||
         parameter.role == ParameterRole::ParallelSplit;
}

/// All that differ from one of `schedules` in the value of `parameter` alone,
/// themselves included.
static std::vector<Schedule> withChoices(const std::vector<Schedule> &schedules,
                                         const ScheduleParameter &parameter) {
  std::vector<Schedule> result = schedules;
  for (const Schedule &schedule : schedules)
    for (int64_t choice : parameter.choices)
      if (choice != *schedule.find(parameter.name)) {
        result.push_back(schedule);
        result.back().set(parameter.name, choice);
      }
  return result;
}

/// The tiles to try beside `value`: half and twice as long. A tile that is the
/// whole loop of the source may be too long for this operator's: then all.
static std::vector<int64_t> otherTiles(const ScheduleParameter &parameter,
                                       int64_t value) {
  if (value > 1)
    return {value / 2, 2 * value};
  if (value == 1)
    return {2};
  return parameter.choices;
}

StatusOr<std::vector<Schedule>> orcinus::proposeByReuse(OperatorTrials &trials,
                                                        const Schedule &reused,
                                                        size_t count) {
  // Beyond this many combinations of outer parameters they are too many to
  // rank.
  constexpr size_t mostCombinations = 4096;
  std::vector<Schedule> inner = {reused};
  for (const ScheduleParameter &parameter : trials.space().parameters())
    if (parameter.role == ParameterRole::InnerTile)
      for (int64_t value :
           otherTiles(parameter, *reused.find(parameter.name))) {
        inner.push_back(reused);
        inner.back().set(parameter.name, value);
      }
  std::vector<Schedule> candidates = std::move(inner);
  for (const ScheduleParameter &parameter : trials.space().parameters())
    if (isSearchedInReuse(parameter) &&
        candidates.size() * parameter.choices.size() <= mostCombinations)
      candidates = withChoices(candidates, parameter);
  std::erase_if(candidates, [&](const Schedule &schedule) {
    return schedule == reused || !trials.space().legal(schedule).ok();
  });
  if (Status status = rank(trials, candidates); !status.ok())
    return status;
  candidates.insert(candidates.begin(), reused);
  if (candidates.size() > count)
    candidates.resize(count);
  return candidates;
}
