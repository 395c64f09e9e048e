//===- MemoryDivision.cpp - What each cache gets of a memory --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/MemoryDivision.h"

#include "orcinus/Reuse/Simulator.h"
#include "orcinus/Support/CheckedArithmetic.h"

#include <algorithm>
#include <memory>
#include <string>

using namespace orcinus;

/// The problem that planSharedCapacity solves. Errors: sizes or costs that are
/// not those of `options`, or no room.
static StatusOr<SharedCapacityOptions>
describeCaches(const MemoryRequest &memory, const ReusePlanOptions &options) {
  auto fits = [&](size_t count) {
    return count == 0 || count + 1 == static_cast<size_t>(options.layers);
  };
  if (!fits(memory.embeddingBytes.size()) || !fits(memory.costs.size()))
    return Status::error("a memory for " + std::to_string(options.layers - 1) +
                         " caches needs as many sizes and costs");
  SharedCapacityOptions shared;
  shared.capacity = memory.bytes;
  int64_t least = 0;
  for (int32_t layer = 1; layer < options.layers; ++layer) {
    int64_t bytes =
        memory.embeddingBytes.empty() ? 400 : memory.embeddingBytes[layer - 1];
    double cost = memory.costs.empty() ? static_cast<double>(layer)
                                       : memory.costs[layer - 1];
    shared.layers.push_back({bytes, cost});
    least = saturatedSum(least, bytes);
  }
  if (memory.bytes < least)
    return Status::error(
        "a memory of " + std::to_string(memory.bytes) +
        " bytes is too small to reuse embeddings: one of each cache takes " +
        std::to_string(least) + " bytes");
  return shared;
}

/// How many of the items of one layer are held at once at most.
static int64_t peakOf(std::span<const IntervalItem> items) {
  std::vector<int64_t> change;
  for (const IntervalItem &item : items) {
    change.resize(std::max(change.size(), static_cast<size_t>(item.end) + 1));
    ++change[item.begin];
    --change[item.end];
  }
  int64_t held = 0, peak = 0;
  for (int64_t each : change)
    peak = std::max(peak, held += each);
  return peak;
}

StatusOr<MemoryDivision>
MemoryDivision::create(const EventStream &stream, const TemporalGraph &graph,
                       std::span<const int32_t> events,
                       const MemoryRequest &memory,
                       const ReusePlanOptions &options) {
  if (Status status = checkPlanOptions(events, options); !status.ok())
    return status;
  auto shared = describeCaches(memory, options);
  if (!shared.ok())
    return shared.status();
  MemoryDivision division;
  division.policy = options.policy;
  division.shared = std::move(*shared);
  division.trace = buildAccessTrace(stream, graph, events, options.batchSize,
                                    options.neighbours, options.neighbourTime,
                                    options.separate);
  division.distances = computeReuseDistances(division.trace);
  for (int32_t layer = 0; layer + 1 < options.layers; ++layer) {
    appendIntervalItems(division.trace, division.distances, layer,
                        division.items);
    if (layer == 0)
      division.peak = peakOf(division.items);
  }
  return division;
}

/// The split's rows, and those that what it left has room for.
static std::vector<int32_t> giveRows(std::span<const int64_t> split,
                                     const SharedCapacityOptions &shared,
                                     int64_t peak, int64_t keys) {
  std::vector<int32_t> rows(shared.layers.size());
  int64_t left = shared.capacity;
  auto bringTo = [&](size_t layer, int64_t most) {
    int64_t size = shared.layers[layer].size;
    int64_t more = std::clamp<int64_t>(most - rows[layer], 0, left / size);
    rows[layer] += static_cast<int32_t>(more);
    left -= more * size;
  };
  keys = std::min<int64_t>(keys, unlimitedCapacity);
  peak = std::min(peak, keys);
  for (size_t layer = 0; layer != rows.size(); ++layer)
    bringTo(layer, std::min(split[layer], peak));
  for (int64_t most : {peak, keys})
    for (size_t layer = 0; layer != rows.size(); ++layer)
      bringTo(layer, most);
  return rows;
}

StatusOr<std::vector<int32_t>> MemoryDivision::rows() const {
  auto split = planStaticSplit(items, shared);
  if (!split.ok())
    return split.status();
  return giveRows(*split, shared, peak, trace.nodeCount);
}

StatusOr<MemorySavings>
MemoryDivision::savings(std::span<const int32_t> capacities) const {
  size_t caches = shared.layers.size();
  if (capacities.size() != caches)
    return Status::error(std::to_string(caches + 1) + " layers have " +
                         std::to_string(caches) + " caches, but there are " +
                         std::to_string(capacities.size()) + " capacities");
  double all = 0, saved = 0;
  for (const IntervalItem &item : items)
    all += shared.layers[item.layer].benefit;
  for (size_t layer = 0; layer != caches; ++layer) {
    PolicyOptions ofLayer = policy;
    ofLayer.capacity = capacities[layer];
    std::unique_ptr<ReplacementPolicy> kept = createReplacementPolicy(ofLayer);
    int64_t hits = simulatePolicy(trace, &distances, *kept).uniqueHits;
    saved += shared.layers[layer].benefit * static_cast<double>(hits);
  }
  MemorySavings savings;
  savings.divided = all > 0 ? saved / all : 0.0;
  if (policy.kind != PolicyKind::MinimumReuseDistance ||
      policy.maxAge != unlimitedAge)
    return savings;
  auto plan = planSharedCapacity(items, shared);
  if (!plan.ok())
    return plan.status();
  savings.shared = all > 0 ? std::max(saved, plan->benefit) / all : 0.0;
  return savings;
}
