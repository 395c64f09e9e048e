//===- PolicyOrderTest.cpp - Whom each policy evicts ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/ReplacementPolicy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

using namespace orcinus;

namespace {

class PolicyOrder : public testing::Test {
protected:
  void make(PolicyKind kind, int32_t capacity, uint64_t seed = 0) {
    policy = createReplacementPolicy({kind, capacity, unlimitedAge, seed});
  }

  /// Reads some nodes, then offers some.
  void runBatch(std::vector<int32_t> reads, std::vector<Offer> offers) {
    for (int32_t node : reads)
      policy->lookup(node);
    policy->replace(offers, decisions);
  }

  std::vector<int32_t> cached(int32_t nodes = 20) const {
    std::vector<int32_t> result;
    for (int32_t node = 0; node < nodes; ++node)
      if (policy->contains(node))
        result.push_back(node);
    return result;
  }

  std::unique_ptr<ReplacementPolicy> policy;
  ReplacementDecisions decisions;
};

using Nodes = std::vector<int32_t>;

} // namespace

TEST_F(PolicyOrder, MinimumReuseDistanceKeepsTheNextReads) {
  make(PolicyKind::MinimumReuseDistance, 2);
  runBatch({}, {{1, 9}, {2, 5}, {3, 7}, {4, neverReused}});
  EXPECT_EQ(cached(), (Nodes{2, 3}));
  // Of equal distances the greater node id goes.
  runBatch({}, {{9, 5}, {1, 7}});
  EXPECT_EQ(cached(), (Nodes{2, 9}));
  // A hit without another reuse leaves.
  EXPECT_NE(policy->lookup(2, neverReused), noSlot);
  runBatch({}, {});
  EXPECT_EQ(cached(), (Nodes{9}));
}

TEST_F(PolicyOrder, DecisionsAreNet) {
  make(PolicyKind::MinimumReuseDistance, 1);
  runBatch({}, {{1, 9}, {2, 8}, {3, 7}});
  EXPECT_TRUE(decisions.evictions.empty());
  EXPECT_EQ(decisions.writes, (std::vector<SlotWrite>{{0, 2}}));
  runBatch({}, {{4, 6}, {5, 5}});
  EXPECT_EQ(decisions.evictions, (std::vector<SlotEviction>{{0, 3}}));
  EXPECT_EQ(decisions.writes, (std::vector<SlotWrite>{{0, 1}}));
  // An entry that is computed anew stays where it is.
  make(PolicyKind::LeastRecentlyUsed, 2);
  runBatch({}, {{1}, {2}});
  runBatch({}, {{1}});
  EXPECT_TRUE(decisions.evictions.empty());
  EXPECT_EQ(decisions.writes, (std::vector<SlotWrite>{{0, 0}}));
}

TEST_F(PolicyOrder, LeastRecentlyUsed) {
  make(PolicyKind::LeastRecentlyUsed, 3);
  runBatch({}, {{1}, {2}, {3}});
  runBatch({1}, {{4}});
  EXPECT_EQ(cached(), (Nodes{1, 3, 4}));
  runBatch({}, {{3}, {5}});
  EXPECT_EQ(cached(), (Nodes{3, 4, 5}));
}

TEST_F(PolicyOrder, FirstInFirstOut) {
  make(PolicyKind::FirstInFirstOut, 3);
  runBatch({}, {{1}, {2}, {3}});
  runBatch({1}, {{1}, {4}});
  EXPECT_EQ(cached(), (Nodes{2, 3, 4}));
}

TEST_F(PolicyOrder, LeastFrequentlyUsed) {
  make(PolicyKind::LeastFrequentlyUsed, 3);
  runBatch({}, {{1}, {2}, {3}});
  runBatch({1, 1, 3}, {{4}});
  EXPECT_EQ(cached(), (Nodes{1, 3, 4}));
  // 4 was used once, 3 twice, 1 three times.
  runBatch({}, {{5}});
  EXPECT_EQ(cached(), (Nodes{1, 3, 5}));
  // Of 3 and 5, both used twice now, 3 longer ago.
  runBatch({5}, {{6}});
  EXPECT_EQ(cached(), (Nodes{1, 5, 6}));
}

TEST_F(PolicyOrder, TwoQueueKeepsWhatComesBack) {
  make(PolicyKind::TwoQueue, 4);
  runBatch({}, {{1}, {2}, {3}, {4}, {5}, {6}});
  EXPECT_EQ(cached(), (Nodes{3, 4, 5, 6}));
  // 1 and 2 are remembered: they enter the LRU queue, at the cost of the
  // oldest newcomers.
  runBatch({}, {{1}, {2}});
  EXPECT_EQ(cached(), (Nodes{1, 2, 5, 6}));
  // Newcomers pass by as long as they hold more than their quarter; reading
  // them does not help.
  runBatch({5}, {{7}});
  EXPECT_EQ(cached(), (Nodes{1, 2, 6, 7}));
  runBatch({1}, {{8}, {9}});
  EXPECT_EQ(cached(), (Nodes{1, 2, 8, 9}));
}

TEST_F(PolicyOrder, TwoQueueForgetsOldEvictions) {
  make(PolicyKind::TwoQueue, 4);
  runBatch({}, {{1}, {2}, {3}, {4}, {5}, {6}, {7}});
  // Two ids are remembered, of 1, 2 and 3 the latter two.
  runBatch({}, {{1}, {3}, {10}, {11}, {12}});
  EXPECT_TRUE(policy->contains(3));
  EXPECT_FALSE(policy->contains(1));
}

TEST_F(PolicyOrder, RandomIsUniformAndSeeded) {
  constexpr int32_t capacity = 8;
  constexpr int32_t draws = 8000;
  std::array<int32_t, capacity> evicted = {};
  make(PolicyKind::Random, capacity, 3);
  for (int32_t node = 0; node < capacity + draws; ++node) {
    runBatch({}, {{node}});
    for (const SlotEviction &eviction : decisions.evictions)
      ++evicted[eviction.slot];
  }
  for (int32_t count : evicted)
    EXPECT_NEAR(count, draws / capacity, 150);

  auto firstEvictions = [&](uint64_t seed) {
    make(PolicyKind::Random, capacity, seed);
    std::vector<int32_t> slots;
    for (int32_t node = 0; node < 40; ++node) {
      runBatch({}, {{node}});
      for (const SlotEviction &eviction : decisions.evictions)
        slots.push_back(eviction.slot);
    }
    return slots;
  };
  EXPECT_EQ(firstEvictions(3), firstEvictions(3));
  EXPECT_NE(firstEvictions(3), firstEvictions(4));
}
