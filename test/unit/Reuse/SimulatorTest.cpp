//===- SimulatorTest.cpp - Counts against a naive cache -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/Simulator.h"

#include "ReuseTestSupport.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// A cache as an association list, of which the policies are scans.
struct NaiveCache {
  struct Entry {
    int32_t node;
    int32_t writtenAt;
    int64_t arrival;
    int64_t lastUse;
    int64_t uses;
    int32_t nextReuse;
  };

  /// Smaller is evicted first.
  static std::pair<int64_t, int64_t> rank(PolicyKind kind, const Entry &entry) {
    switch (kind) {
    case PolicyKind::MinimumReuseDistance:
      return {-entry.nextReuse, -entry.node};
    case PolicyKind::FirstInFirstOut:
      return {entry.arrival, 0};
    case PolicyKind::LeastFrequentlyUsed:
      return {entry.uses, entry.lastUse};
    default:
      return {entry.lastUse, 0};
    }
  }

  Entry *find(int32_t node) {
    for (Entry &entry : entries)
      if (entry.node == node)
        return &entry;
    return nullptr;
  }

  std::vector<Entry> entries;
  int64_t clock = 0;
};

class NaiveSimulation {
public:
  NaiveSimulation(const AccessTrace &trace, const ReuseDistances &distances,
                  PolicyKind kind, int32_t capacity, int32_t maxAge)
      : trace(trace), distances(distances), kind(kind), capacity(capacity),
        maxAge(maxAge) {}

  ReuseCounts run() {
    for (batch = 0; batch < trace.batchCount(); ++batch)
      runBatch();
    counts.reads = counts.inBatchReads + counts.outOfBatchReads;
    return counts;
  }

private:
  /// The next reuse as MRD sees it: never, where the entry will be too old.
  int32_t limit(int32_t nextReuse, int32_t writtenAt) const {
    if (kind == PolicyKind::MinimumReuseDistance && nextReuse != neverReused &&
        nextReuse - writtenAt > maxAge)
      return neverReused;
    return nextReuse;
  }

  void runBatch() {
    counts.inBatchReads += trace.inBatchReads[batch];
    std::vector<Offer> offers;
    for (int64_t index = trace.targetOffsets[batch];
         index < trace.targetOffsets[batch + 1]; ++index)
      offers.push_back({trace.targets[index], distances.targets[index]});
    for (int64_t index = trace.neighbourOffsets[batch];
         index < trace.neighbourOffsets[batch + 1]; ++index)
      read(trace.neighbours[index], distances.neighbours[index], offers);
    for (const Offer &offer : offers)
      add(offer);
    if (kind == PolicyKind::MinimumReuseDistance)
      std::erase_if(cache.entries, [](const NaiveCache::Entry &entry) {
        return entry.nextReuse == neverReused;
      });
    for (const Offer &offer : offers)
      if (cache.find(offer.node))
        everCached.insert(offer.node);
  }

  void read(const NeighbourReads &read, int32_t nextReuse,
            std::vector<Offer> &offers) {
    counts.outOfBatchReads += read.reads;
    ++counts.uniqueOutOfBatchReads;
    NaiveCache::Entry *entry = cache.find(read.node);
    if (!entry || batch - entry->writtenAt > maxAge) {
      ++counts.recomputed;
      counts.cold += !everCached.contains(read.node);
      offers.push_back({read.node, nextReuse});
      return;
    }
    int64_t age = batch - entry->writtenAt;
    counts.hits += read.reads;
    ++counts.uniqueHits;
    counts.ageSum += age * read.reads;
    counts.maxAge = std::max(counts.maxAge, age);
    ++entry->uses;
    entry->lastUse = ++cache.clock;
    entry->nextReuse = limit(nextReuse, entry->writtenAt);
  }

  /// Adds, then evicts the least one where there are too many: for MRD that
  /// may be the offer itself.
  void add(const Offer &offer) {
    int32_t nextReuse = limit(offer.nextReuse, batch);
    if (NaiveCache::Entry *entry = cache.find(offer.node)) {
      entry->writtenAt = batch;
      ++entry->uses;
      entry->lastUse = ++cache.clock;
      entry->nextReuse = nextReuse;
      return;
    }
    if (capacity == 0)
      return;
    auto less = [&](const NaiveCache::Entry &a, const NaiveCache::Entry &b) {
      return NaiveCache::rank(kind, a) < NaiveCache::rank(kind, b);
    };
    auto evictLeast = [&] {
      cache.entries.erase(
          std::min_element(cache.entries.begin(), cache.entries.end(), less));
    };
    bool isFull = static_cast<int32_t>(cache.entries.size()) == capacity;
    bool mayRefuse = kind == PolicyKind::MinimumReuseDistance;
    if (isFull && !mayRefuse)
      evictLeast();
    ++cache.clock;
    cache.entries.push_back(
        {offer.node, batch, cache.clock, cache.clock, 1, nextReuse});
    if (isFull && mayRefuse)
      evictLeast();
  }

