//===- MemoryDivision.cpp - What each cache gets of a memory --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/MemoryDivision.h"

#include "orcinus/Reuse/SharedCapacityPlanner.h"
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

/// What MRD saves of `trace` with so many entries.
static int64_t countHits(const AccessTrace &trace,
                         const ReuseDistances &distances, int32_t entries) {
  std::unique_ptr<ReplacementPolicy> policy =
      createReplacementPolicy({PolicyKind::MinimumReuseDistance, entries});
  return simulatePolicy(trace, &distances, *policy).uniqueHits;
}

/// The split's rows, and those that what it left has room for.
static std::vector<int32_t> giveRows(const SharedCapacityPlan &plan,
                                     const SharedCapacityOptions &shared,
                                     int64_t keys) {
  std::vector<int32_t> rows;
  int64_t left = shared.capacity;
  for (size_t layer = 0; layer != shared.layers.size(); ++layer) {
    int64_t own =
        std::min({plan.staticSplit[layer], keys, int64_t(unlimitedCapacity)});
    rows.push_back(static_cast<int32_t>(own));
    left -= own * shared.layers[layer].size;
  }
  for (size_t layer = 0; layer != shared.layers.size(); ++layer) {
    int64_t size = shared.layers[layer].size;
    int64_t most = std::min<int64_t>(keys, unlimitedCapacity);
    int64_t more = std::min(most - rows[layer], left / size);
    rows[layer] += static_cast<int32_t>(more);
    left -= more * size;
  }
  return rows;
}

StatusOr<MemoryDivision>
orcinus::divideMemory(const EventStream &stream, const TemporalGraph &graph,
                      std::span<const int32_t> events,
                      const MemoryRequest &memory,
                      const ReusePlanOptions &options) {
  auto shared = describeCaches(memory, options);
  if (!shared.ok())
    return shared.status();
  AccessTrace trace =
      buildAccessTrace(stream, graph, events, options.batchSize,
                       options.neighbours, options.neighbourTime);
  ReuseDistances distances = computeReuseDistances(trace);
  std::vector<IntervalItem> items;
  for (size_t layer = 0; layer != shared->layers.size(); ++layer)
    appendIntervalItems(trace, distances, static_cast<int32_t>(layer), items);
  auto plan = planSharedCapacity(items, *shared);
  if (!plan.ok())
    return plan.status();

  MemoryDivision division;
  division.capacities =
      giveRows(*plan, *shared, keyCount(stream, options.neighbourTime));
  double all = 0, saved = 0;
  for (const IntervalItem &item : items)
    all += shared->layers[item.layer].benefit;
  for (size_t layer = 0; layer != shared->layers.size(); ++layer)
    saved += shared->layers[layer].benefit *
             static_cast<double>(
                 countHits(trace, distances, division.capacities[layer]));
  if (all > 0) {
    division.dividedSavings = saved / all;
    division.sharedSavings = std::max(saved, plan->benefit) / all;
  }
  return division;
}
