//===- CacheSetup.cpp - The caches that a program asks for ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/CacheSetup.h"

#include "orcinus/Reuse/MemoryDivision.h"
#include "orcinus/Reuse/ReusePlanner.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

using namespace orcinus;

static PolicyOptions policyOptions(const CacheSpecification &cache,
                                   const CacheWorkload &workload) {
  PolicyOptions options;
  options.kind = cache.policy;
  options.capacity = cache.capacity.value_or(0);
  options.maxAge = cache.maxAge;
  options.seed = workload.seed;
  return options;
}

/// What a plan of all caches at once is made for, but for their capacities.
static StatusOr<ReusePlanOptions> planOptions(const Manifest &manifest,
                                              const CacheWorkload &workload) {
  const CacheSpecification &first = manifest.caches.front();
  for (const CacheSpecification &cache : manifest.caches)
    if (!cache.plansWith(first))
      return Status::error(fmt::format(
          "the program's caches '{}' and '{}' differ in more than width and "
          "capacity, but are planned together",
          first.name, cache.name));
  ReusePlanOptions options;
  options.policy = policyOptions(first, workload);
  options.batchSize = workload.batchSize;
  options.neighbours = manifest.neighbours;
  options.recomputesMisses = first.recomputesMisses;
  options.separate = first.separate;
  options.neighbourTime = first.key;
  options.layers = static_cast<int32_t>(manifest.caches.size()) + 1;
  return options;
}

/// Plans all caches at once.
static StatusOr<ReusePlan> planCaches(const Manifest &manifest,
                                      const CacheWorkload &workload) {
  auto options = planOptions(manifest, workload);
  if (!options.ok())
    return options.status();
  for (const CacheSpecification &cache : manifest.caches)
    options->capacities.push_back(*cache.capacity);
  return planReuse(workload.stream, workload.graph, workload.events, *options);
}

static Status checkRoom(const CacheRoom &room, const Manifest &manifest) {
  bool shares =
      std::ranges::any_of(manifest.caches, &CacheSpecification::sharesMemory);
  bool isGiven = room.memory || room.capacity;
  if (shares && !isGiven)
    return Status::error("the program's caches share a memory, but no number "
                         "of bytes is given");
  if (isGiven && !shares)
    return Status::error("the program has no caches, or they have capacities "
                         "of their own, so that there is no memory to divide");
  return Status();
}

Status orcinus::giveCapacities(const CacheRoom &room,
                               const CacheWorkload &workload,
                               Manifest &manifest) {
  if (Status status = checkRoom(room, manifest);
      !status.ok() || manifest.caches.empty())
    return status;
  if (room.capacity)
    for (CacheSpecification &cache : manifest.caches)
      cache.capacity = room.capacity;
  if (!room.memory)
    return Status();
  auto options = planOptions(manifest, workload);
  if (!options.ok())
    return options.status();
  MemoryRequest memory;
  memory.bytes = *room.memory;
  for (const CacheSpecification &cache : manifest.caches)
    memory.embeddingBytes.push_back(embeddingBytes(cache));
  auto division = MemoryDivision::create(workload.stream, workload.graph,
                                         workload.events, memory, *options);
  if (!division.ok())
    return division.status();
  auto rows = division->rows();
  if (!rows.ok())
    return rows.status();
  for (size_t cache = 0; cache != manifest.caches.size(); ++cache)
    manifest.caches[cache].capacity = (*rows)[cache];
  return Status();
}

StatusOr<std::vector<int32_t>>
orcinus::usefulRows(const CacheWorkload &workload, const Manifest &manifest) {
  if (manifest.caches.empty())
    return Status::error("a program without caches");
  auto options = planOptions(manifest, workload);
  if (!options.ok())
    return options.status();
  std::vector<int32_t> rows;
  // The others also keep what nothing reads any more.
  if (options->policy.kind != PolicyKind::MinimumReuseDistance) {
    for (const CacheSpecification &cache : manifest.caches)
      rows.push_back(static_cast<int32_t>(
          std::min<int64_t>(keyCount(workload.stream, cache.key),
                            std::numeric_limits<int32_t>::max())));
    return rows;
  }
  options->policy.capacity = unlimitedCapacity;
  auto plan =
      planReuse(workload.stream, workload.graph, workload.events, *options);
  if (!plan.ok())
    return plan.status();
  for (const CachePlan &cache : plan->caches)
    rows.push_back(cache.slotCount);
  return rows;
}

StatusOr<std::vector<std::unique_ptr<CacheIndex>>>
orcinus::createCaches(const Manifest &manifest, const CacheWorkload &workload) {
  std::vector<std::unique_ptr<CacheIndex>> result;
  ReusePlan plan;
  for (const CacheSpecification &cache : manifest.caches) {
    int64_t keys = keyCount(workload.stream, cache.key);
    if (keys > std::numeric_limits<int32_t>::max())
      return Status::error(
          fmt::format("{} events are too many to reuse embeddings by event",
                      workload.stream.eventCount()));
    size_t number = result.size();
    std::unique_ptr<CacheReplacer> replacer;
    if (cache.capacity && cache.policy == PolicyKind::MinimumReuseDistance) {
      if (plan.caches.empty()) {
        auto made = planCaches(manifest, workload);
        if (!made.ok())
          return made.status();
        plan = std::move(*made);
      }
      replacer = createPlannedReplacer(plan.traces[number], plan.caches[number],
                                       *cache.capacity);
    } else if (cache.capacity) {
      replacer = createOnlineReplacer(policyOptions(cache, workload));
    } else if (cache.key == NeighbourTime::Event) {
      if (int64_t(workload.stream.nodeCount) * manifest.neighbours >
          std::numeric_limits<int32_t>::max())
        return Status::error(fmt::format(
            "{} nodes with {} neighbours each are too many to reuse embeddings "
            "by event",
            workload.stream.nodeCount, manifest.neighbours));
      replacer = createRingReplacer(workload.stream, workload.graph,
                                    manifest.neighbours);
    } else {
      replacer = createUnboundedReplacer(keys);
    }
    result.push_back(std::make_unique<CacheIndex>(
        cache.key, cache.recomputesMisses, keys, std::move(replacer)));
  }
  return result;
}
