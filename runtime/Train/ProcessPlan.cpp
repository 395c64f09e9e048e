//===- ProcessPlan.cpp - What several processes would take ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/ProcessPlan.h"

#include "lib/Support/MemoryGuard.h"
#include "runtime/Train/ShardForecast.h"
#include "runtime/Train/TrainerImplementation.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

using namespace orcinus;

ProcessPoint orcinus::predictProcesses(const ShardCosts &costs,
                                       const ShardLoad &load,
                                       const Network &network,
                                       int64_t processes) {
  ProcessPoint point;
  point.processes = processes;
  point.shards = load.shards;
  // A process that has as many shards with work as any.
  double own = std::min(static_cast<double>(load.shards) /
                            static_cast<double>(processes),
                        load.shardsOfBatch);
  point.shardSeconds = own * std::max(costs.computation.secondsOf(load.rows),
                                      costs.preparation.secondsOf(load.rows));
  point.restSeconds = costs.restSeconds;
  // Sums go through a tree of pairs; in a gathering each process sends what it
  // has, then twice as much, …: of all that there is, all but its own share.
  double levels = std::bit_width(static_cast<uint64_t>(processes)) - 1;
  double others = static_cast<double>(processes - 1);
  double share = others / static_cast<double>(processes);
  point.messages = static_cast<double>(costs.sumMessages) * levels;
  point.bytes =
      levels * static_cast<double>(costs.gradientBytes + costs.countBytes);
  if (costs.keepsCaches) {
    // The sizes of the keys, the keys, and the rows.
    point.messages += 3 * levels;
    point.bytes +=
        others * sizeof(uint64_t) + share * (load.keyBytes + load.rowBytes);
  }
  point.networkSeconds =
      point.messages * network.latency + point.bytes / network.bandwidth;
  if (auto shared = load.sharedRows.find(processes);
      shared != load.sharedRows.end()) {
    point.rowMessages = shared->second.messages;
    point.rowBytes = shared->second.bytes;
    point.rowSeconds = point.rowMessages * network.latency +
                       point.rowBytes / network.bandwidth;
  }
  // One thread computes, another one does index work and fetches rows.
  double computing = point.shardSeconds + point.restSeconds;
  double fetching =
      own * costs.preparation.secondsOf(load.rows) + point.rowSeconds;
  point.epochSeconds = static_cast<double>(costs.batches) *
                       (std::max(computing, fetching) + point.networkSeconds);
  return point;
}

/// Makes a plan.
class orcinus::ProcessPlanner {
public:
  ProcessPlanner(const std::shared_ptr<const EventStream> &stream,
                 const std::shared_ptr<const CompiledModel> &model,
                 const TrainOptions &options)
      : stream(stream), model(model), options(options) {}

  StatusOr<ProcessPlan> run(const Network &network,
                            std::span<const int64_t> processes) {
    for (int64_t count : processes)
      loads[shardsFor(count)];
    // At least two numbers of shards tell what a step takes and what a row.
    int64_t least = std::max<int64_t>(2, loads.begin()->first);
    for (int64_t shards : {least, 4 * least})
      loads[shards];
    int64_t measuredNumbers = 0;
    for (auto &[shards, load] : loads) {
      std::vector<int64_t> counts;
      for (int64_t count : processes)
        if (shardsFor(count) == shards)
          counts.push_back(count);
      if (shards > 1)
        if (Status status =
                forecast(shards, measuredNumbers++ < 3, counts, load);
            !status.ok())
          return status;
    }
    plan.costs.preparation = fitStepCost(times.preparations);
    plan.costs.computation = fitStepCost(times.computations);
    plan.costs.restSeconds = median(times.rest);
    for (int64_t count : processes) {
      int64_t shards = shardsFor(count);
      if (shards > 1)
        plan.points.push_back(
            predictProcesses(plan.costs, loads[shards], network, count));
      else if (Status status = addWhole(); !status.ok())
        return status;
    }
    return std::move(plan);
  }

private:
  int64_t shardsFor(int64_t count) const {
    return options.shards.value_or(count);
  }

  StatusOr<std::unique_ptr<Trainer::Implementation>>
  makeTrainer(int64_t shards) const {
    TrainOptions chosen = options;
    chosen.shards = shards;
    return Trainer::Implementation::create(stream, model, chosen,
                                           /*labels=*/nullptr);
  }

  /// Counts what batches cut into `shards` come to, on each of `counts`
  /// processes, and measures where asked.
  Status forecast(int64_t shards, bool measures,
                  std::span<const int64_t> counts, ShardLoad &load) {
    auto trainer = makeTrainer(shards);
    if (!trainer.ok())
      return trainer.status();
    auto made = (*trainer)->forecastShards(measures, counts);
    if (!made.ok())
      return made.status();
    load = std::move(made->load);
    plan.costs.batches = made->batches;
    plan.costs.sumMessages = made->sumMessages;
    plan.costs.gradientBytes = made->gradientBytes;
    plan.costs.countBytes = ShardTrainer::countBytes();
    plan.costs.keepsCaches = made->keepsCaches;
    auto append = [](auto &to, const auto &from) {
      to.insert(to.end(), from.begin(), from.end());
    };
    append(times.preparations, made->times.preparations);
    append(times.computations, made->times.computations);
    append(times.rest, made->times.rest);
    return Status();
  }

  /// One process without shards, whose step is one function.
  Status addWhole() {
    auto trainer = makeTrainer(1);
    if (!trainer.ok())
      return trainer.status();
    auto epoch = (*trainer)->forecastEpoch();
    if (!epoch.ok())
      return epoch.status();
    ProcessPoint point;
    point.epochSeconds =
        fitStepCost(epoch->samples).secondsOf(epoch->batches, epoch->rows);
    point.shardSeconds =
        point.epochSeconds / static_cast<double>(epoch->batches);
    plan.points.push_back(point);
    return Status();
  }

  static double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values.empty() ? 0 : values[values.size() / 2];
  }

  const std::shared_ptr<const EventStream> &stream;
  const std::shared_ptr<const CompiledModel> &model;
  const TrainOptions &options;
  /// By number of shards.
  std::map<int64_t, ShardLoad> loads;
  ShardTimes times;
  ProcessPlan plan;
};

StatusOr<ProcessPlan>
orcinus::planProcesses(const std::shared_ptr<const EventStream> &stream,
                       const std::shared_ptr<const CompiledModel> &model,
                       const TrainOptions &options, const Network &network,
                       std::span<const int64_t> processes) {
  return guarded([&] {
    return ProcessPlanner(stream, model, options).run(network, processes);
  });
}
