//===- SharedCapacityPlannerTest.cpp - Shared memory by brute force -------===//
//----===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/SharedCapacityPlanner.h"

#include "ReuseTestSupport.h"
#include "orcinus/Reuse/Simulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <span>

using namespace orcinus;
using namespace orcinus::test;

namespace {

bool fits(const std::vector<IntervalItem> &items,
          const SharedCapacityOptions &options,
          const std::function<bool(size_t)> &isChosen) {
  std::vector<int64_t> load(64);
  for (size_t index = 0; index < items.size(); ++index) {
    const IntervalItem &item = items[index];
    for (int32_t boundary = item.begin; isChosen(index) && boundary < item.end;
         ++boundary)
      load[boundary] += options.layers[item.layer].size;
  }
  return *std::max_element(load.begin(), load.end()) <= options.capacity;
}

/// The best choice among the items that `isAllowed`, over all subsets.
double bestBenefit(const std::vector<IntervalItem> &items,
                   const SharedCapacityOptions &options,
                   const std::function<bool(const LayerCost &)> &isAllowed) {
  double best = 0.0;
  for (uint32_t subset = 0; subset < 1u << items.size(); ++subset) {
    double benefit = 0.0;
    bool allowed = true;
    for (size_t index = 0; index < items.size(); ++index)
      if (subset >> index & 1) {
        const LayerCost &layer = options.layers[items[index].layer];
        benefit += layer.benefit;
        allowed &= isAllowed(layer);
      }
    if (allowed && benefit > best && fits(items, options, [&](size_t index) {
          return (subset >> index & 1) != 0;
        }))
      best = benefit;
  }
  return best;
}

/// `distances` without the reuses that were not chosen; `chosen` is parallel to
/// what appendIntervalItems appended for them.
ReuseDistances restrictToChosen(const ReuseDistances &distances,
                                std::span<const uint8_t> chosen) {
  ReuseDistances restricted = distances;
  size_t item = 0;
  for (std::vector<int32_t> *nextReuses :
       {&restricted.targets, &restricted.neighbours})
    for (int32_t &nextReuse : *nextReuses)
      if (nextReuse != neverReused && !chosen[item++])
        nextReuse = neverReused;
  return restricted;
}

bool anyLayer(const LayerCost &) { return true; }

/// The best division of the capacity into entries of each layer, each layer
/// filled as well as it can be.
double bestStaticSplit(const std::vector<IntervalItem> &items,
                       const SharedCapacityOptions &options, size_t layer = 0) {
  if (layer == options.layers.size())
    return 0.0;
  std::vector<IntervalItem> own;
  for (const IntervalItem &item : items)
    if (item.layer == static_cast<int32_t>(layer))
      own.push_back(item);
  double best = 0.0;
  int64_t size = options.layers[layer].size;
  for (int64_t bytes = 0; bytes <= options.capacity; bytes += size) {
    SharedCapacityOptions here = options;
    here.capacity = bytes;
    SharedCapacityOptions rest = options;
    rest.capacity -= bytes;
    best = std::max(best, bestBenefit(own, here, anyLayer) +
                              bestStaticSplit(items, rest, layer + 1));
  }
  return best;
}

struct Instance {
  std::vector<IntervalItem> items;
  SharedCapacityOptions options;
};

Instance makeInstance(Random &random, int32_t layers, int32_t items) {
  Instance instance;
  instance.options.capacity = random.between(1, 12);
  for (int32_t layer = 0; layer < layers; ++layer)
    instance.options.layers.push_back(
        {random.between(1, 8), 1.0 * random.between(1, 9)});
  for (int32_t index = 0; index < items; ++index) {
    int32_t begin = random.between(0, 8);
    instance.items.push_back({index, random.between(0, layers - 1), begin,
                              begin + random.between(1, 5)});
  }
  return instance;
}

} // namespace

TEST(SharedCapacityPlanner, KeepsItsRatio) {
  for (int32_t seed = 0; seed < 2000; ++seed) {
    Random random(seed);
    auto [items, options] =
        makeInstance(random, random.between(1, 4), random.between(1, 10));
    StatusOr<SharedCapacityPlan> plan = planSharedCapacity(items, options);
    ASSERT_TRUE(plan.ok());
    ASSERT_TRUE(fits(items, options,
                     [&](size_t index) { return plan->chosen[index] != 0; }));
    double benefit = 0.0;
    for (size_t index = 0; index < items.size(); ++index)
      if (plan->chosen[index])
        benefit += options.layers[items[index].layer].benefit;
    ASSERT_DOUBLE_EQ(plan->benefit, benefit);

    int64_t capacity = options.capacity;
    auto isNarrow = [&](const LayerCost &layer) {
      return layer.size <= capacity / 2;
    };
    auto isWide = [&](const LayerCost &layer) { return !isNarrow(layer); };
    double best = bestBenefit(items, options, anyLayer);
    EXPECT_GE(plan->narrowBenefit, bestBenefit(items, options, isNarrow) / 2.0);
    EXPECT_GE(plan->wideBenefit, bestBenefit(items, options, isWide));
    EXPECT_GE(plan->benefit, best / 3.0);
    EXPECT_LE(plan->benefit, best);
  }
}

