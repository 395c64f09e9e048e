//===- PlanCommand.cpp - What orcinus plan does ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/PlanCommand.h"

#include "orcinus/Graph/Split.h"
#include "orcinus/Graph/TemporalGraph.h"
#include "orcinus/Reuse/SharedCapacityPlanner.h"

#include <algorithm>
#include <vector>

using namespace orcinus;

/// Divides the memory by the best static split. Every layer reads the targets'
/// neighbours: what recomputed embeddings read besides is not known before.
static StatusOr<SharedCapacityPlan>
divideMemory(const EventStream &stream, const TemporalGraph &graph,
             std::span<const int32_t> events, const MemoryRequest &memory,
             const ReusePlanOptions &options, double &allBenefit) {
  size_t caches = static_cast<size_t>(std::max(options.layers - 1, 0));
  SharedCapacityOptions shared;
  shared.capacity = memory.bytes;
  for (size_t layer = 1; layer <= caches; ++layer)
    shared.layers.push_back(
        {memory.embeddingBytes.empty() ? 400 : memory.embeddingBytes[layer - 1],
         memory.costs.empty() ? static_cast<double>(layer)
                              : memory.costs[layer - 1]});
  AccessTrace trace =
      buildAccessTrace(stream, graph, events, options.batchSize,
                       options.neighbours, options.neighbourTime);
  ReuseDistances distances = computeReuseDistances(trace);
  std::vector<IntervalItem> items;
  for (size_t layer = 0; layer != caches; ++layer)
    appendIntervalItems(trace, distances, static_cast<int32_t>(layer), items);
  allBenefit = 0;
  for (const IntervalItem &item : items)
    allBenefit += shared.layers[item.layer].benefit;
  return planSharedCapacity(items, shared);
}

static Status checkMemory(const MemoryRequest &memory, int32_t layers) {
  auto fits = [&](size_t count) {
    return count == 0 || count + 1 == static_cast<size_t>(layers);
  };
  if (fits(memory.embeddingBytes.size()) && fits(memory.costs.size()))
    return Status();
  return Status::error("a memory for " + std::to_string(layers - 1) +
                       " caches needs as many sizes and costs");
}

StatusOr<PlanStatistics> orcinus::runPlan(const PlanRequest &request) {
  StatusOr<LoadedStream> loaded = loadEventStream(request.data, request.load);
  if (!loaded.ok())
    return loaded.status();
  const EventStream &stream = loaded->stream;

  SplitOptions splitOptions;
  splitOptions.trainFraction = request.trainFraction;
  // The rest of the stream plays no part here, so any cut of it will do.
  splitOptions.validationFraction = std::clamp(1.0 - request.trainFraction, 0.0,
                                               splitOptions.validationFraction);
  splitOptions.maskedNodeFraction = request.maskedNodeFraction;
  splitOptions.seed = request.splitSeed;
  StatusOr<Split> split = splitByTime(stream, splitOptions);
  if (!split.ok())
    return split.status();

  std::vector<uint8_t> isTrained(stream.eventCount());
  for (int32_t event : split->train)
    isTrained[event] = 1;
  TemporalGraph graph = TemporalGraph::build(stream, isTrained);

  ReusePlanOptions options = request.plan;
  options.keepDecisions = false;
  SharedCapacityPlan shared;
  double allBenefit = 0;
  if (request.memory.bytes >= 0) {
    if (Status status = checkMemory(request.memory, options.layers);
        !status.ok())
      return status;
    auto divided = divideMemory(stream, graph, split->train, request.memory,
                                options, allBenefit);
    if (!divided.ok())
      return divided.status();
    shared = std::move(*divided);
    for (int64_t entries : shared.staticSplit)
      options.capacities.push_back(
          static_cast<int32_t>(std::min<int64_t>(entries, unlimitedCapacity)));
  }
  StatusOr<ReusePlan> plan = planReuse(stream, graph, split->train, options);
  if (!plan.ok())
    return plan.status();
  PlanStatistics statistics = std::move(plan->statistics);
  if (request.memory.bytes >= 0) {
    statistics.capacities = options.capacities;
    if (allBenefit > 0) {
      statistics.dividedSavings = shared.unfilledSplitBenefit / allBenefit;
      statistics.sharedSavings = shared.benefit / allBenefit;
    }
  }
  return statistics;
}