  const AccessTrace &trace;
  const ReuseDistances &distances;
  PolicyKind kind;
  int32_t capacity;
  int32_t maxAge;
  int32_t batch = 0;
  NaiveCache cache;
  std::set<int32_t> everCached;
  ReuseCounts counts;
};

} // namespace

TEST(Simulator, AgreesWithNaiveCaches) {
  for (PolicyKind kind :
       {PolicyKind::MinimumReuseDistance, PolicyKind::LeastRecentlyUsed,
        PolicyKind::LeastFrequentlyUsed, PolicyKind::FirstInFirstOut})
    for (int32_t seed = 0; seed < 150; ++seed) {
      Random random(seed);
      int32_t nodes = random.between(1, 30);
      AccessTrace trace = makeRandomTrace(random, nodes, 30);
      ReuseDistances distances = computeReuseDistances(trace);
      int32_t capacity = random.between(0, nodes + 1);
      int32_t maxAge = seed % 2 ? unlimitedAge : random.between(0, 6);
      auto policy = createReplacementPolicy({kind, capacity, maxAge});
      ReuseCounts counts = simulatePolicy(trace, &distances, *policy);
      ReuseCounts naive =
          NaiveSimulation(trace, distances, kind, capacity, maxAge).run();
      ASSERT_EQ(counts, naive) << policyName(kind) << ", seed " << seed;
    }
}

TEST(Simulator, PlanServesEveryRead) {
  for (PolicyKind kind : allPolicyKinds) {
    Random random(5);
    AccessTrace trace = makeRandomTrace(random, 60, 80, 30);
    ReuseDistances distances = computeReuseDistances(trace);
    auto policy = createReplacementPolicy({kind, 13});
    CachePlan plan;
    ReuseCounts counts = simulatePolicy(trace, &distances, *policy, &plan);
    ASSERT_EQ(plan.batchCount(), trace.batchCount());
    EXPECT_LE(plan.slotCount, 13);

    // An embedding stands for itself by its node and batch.
    std::vector<std::pair<int32_t, int64_t>> slots(plan.slotCount, {noNode, 0});
    int64_t hits = 0;
    int64_t ageSum = 0;
    for (int64_t batch = 0; batch < trace.batchCount(); ++batch) {
      auto targets = trace.batchTargets(batch);
      std::vector<int32_t> rows(targets.begin(), targets.end());
      auto readSlots = plan.batchReadSlots(trace, batch);
      for (size_t index = 0; index < readSlots.size(); ++index) {
        const NeighbourReads &read = trace.batchNeighbours(batch)[index];
        if (readSlots[index] == noSlot) {
          rows.push_back(read.node);
          continue;
        }
        auto [node, computedAt] = slots[readSlots[index]];
        ASSERT_EQ(node, read.node);
        hits += read.reads;
        ageSum += (batch - computedAt) * read.reads;
      }
      for (const SlotEviction &eviction : plan.batchEvictions(batch)) {
        ASSERT_EQ(slots[eviction.slot].first, eviction.node);
        slots[eviction.slot].first = noNode;
      }
      for (const SlotWrite &write : plan.batchWrites(batch))
        slots[write.slot] = {rows.at(write.offer), batch};
    }
    EXPECT_EQ(hits, counts.hits);
    EXPECT_EQ(ageSum, counts.ageSum);
  }
}

TEST(PlanStatistics, JsonHasTheAgreedForm) {
  PlanStatistics statistics;
  statistics.trainEvents = 10;
  statistics.batches = 2;
  statistics.counts = {40, 10, 30, 20, 15, 12, 8, 3, 30, 4};
  statistics.planSeconds = 0.5;
  EXPECT_EQ(toJson(statistics),
            "{\"train_events\":10,\"batches\":2,\"reads\":40,"
            "\"in_batch_reads\":10,\"out_of_batch_reads\":30,"
            "\"unique_out_of_batch_reads\":20,\"hits\":15,\"unique_hits\":12,"
            "\"recomputed\":8,\"mean_age\":2.0,\"max_age\":4,"
            "\"plan_seconds\":0.5}");
}
