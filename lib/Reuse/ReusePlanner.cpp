//===- ReusePlanner.cpp - Planning a training run's caches ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/ReusePlanner.h"

#include "lib/Support/Clock.h"
#include "orcinus/Reuse/ReuseDistance.h"
#include "orcinus/Reuse/Simulator.h"

#include <memory>

using namespace orcinus;

/// The most entries of M^layer.
static int32_t capacityOf(const ReusePlanOptions &options, size_t layer) {
  return options.capacities.empty() ? options.policy.capacity
                                    : options.capacities[layer - 1];
}

Status orcinus::checkPlanOptions(std::span<const int32_t> events,
                                 const ReusePlanOptions &options) {
  if (events.empty())
    return Status::error("no training event to plan for");
  if (options.layers < 2)
    return Status::error("reuse needs at least 2 layers, got " +
                         std::to_string(options.layers));
  if (options.batchSize < 1)
    return Status::error("the batch size must be at least 1, got " +
                         std::to_string(options.batchSize));
  if (options.neighbours < 1)
    return Status::error("the neighbour count must be at least 1, got " +
                         std::to_string(options.neighbours));
  if (!options.capacities.empty() &&
      options.capacities.size() + 1 != static_cast<size_t>(options.layers))
    return Status::error(
        std::to_string(options.layers) + " layers have " +
        std::to_string(options.layers - 1) + " caches, but there are " +
        std::to_string(options.capacities.size()) + " capacities");
  for (int32_t layer = 1; layer != options.layers; ++layer)
    if (int32_t capacity = capacityOf(options, layer); capacity < 0)
      return Status::error("the cache capacity must not be negative, got " +
                           std::to_string(capacity));
  if (options.policy.maxAge < 0)
    return Status::error("the age limit must not be negative, got " +
                         std::to_string(options.policy.maxAge));
  return Status();
}

/// Which neighbours a plan leaves to be recomputed.
static std::vector<uint8_t> findRecomputed(const CachePlan &cache,
                                           bool recomputesMisses) {
  std::vector<uint8_t> recomputed(cache.readSlots.size());
  if (!recomputesMisses)
    return recomputed;
  for (size_t index = 0; index < recomputed.size(); ++index)
    recomputed[index] = cache.readSlots[index] == noSlot;
  return recomputed;
}

/// Plans the cache M^layer of `trace`. Only MRD looks at the future: the scan
/// for it is left out for the others.
static ReuseCounts planCache(const AccessTrace &trace,
                             const ReusePlanOptions &options, size_t layer,
                             CachePlan *cache) {
  PolicyOptions policyOptions = options.policy;
  policyOptions.capacity = capacityOf(options, layer);
  std::unique_ptr<ReplacementPolicy> policy =
      createReplacementPolicy(policyOptions);
  if (options.policy.kind != PolicyKind::MinimumReuseDistance)
    return simulatePolicy(trace, nullptr, *policy, cache,
                          options.recomputesMisses);
  ReuseDistances distances = computeReuseDistances(trace);
  return simulatePolicy(trace, &distances, *policy, cache,
                        options.recomputesMisses);
}

StatusOr<ReusePlan> orcinus::planReuse(const EventStream &stream,
                                       const TemporalGraph &graph,
                                       std::span<const int32_t> events,
                                       const ReusePlanOptions &options) {
  if (Status status = checkPlanOptions(events, options); !status.ok())
    return status;
  auto start = Clock::now();
  size_t cacheCount = static_cast<size_t>(options.layers) - 1;
  ReusePlan plan;
  plan.traces.resize(cacheCount);
  plan.caches.resize(cacheCount);
  plan.statistics.caches.resize(cacheCount);
  for (size_t index = cacheCount; index-- > 0;) {
    bool isTop = index + 1 == cacheCount;
    AccessTrace &trace = plan.traces[index];
    trace =
        isTop ? buildAccessTrace(stream, graph, events, options.batchSize,
                                 options.neighbours, options.neighbourTime,
                                 options.separate)
              : buildLowerAccessTrace(stream, graph, plan.traces[index + 1],
                                      findRecomputed(plan.caches[index + 1],
                                                     options.recomputesMisses),
                                      options.neighbours, options.neighbourTime,
                                      options.separate);
    bool isRecorded = options.keepDecisions || index > 0;
    plan.statistics.caches[index] = planCache(
        trace, options, index + 1, isRecorded ? &plan.caches[index] : nullptr);
    plan.statistics.counts += plan.statistics.caches[index];
  }
  plan.statistics.trainEvents = static_cast<int64_t>(events.size());
  plan.statistics.batches = plan.traces.front().batchCount();
  if (!options.keepDecisions) {
    plan.traces.clear();
    plan.caches.clear();
  }
  plan.statistics.planSeconds = secondsSince(start);
  return plan;
}
