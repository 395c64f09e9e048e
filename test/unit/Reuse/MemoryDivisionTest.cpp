//===- MemoryDivisionTest.cpp - A memory's division by brute force --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/MemoryDivision.h"

#include "ReuseTestSupport.h"
#include "orcinus/Reuse/Simulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

using namespace orcinus;
using namespace orcinus::test;

namespace {

class MemoryDivisionTest : public testing::Test {
protected:
  void makeStream(Random &random) {
    stream = makeRandomStream(random, random.between(5, 40), 300);
    graph = TemporalGraph::build(stream);
    events.resize(300);
    std::iota(events.begin(), events.end(), 0);
    options.batchSize = random.between(5, 20);
    options.neighbours = random.between(1, 4);
    options.neighbourTime =
        random.between(0, 1) ? NeighbourTime::Event : NeighbourTime::Query;
  }

  StatusOr<MemoryDivision> divisionOf(const MemoryRequest &memory) const {
    return MemoryDivision::create(stream, graph, events, memory, options);
  }

  StatusOr<std::vector<int32_t>> divide(const MemoryRequest &memory) const {
    auto division = divisionOf(memory);
    return division.ok() ? division->rows() : division.status();
  }

  MemorySavings savingsOf(const MemoryRequest &memory,
                          const std::vector<int32_t> &rows) {
    auto saved = divisionOf(memory)->savings(rows);
    EXPECT_TRUE(saved.ok()) << saved.message();
    return saved.ok() ? *saved : MemorySavings();
  }

  AccessTrace trace() const {
    return buildAccessTrace(stream, graph, events, options.batchSize,
                            options.neighbours, options.neighbourTime);
  }

  int64_t bytesOf(const MemoryRequest &memory,
                  const std::vector<int32_t> &rows) const {
    int64_t bytes = 0;
    for (size_t layer = 0; layer != rows.size(); ++layer)
      bytes += rows[layer] * memory.embeddingBytes[layer];
    return bytes;
  }

  EventStream stream;
  TemporalGraph graph;
  std::vector<int32_t> events;
  ReusePlanOptions options;
};

/// What a policy saves with so many rows in each layer, as a share of all that
/// the targets read.
double savings(const AccessTrace &trace, const MemoryRequest &memory,
               const std::vector<int32_t> &rows, PolicyOptions policy = {}) {
  ReuseDistances distances = computeReuseDistances(trace);
  auto hits = [&](const PolicyOptions &options) {
    auto simulated = createReplacementPolicy(options);
    return static_cast<double>(
        simulatePolicy(trace, &distances, *simulated).uniqueHits);
  };
  double saved = 0, all = 0;
  for (size_t layer = 0; layer != rows.size(); ++layer) {
    policy.capacity = rows[layer];
    saved += memory.costs[layer] * hits(policy);
    all += memory.costs[layer] *
           hits({PolicyKind::MinimumReuseDistance, unlimitedCapacity});
  }
  return saved / all;
}

} // namespace

TEST_F(MemoryDivisionTest, SavesAsMuchAsTheBestOfAllDivisions) {
  for (int32_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    makeStream(random);
    options.layers = 3;
    MemoryRequest memory;
    // At most 16 units of the sizes' common divisor: the split is exact.
    memory.embeddingBytes = {4 * random.between(1, 2), 4};
    memory.costs = {1.0 * random.between(1, 3), 1.0 * random.between(1, 3)};
    memory.bytes = 4 * random.between(3, 16) + random.between(0, 3);
    auto division = divide(memory);
    ASSERT_TRUE(division.ok()) << division.message();
    const std::vector<int32_t> &rows = *division;
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_LE(bytesOf(memory, rows), memory.bytes);

    AccessTrace trace = this->trace();
    double best = 0;
    for (int32_t first = 0; memory.embeddingBytes[0] * first <= memory.bytes;
         ++first) {
      auto second = static_cast<int32_t>(
          (memory.bytes - memory.embeddingBytes[0] * first) /
          memory.embeddingBytes[1]);
      best = std::max(best, savings(trace, memory, {first, second}));
    }
    EXPECT_DOUBLE_EQ(savings(trace, memory, rows), best) << "seed " << seed;
    MemorySavings saved = savingsOf(memory, rows);
    EXPECT_DOUBLE_EQ(saved.divided, best);
    ASSERT_TRUE(saved.shared);
    EXPECT_GE(*saved.shared, saved.divided);
    EXPECT_LE(*saved.shared, 1.0);
  }
}

