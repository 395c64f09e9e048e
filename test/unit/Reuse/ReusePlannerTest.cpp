//===- ReusePlannerTest.cpp - Whole plans, also of a real stream ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/ReusePlanner.h"

#include "ReuseTestSupport.h"
#include "orcinus/Graph/Loader.h"
#include "orcinus/Graph/Split.h"
#include "orcinus/Reuse/PlanCommand.h"

#include "test/unit/TestData.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>

using namespace orcinus;
using namespace orcinus::test;

namespace {

class ReusePlanner : public testing::Test {
protected:
  void makeStream(int32_t nodes, int32_t count) {
    Random random(11);
    stream = makeRandomStream(random, nodes, count);
    graph = TemporalGraph::build(stream);
    events.resize(count);
    std::iota(events.begin(), events.end(), 0);
  }

  ReusePlan plan(const ReusePlanOptions &options) {
    StatusOr<ReusePlan> result = planReuse(stream, graph, events, options);
    EXPECT_TRUE(result.ok()) << result.message();
    return result.ok() ? std::move(*result) : ReusePlan();
  }

  std::string failure(const ReusePlanOptions &options) {
    return planReuse(stream, graph, events, options).message();
  }

  EventStream stream;
  TemporalGraph graph;
  std::vector<int32_t> events;
};

} // namespace

TEST_F(ReusePlanner, EachCacheServesTheFrontierOfTheOneAbove) {
  makeStream(40, 600);
  for (int32_t layers : {2, 3, 4}) {
    ReusePlanOptions options;
    options.policy = {PolicyKind::MinimumReuseDistance, 6};
    options.batchSize = 7;
    options.neighbours = 3;
    options.layers = layers;
    ReusePlan result = plan(options);
    ASSERT_EQ(result.traces.size(), static_cast<size_t>(layers - 1));
    ASSERT_EQ(result.caches.size(), result.traces.size());
    ReuseCounts sum;
    for (size_t index = 0; index < result.traces.size(); ++index) {
      sum += result.statistics.caches[index];
      const AccessTrace &trace = result.traces[index];
      EXPECT_EQ(trace.batchCount(), (600 + 6) / 7);
      if (index + 1 == result.traces.size())
        continue;
      // |B'| = |B| + |U|.
      const AccessTrace &upper = result.traces[index + 1];
      EXPECT_EQ(static_cast<int64_t>(trace.targets.size()),
                static_cast<int64_t>(upper.targets.size()) +
                    result.statistics.caches[index + 1].recomputed);
    }
    EXPECT_EQ(result.statistics.counts, sum);
    options.keepDecisions = false;
    ReusePlan bare = plan(options);
    EXPECT_TRUE(bare.traces.empty() && bare.caches.empty());
    EXPECT_EQ(bare.statistics.counts, sum);
  }
}

TEST_F(ReusePlanner, WithEverythingCachedOnlyFirstReadsAreRecomputed) {
  makeStream(40, 600);
  ReusePlanOptions options;
  options.policy = {PolicyKind::LeastRecentlyUsed, unlimitedCapacity};
  options.batchSize = 10;
  ReuseCounts counts = plan(options).statistics.counts;
  // A node is always a target before it is anyone's neighbour.
  EXPECT_EQ(counts.recomputed, 0);
  EXPECT_EQ(counts.hits, counts.outOfBatchReads);
  EXPECT_GT(counts.hits, 0);
}

TEST_F(ReusePlanner, RefusesBadOptions) {
  makeStream(5, 10);
  ReusePlanOptions options;
  options.layers = 1;
  EXPECT_EQ(failure(options), "reuse needs at least 2 layers, got 1");
  options = {};
  options.batchSize = 0;
  EXPECT_EQ(failure(options), "the batch size must be at least 1, got 0");
  options = {};
  options.neighbours = 0;
  EXPECT_EQ(failure(options), "the neighbour count must be at least 1, got 0");
  options = {};
  options.policy.capacity = -1;
  EXPECT_EQ(failure(options),
            "the cache capacity must not be negative, got -1");
  options = {};
  options.policy.maxAge = -1;
  EXPECT_EQ(failure(options), "the age limit must not be negative, got -1");
  events.clear();
  EXPECT_EQ(failure({}), "no training event to plan for");
}

TEST(PlanCommand, PlansSyntheticData) {
  PlanRequest request;
  request.data = "synthetic:nodes=200,events=3000";
  request.plan.policy.capacity = 50;
  request.plan.layers = 3;
  StatusOr<PlanStatistics> statistics = runPlan(request);
  ASSERT_TRUE(statistics.ok()) << statistics.message();
  EXPECT_NEAR(static_cast<double>(statistics->trainEvents), 2100.0, 5.0);
  EXPECT_EQ(statistics->batches, 11);
  EXPECT_EQ(statistics->caches.size(), 2u);
  EXPECT_NE(toText(*statistics).find("cache of layer 2"), std::string::npos);

  request.maskedNodeFraction = 0.1;
  StatusOr<PlanStatistics> masked = runPlan(request);
  ASSERT_TRUE(masked.ok()) << masked.message();
  EXPECT_LT(masked->trainEvents, statistics->trainEvents);
}

TEST(PlanCommand, ReportsWhatIsWrong) {
  PlanRequest request;
  request.data = "no/such/file.txt";
  EXPECT_NE(runPlan(request).message(), "");
  request.data = "synthetic:nodes=200,events=3000";
  request.trainFraction = 1.5;
  EXPECT_NE(runPlan(request).message(), "");
  request.trainFraction = 1.0;
  EXPECT_EQ(runPlan(request).message(), "");
  request.plan.layers = 0;
  EXPECT_EQ(runPlan(request).message(), "reuse needs at least 2 layers, got 0");
}

TEST(PlanCommand, HitsOnWikipediaAreTheKnownOnes) {
  PlanRequest request;
  ORCINUS_REQUIRE_DATA("wikipedia.txt");
  request.data = dataPath("wikipedia.txt");
  auto plan = [&](PolicyKind kind, int32_t capacity) {
    request.plan.policy = {kind, capacity};
    StatusOr<PlanStatistics> statistics = runPlan(request);
    EXPECT_TRUE(statistics.ok()) << statistics.message();
    return statistics.ok() ? statistics->counts : ReuseCounts();
  };
  auto hitRatio = [](const ReuseCounts &counts) {
    return static_cast<double>(counts.hits) /
           static_cast<double>(counts.outOfBatchReads);
  };
  struct Known {
    int32_t capacity;
    double hitRatio;
    /// By a separate program that sorts all candidates of every batch.
    int64_t uniqueHits;
  };
  for (const Known &known :
       {Known{100, 0.45, 49338}, Known{500, 0.84, 99435},
        Known{1000, 0.96, 115262}, Known{2000, 1.00, 120703}}) {
    ReuseCounts best = plan(PolicyKind::MinimumReuseDistance, known.capacity);
    EXPECT_NEAR(hitRatio(best), known.hitRatio, 0.005) << known.capacity;
    EXPECT_EQ(best.uniqueHits, known.uniqueHits);
    EXPECT_EQ(best.inBatchReads, 1495617);
    EXPECT_EQ(best.outOfBatchReads, 470695);
    EXPECT_LT(hitRatio(plan(PolicyKind::LeastRecentlyUsed, known.capacity)),
              hitRatio(best) - 0.05)
        << known.capacity;
  }
}
