//===- MinimumReuseDistanceTest.cpp - MRD against brute force -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReuseTestSupport.h"
#include "orcinus/Reuse/ReuseDistance.h"
#include "orcinus/Reuse/Simulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <set>

using namespace orcinus;
using namespace orcinus::test;

namespace {

using NodeSet = uint32_t;

NodeSet targetSet(const AccessTrace &trace, int64_t batch) {
  NodeSet set = 0;
  for (int32_t node : trace.batchTargets(batch))
    set |= 1u << node;
  return set;
}

NodeSet neighbourSet(const AccessTrace &trace, int64_t batch) {
  NodeSet set = 0;
  for (const NeighbourReads &read : trace.batchNeighbours(batch))
    set |= 1u << read.node;
  return set;
}

/// The most unique hits that any policy can reach: the best over every
/// sequence of caches with M_t ⊆ M_{t-1} ∪ B_t ∪ U_t and at most `capacity`
/// entries.
int64_t bestUniqueHits(const AccessTrace &trace, int32_t capacity) {
  NodeSet all = (1u << trace.nodeCount) - 1;
  // after[M]: the most hits of the batches to come with the cache M.
  std::vector<int64_t> after(all + 1, 0);
  for (int64_t batch = trace.batchCount() - 1; batch >= 0; --batch) {
    NodeSet targets = targetSet(trace, batch);
    NodeSet neighbours = neighbourSet(trace, batch);
    std::vector<int64_t> before(all + 1, 0);
    for (NodeSet cache = 0; cache <= all; ++cache) {
      if (std::popcount(cache) > capacity)
        continue;
      NodeSet candidates = cache | targets | (neighbours & ~cache);
      int64_t best = 0;
      for (NodeSet kept = candidates;; kept = (kept - 1) & candidates) {
        if (std::popcount(kept) <= capacity)
          best = std::max(best, after[kept]);
        if (kept == 0)
          break;
      }
      before[cache] = best + std::popcount(neighbours & cache);
    }
    after = std::move(before);
  }
  return after[0];
}

/// Section 3's definition of the next reuse, by looking.
int32_t lookForNextReuse(const AccessTrace &trace, int32_t node,
                         int64_t batch) {
  for (int64_t later = batch + 1; later < trace.batchCount(); ++later) {
    if (targetSet(trace, later) >> node & 1)
      return neverReused;
    if (neighbourSet(trace, later) >> node & 1)
      return static_cast<int32_t>(later);
  }
  return neverReused;
}

} // namespace

TEST(ReuseDistance, FollowsItsDefinition) {
  for (int32_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    AccessTrace trace =
        makeRandomTrace(random, random.between(1, 12), random.between(1, 12));
    ReuseDistances distances = computeReuseDistances(trace);
    for (int64_t batch = 0; batch < trace.batchCount(); ++batch) {
      for (int64_t index = trace.targetOffsets[batch];
           index < trace.targetOffsets[batch + 1]; ++index)
        ASSERT_EQ(distances.targets[index],
                  lookForNextReuse(trace, trace.targets[index], batch));
      for (int64_t index = trace.neighbourOffsets[batch];
           index < trace.neighbourOffsets[batch + 1]; ++index)
        ASSERT_EQ(distances.neighbours[index],
                  lookForNextReuse(trace, trace.neighbours[index].node, batch));
    }
  }
}

TEST(MinimumReuseDistance, ReachesTheBestUniqueHits) {
  for (int32_t seed = 0; seed < 4000; ++seed) {
    Random random(seed);
    int32_t nodes = random.between(2, 7);
    AccessTrace trace = makeRandomTrace(random, nodes, random.between(2, 9),
                                        random.between(20, 95));
    ReuseDistances distances = computeReuseDistances(trace);
    for (int32_t capacity = 0; capacity <= 3; ++capacity) {
      auto policy =
          createReplacementPolicy({PolicyKind::MinimumReuseDistance, capacity});
      ReuseCounts counts = simulatePolicy(trace, &distances, *policy);
      ASSERT_EQ(counts.uniqueHits, bestUniqueHits(trace, capacity))
          << "seed " << seed << ", capacity " << capacity;
    }
  }
}