/// Steps of the split, and what no layer has use for, waste nothing.
TEST_F(MemoryDivisionTest, LeavesNoRoomThatACacheCouldUse) {
  for (int32_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    makeStream(random);
    options.layers = random.between(2, 4);
    MemoryRequest memory;
    for (int32_t layer = 1; layer < options.layers; ++layer)
      memory.embeddingBytes.push_back(random.between(1, 9));
    memory.bytes = random.between(40, 4000);
    auto division = divide(memory);
    ASSERT_TRUE(division.ok()) << division.message();
    int64_t used = bytesOf(memory, *division);
    EXPECT_LE(used, memory.bytes);
    for (size_t layer = 0; layer != division->size(); ++layer) {
      EXPECT_LE((*division)[layer], keyCount(stream, options.neighbourTime));
      EXPECT_TRUE(used + memory.embeddingBytes[layer] > memory.bytes ||
                  (*division)[layer] == keyCount(stream, options.neighbourTime))
          << "seed " << seed << ", layer " << layer + 1;
    }
  }
}

TEST_F(MemoryDivisionTest, GivesAllOfItToASingleCache) {
  Random random(5);
  makeStream(random);
  options.layers = 2;
  options.neighbourTime = NeighbourTime::Event;
  MemoryRequest memory;
  memory.embeddingBytes = {400};
  for (int32_t rows : {1, 17, 35, 100, 201}) {
    memory.bytes = 400 * rows + 399;
    auto division = divide(memory);
    ASSERT_TRUE(division.ok()) << division.message();
    EXPECT_EQ(*division, std::vector<int32_t>{rows});
  }
  memory.bytes = std::numeric_limits<int64_t>::max();
  auto division = divide(memory);
  ASSERT_TRUE(division.ok()) << division.message();
  EXPECT_EQ(*division, std::vector<int32_t>{600});
  EXPECT_EQ(savingsOf(memory, *division).divided, 1.0);
}

/// Of a memory for all that MRD has use for each cache gets what it has use
/// for: the top one no more, for the others read more than the targets do.
TEST_F(MemoryDivisionTest, GivesEachWhatItHasUseFor) {
  for (int32_t seed = 0; seed < 40; ++seed) {
    Random random(seed);
    makeStream(random);
    options.layers = 3;
    options.policy.capacity = unlimitedCapacity;
    options.keepDecisions = true;
    auto plan = planReuse(stream, graph, events, options);
    ASSERT_TRUE(plan.ok()) << plan.message();
    MemoryRequest memory;
    memory.embeddingBytes = {random.between(1, 9), random.between(1, 9)};
    std::vector<int32_t> useful{plan->caches[0].slotCount,
                                plan->caches[1].slotCount};
    memory.bytes = bytesOf(memory, useful);
    auto division = divide(memory);
    ASSERT_TRUE(division.ok()) << division.message();
    EXPECT_EQ(*division, useful) << "seed " << seed;
  }
}

/// What is said to be saved is of the policy that is asked for.
TEST_F(MemoryDivisionTest, SavingsAreThoseOfThePolicy) {
  Random random(7);
  makeStream(random);
  options.layers = 3;
  MemoryRequest memory;
  memory.embeddingBytes = {8, 4};
  memory.costs = {1, 3};
  memory.bytes = 160;
  auto division = divide(memory);
  ASSERT_TRUE(division.ok()) << division.message();
  options.policy.kind = PolicyKind::LeastRecentlyUsed;
  MemorySavings recent = savingsOf(memory, *division);
  EXPECT_DOUBLE_EQ(recent.divided,
                   savings(trace(), memory, *division, options.policy));
  EXPECT_FALSE(recent.shared);
  EXPECT_EQ(divisionOf(memory)->savings(std::vector<int32_t>{1}).message(),
            "3 layers have 2 caches, but there are 1 capacities");
  options.policy.kind = PolicyKind::MinimumReuseDistance;
  double unlimited = savingsOf(memory, *division).divided;
  options.policy.maxAge = 1;
  MemorySavings aged = savingsOf(memory, *division);
  EXPECT_DOUBLE_EQ(aged.divided,
                   savings(trace(), memory, *division, options.policy));
  EXPECT_FALSE(aged.shared);
  EXPECT_LT(aged.divided, unlimited);
  EXPECT_LT(recent.divided, unlimited);
}

TEST_F(MemoryDivisionTest, RefusesWhatHasNoRoom) {
  Random random(6);
  makeStream(random);
  options.layers = 3;
  MemoryRequest memory;
  memory.bytes = 799;
  EXPECT_EQ(divide(memory).message(),
            "a memory of 799 bytes is too small to reuse embeddings: one of "
            "each cache takes 800 bytes");
  memory.bytes = 800;
  EXPECT_EQ(divide(memory).message(), "");
  memory.embeddingBytes = {400};
  EXPECT_EQ(divide(memory).message(),
            "a memory for 2 caches needs as many sizes and costs");
  memory.embeddingBytes = {std::numeric_limits<int64_t>::max(), 400};
  EXPECT_NE(divide(memory).message().find("too small"), std::string::npos);
  options.batchSize = 0;
  EXPECT_EQ(divide(memory).message(),
            "the batch size must be at least 1, got 0");
}