TEST(SharedCapacityPlanner, NeverWorseThanTheBestStaticSplit) {
  for (int32_t seed = 0; seed < 1000; ++seed) {
    Random random(seed);
    auto [items, options] =
        makeInstance(random, random.between(1, 3), random.between(1, 9));
    StatusOr<SharedCapacityPlan> plan = planSharedCapacity(items, options);
    ASSERT_TRUE(plan.ok());
    double best = bestStaticSplit(items, options);
    EXPECT_DOUBLE_EQ(plan->unfilledSplitBenefit, best) << "seed " << seed;
    EXPECT_GE(plan->benefit, best);
  }
}

TEST(SharedCapacityPlanner, EqualsMinimumReuseDistanceWhereUniform) {
  for (int32_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    AccessTrace trace = makeRandomTrace(random, random.between(5, 40), 30);
    ReuseDistances distances = computeReuseDistances(trace);
    std::vector<IntervalItem> items;
    appendIntervalItems(trace, distances, 0, items);
    int32_t entries = random.between(0, 20);
    SharedCapacityOptions options;
    options.capacity = 400 * entries + random.between(0, 399);
    options.layers = {{400, 2.5}};
    options.splitSteps = entries + 1;
    StatusOr<SharedCapacityPlan> plan = planSharedCapacity(items, options);
    ASSERT_TRUE(plan.ok());

    auto policy =
        createReplacementPolicy({PolicyKind::MinimumReuseDistance, entries});
    ReuseCounts counts = simulatePolicy(trace, &distances, *policy);
    ASSERT_DOUBLE_EQ(plan->benefit,
                     2.5 * static_cast<double>(counts.uniqueHits));
  }
}

TEST(SharedCapacityPlanner, ChosenReusesAreExecutable) {
  for (int32_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    SharedCapacityOptions options;
    options.capacity = random.between(0, 60);
    options.layers = {{random.between(1, 9), 1.0}, {random.between(1, 9), 3.0}};
    std::vector<AccessTrace> traces;
    std::vector<ReuseDistances> distances;
    std::vector<IntervalItem> items;
    std::vector<size_t> begins{0};
    for (int32_t layer = 0; layer < 2; ++layer) {
      traces.push_back(makeRandomTrace(random, 20, 30));
      distances.push_back(computeReuseDistances(traces.back()));
      appendIntervalItems(traces.back(), distances.back(), layer, items);
      begins.push_back(items.size());
    }
    StatusOr<SharedCapacityPlan> plan = planSharedCapacity(items, options);
    ASSERT_TRUE(plan.ok());
    std::vector<int64_t> load(30);
    for (int32_t layer = 0; layer < 2; ++layer) {
      std::span<const uint8_t> chosen(plan->chosen.data() + begins[layer],
                                      begins[layer + 1] - begins[layer]);
      ReuseDistances restricted = restrictToChosen(distances[layer], chosen);
      auto policy = createReplacementPolicy(
          {PolicyKind::MinimumReuseDistance, unlimitedCapacity});
      CachePlan cache;
      ReuseCounts counts =
          simulatePolicy(traces[layer], &restricted, *policy, &cache);
      EXPECT_EQ(counts.uniqueHits, std::count(chosen.begin(), chosen.end(), 1));
      std::vector<uint8_t> isHeld(cache.slotCount);
      for (int64_t batch = 0; batch < cache.batchCount(); ++batch) {
        for (const SlotEviction &eviction : cache.batchEvictions(batch))
          isHeld[eviction.slot] = 0;
        for (const SlotWrite &write : cache.batchWrites(batch))
          isHeld[write.slot] = 1;
        load[batch] += std::count(isHeld.begin(), isHeld.end(), 1) *
                       options.layers[layer].size;
      }
    }
    EXPECT_LE(*std::max_element(load.begin(), load.end()), options.capacity);
  }
}

TEST(SharedCapacityPlanner, AddsUpTheLargestSizes) {
  constexpr int64_t most = std::numeric_limits<int64_t>::max();
  SharedCapacityOptions options;
  options.capacity = most;
  options.layers = {{most - 1, 1.0}};
  // Both hold the boundary 1, and two do not fit.
  const std::vector<IntervalItem> items = {{0, 0, 0, 2}, {1, 0, 1, 3}};
  StatusOr<SharedCapacityPlan> plan = planSharedCapacity(items, options);
  ASSERT_TRUE(plan.ok()) << plan.message();
  EXPECT_EQ(plan->chosen[0] + plan->chosen[1], 1);
  EXPECT_EQ(plan->benefit, 1.0);
}

TEST(SharedCapacityPlanner, RefusesBadInput) {
  auto message = [](std::vector<IntervalItem> items,
                    SharedCapacityOptions options) {
    return planSharedCapacity(items, options).message();
  };
  EXPECT_EQ(message({}, {-1, {{1, 1.0}}}),
            "the shared capacity must not be negative, got -1");
  EXPECT_EQ(message({}, {1, {{1, 1.0}}, 0}),
            "a static split needs at least 1 step, got 0");
  EXPECT_EQ(message({}, {1, {}}), "a shared capacity needs at least 1 layer");
  EXPECT_NE(message({}, {1, {{0, 1.0}}}), "");
  EXPECT_NE(message({}, {1, {{1, -1.0}}}), "");
  EXPECT_NE(message({{0, 1, 0, 1}}, {1, {{1, 1.0}}}), "");
  EXPECT_NE(message({{0, 0, 1, 1}}, {1, {{1, 1.0}}}), "");
  EXPECT_EQ(message({}, {0, {{1, 1.0}}}), "");
}