TEST(MinimumReuseDistance, ReachesTheBestUniqueHitsOnStreams) {
  for (int32_t seed = 0; seed < 2000; ++seed) {
    Random random(seed);
    EventStream stream =
        makeRandomStream(random, random.between(3, 8), random.between(5, 24));
    std::vector<int32_t> events(stream.eventCount());
    std::iota(events.begin(), events.end(), 0);
    TemporalGraph graph = TemporalGraph::build(stream);
    AccessTrace trace = buildAccessTrace(
        stream, graph, events, random.between(1, 3), random.between(1, 4));
    ReuseDistances distances = computeReuseDistances(trace);
    int32_t capacity = random.between(1, 3);
    auto policy =
        createReplacementPolicy({PolicyKind::MinimumReuseDistance, capacity});
    ReuseCounts counts = simulatePolicy(trace, &distances, *policy);
    ASSERT_EQ(counts.uniqueHits, bestUniqueHits(trace, capacity))
        << "seed " << seed;
  }
}

TEST(MinimumReuseDistance, NoPolicyHitsMore) {
  for (int32_t seed = 0; seed < 30; ++seed) {
    Random random(seed);
    AccessTrace trace = makeRandomTrace(random, 100, 100, 20);
    ReuseDistances distances = computeReuseDistances(trace);
    int32_t capacity = random.between(1, 60);
    auto uniqueHits = [&](PolicyKind kind) {
      auto policy = createReplacementPolicy({kind, capacity});
      return simulatePolicy(trace, &distances, *policy).uniqueHits;
    };
    int64_t most = uniqueHits(PolicyKind::MinimumReuseDistance);
    for (PolicyKind kind : allPolicyKinds)
      EXPECT_LE(uniqueHits(kind), most) << policyName(kind);
  }
}

TEST(MinimumReuseDistance, KeepsTheLeastDistances) {
  for (int32_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    AccessTrace trace = makeRandomTrace(random, 12, 20);
    int32_t capacity = random.between(1, 8);
    auto policy =
        createReplacementPolicy({PolicyKind::MinimumReuseDistance, capacity});
    NodeSet cache = 0;
    ReplacementDecisions decisions;
    for (int64_t batch = 0; batch < trace.batchCount(); ++batch) {
      std::vector<Offer> offers;
      for (int32_t node : trace.batchTargets(batch))
        offers.push_back({node, lookForNextReuse(trace, node, batch)});
      for (const NeighbourReads &read : trace.batchNeighbours(batch)) {
        Offer offer = {read.node, lookForNextReuse(trace, read.node, batch)};
        if (policy->lookup(offer.node, offer.nextReuse) == noSlot)
          offers.push_back(offer);
      }
      policy->replace(offers, decisions);

      NodeSet candidates =
          cache | targetSet(trace, batch) | neighbourSet(trace, batch);
      std::set<std::pair<int32_t, int32_t>> byDistance;
      for (int32_t node = 0; node < trace.nodeCount; ++node)
        if (candidates >> node & 1)
          byDistance.emplace(lookForNextReuse(trace, node, batch), node);
      cache = 0;
      for (auto [nextReuse, node] : byDistance)
        if (nextReuse != neverReused && std::popcount(cache) < capacity)
          cache |= 1u << node;
      for (int32_t node = 0; node < trace.nodeCount; ++node)
        ASSERT_EQ(policy->contains(node), (cache >> node & 1) == 1);
    }
  }
}

TEST(MinimumReuseDistance, DropsWhatWillBeTooOld) {
  auto policy =
      createReplacementPolicy({PolicyKind::MinimumReuseDistance, 5, 3});
  ReplacementDecisions decisions;
  policy->replace(std::vector<Offer>{{1, 3}, {2, 4}}, decisions);
  EXPECT_TRUE(policy->contains(1));
  EXPECT_FALSE(policy->contains(2));
  policy->replace({}, decisions);
  policy->replace({}, decisions);
  // Read at age 3; the next reuse would be at age 4.
  EXPECT_NE(policy->lookup(1, 4), noSlot);
  policy->replace({}, decisions);
  EXPECT_FALSE(policy->contains(1));
}
