//===- ReuseBenchmark.cpp - Planning speed and hit ratios -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Mirrors lib/Reuse:
//   plan/…         events planned per second, from the stream to the counts
//   stage/…        the same by stage
//   batch/…        time of a batch, on graphs of 10^4 and of 10^7 nodes
//   shared/…       the planner of one memory for two layers
//   wikipedia/…    hit ratios by policy and capacity; needs wikipedia.txt in
//                  the folder that ORCINUS_TEST_DATA names
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Generator.h"
#include "orcinus/Reuse/PlanCommand.h"
#include "orcinus/Reuse/ReuseDistance.h"
#include "orcinus/Reuse/ReusePlanner.h"
#include "orcinus/Reuse/SharedCapacityPlanner.h"
#include "orcinus/Reuse/Simulator.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <tuple>

using namespace orcinus;

namespace {

/// A stream that is trained on as a whole, and its adjacency.
struct Workload {
  EventStream stream;
  std::vector<int32_t> events;
  TemporalGraph graph;
};

constexpr int64_t batchSize = 200;
constexpr int32_t neighbours = 10;

/// A generated stream over `nodes` nodes whose ids are then multiplied by
/// `stride`: the same accesses in a graph of stride times as many nodes. Made
/// once.
const Workload &workload(int64_t nodes, int64_t events, int32_t stride = 1) {
  static std::map<std::tuple<int64_t, int64_t, int32_t>,
                  std::unique_ptr<Workload>>
      made;
  std::unique_ptr<Workload> &result = made[{nodes, events, stride}];
  if (result)
    return *result;
  result = std::make_unique<Workload>();
  GeneratorOptions options;
  options.nodes = nodes;
  options.events = events;
  result->stream = *generateEventStream(options);
  result->stream.nodeCount *= stride;
  for (auto *ends : {&result->stream.source, &result->stream.destination})
    ends->modify([&](std::vector<int32_t> &nodes) {
      for (int32_t &node : nodes)
        node *= stride;
    });
  result->events.resize(events);
  std::iota(result->events.begin(), result->events.end(), 0);
  result->graph = TemporalGraph::build(result->stream);
  return *result;
}

void reportEvents(benchmark::State &state, const Workload &work) {
  state.SetItemsProcessed(state.iterations() * work.stream.eventCount());
}

void plan(benchmark::State &state, PolicyKind kind, int32_t layers) {
  const Workload &work = workload(10'000, 1'000'000);
  ReusePlanOptions options;
  options.policy = {kind, static_cast<int32_t>(state.range(0))};
  options.layers = layers;
  options.keepDecisions = true;
  ReuseCounts counts;
  for (auto _ : state)
    counts = planReuse(work.stream, work.graph, work.events, options)
                 ->statistics.counts;
  reportEvents(state, work);
  state.counters["hit_ratio"] = static_cast<double>(counts.hits) /
                                static_cast<double>(counts.outOfBatchReads);
}

void stageTrace(benchmark::State &state) {
  const Workload &work = workload(10'000, 1'000'000);
  for (auto _ : state)
    benchmark::DoNotOptimize(buildAccessTrace(
        work.stream, work.graph, work.events, batchSize, neighbours));
  reportEvents(state, work);
}

void stageDistances(benchmark::State &state) {
  const Workload &work = workload(10'000, 1'000'000);
  AccessTrace trace = buildAccessTrace(work.stream, work.graph, work.events,
                                       batchSize, neighbours);
  for (auto _ : state)
    benchmark::DoNotOptimize(computeReuseDistances(trace));
  reportEvents(state, work);
}

void stageReplacement(benchmark::State &state, PolicyKind kind) {
  const Workload &work = workload(10'000, 1'000'000);
  AccessTrace trace = buildAccessTrace(work.stream, work.graph, work.events,
                                       batchSize, neighbours);
  ReuseDistances distances = computeReuseDistances(trace);
  auto policy = createReplacementPolicy({kind, 1000});
  for (auto _ : state)
    benchmark::DoNotOptimize(simulatePolicy(trace, &distances, *policy));
  reportEvents(state, work);
}

/// Time per batch of a whole MRD plan of `events` events.
void batch(benchmark::State &state, int64_t nodes, int32_t stride) {
  const Workload &work = workload(nodes, 1'000'000, stride);
  ReusePlanOptions options;
  options.policy = {PolicyKind::MinimumReuseDistance, 1000};
  int64_t batches = 0;
  for (auto _ : state)
    batches += planReuse(work.stream, work.graph, work.events, options)
                   ->statistics.batches;
  state.counters["time_per_batch"] = benchmark::Counter(
      static_cast<double>(batches),
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// One memory of 1000 entries of 100 floats for two caches, of which the lower
/// one's entries are half as large and a tenth as costly.
void sharedCapacity(benchmark::State &state) {
  const Workload &work = workload(10'000, 100'000);
  ReusePlanOptions options;
  options.policy = {PolicyKind::MinimumReuseDistance, 500};
  options.layers = 3;
  ReusePlan plan = *planReuse(work.stream, work.graph, work.events, options);
  std::vector<IntervalItem> items;
  for (int32_t layer = 0; layer < 2; ++layer)
    appendIntervalItems(plan.traces[layer],
                        computeReuseDistances(plan.traces[layer]), layer,
                        items);
  SharedCapacityOptions shared;
  shared.capacity = 1000 * 400;
  shared.layers = {{200, 1.0}, {400, 10.0}};
  SharedCapacityPlan result;
  for (auto _ : state)
    result = *planSharedCapacity(items, shared);
  state.SetItemsProcessed(state.iterations() *
                          static_cast<int64_t>(items.size()));
  state.counters["over_static_split"] =
      result.benefit / result.unfilledSplitBenefit;
  state.counters["narrow_over_static"] =
      result.narrowBenefit / result.unfilledSplitBenefit;
}

void wikipedia(benchmark::State &state, PolicyKind kind) {
  const char *folder = std::getenv("ORCINUS_TEST_DATA");
  PlanRequest request;
  request.data = std::string(folder ? folder : ".") + "/wikipedia.txt";
  if (!std::filesystem::exists(request.data)) {
    state.SkipWithError("wikipedia.txt is not there; set ORCINUS_TEST_DATA");
    return;
  }
  request.plan.policy = {kind, static_cast<int32_t>(state.range(0))};
  PlanStatistics statistics;
  for (auto _ : state) {
    statistics = *runPlan(request);
    state.SetIterationTime(statistics.planSeconds);
  }
  state.SetItemsProcessed(state.iterations() * statistics.trainEvents);
  const ReuseCounts &counts = statistics.counts;
  state.counters["hit_ratio"] = static_cast<double>(counts.hits) /
                                static_cast<double>(counts.outOfBatchReads);
  state.counters["unique_hit_ratio"] =
      static_cast<double>(counts.uniqueHits) /
      static_cast<double>(counts.uniqueOutOfBatchReads);
  state.counters["mean_age"] = counts.meanAge();
}

void registerAll() {
  for (PolicyKind kind : allPolicyKinds) {
    std::string name(policyName(kind));
    benchmark::RegisterBenchmark(("plan/" + name).c_str(), plan, kind, 2)
        ->Arg(1000)
        ->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark(("stage/replacement/" + name).c_str(),
                                 stageReplacement, kind)
        ->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark(("wikipedia/" + name).c_str(), wikipedia, kind)
        ->Arg(100)
        ->Arg(500)
        ->Arg(1000)
        ->Arg(2000)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::RegisterBenchmark("plan/mrd/3_layers", plan,
                               PolicyKind::MinimumReuseDistance, 3)
      ->Arg(1000)
      ->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("stage/trace", stageTrace)
      ->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("stage/distances", stageDistances)
      ->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("batch/nodes_1e4", batch, 10'000, 1)
      ->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("batch/nodes_1e7_same_accesses", batch, 10'000,
                               1000)
      ->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("batch/nodes_1e7", batch, 10'000'000, 1)
      ->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("shared/two_layers", sharedCapacity)
      ->Unit(benchmark::kMillisecond);
}

} // namespace

int main(int argc, char **argv) {
  registerAll();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
