//===- CacheLookupTest.cpp - Reuse decisions against a slow oracle --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/StepTables.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <vector>

using namespace orcinus;

namespace {

constexpr int32_t nodeCount = 40;
constexpr int32_t k = 4;

template <typename T>
std::vector<T> column(const StepTables &tables, int32_t handle,
                      Component component) {
  const Table *table = tables.find(handle, component);
  EXPECT_NE(table, nullptr) << componentName(component);
  if (!table)
    return {};
  auto values = table->values<T>();
  return {values.begin(), values.end()};
}

EventStream randomStream(std::mt19937 &random, int64_t events) {
  EventStream stream;
  stream.nodeCount = nodeCount;
  double time = 0;
  for (int64_t event = 0; event != events; ++event) {
    time += random() % 2;
    stream.time.push_back(time);
    stream.source.push_back(random() % nodeCount);
    stream.destination.push_back(random() % nodeCount);
  }
  return stream;
}

/// What a cache of one row a node holds, and what reads of it counted.
struct OracleCache {
  std::map<int32_t, int64_t> writtenAt;
  int64_t lookups = 0;
  ReuseStatistics statistics;
};

/// The time of the target of `node` that a reader at `time` is given.
std::optional<double> latestTarget(const std::vector<int32_t> &nodes,
                                   const std::vector<double> &times,
                                   int32_t node, double time, bool causal) {
  std::optional<double> latest;
  for (size_t row = 0; row != nodes.size(); ++row)
    if (nodes[row] == node && (!causal || times[row] <= time) &&
        (!latest || times[row] > *latest))
      latest = times[row];
  return latest;
}

/// Compares the tables of query set 0, neighbourhood 1, lookup 2.
void checkReads(const StepTables &tables, OracleCache &cache, bool causal) {
  auto queryNodes = column<int32_t>(tables, 0, Component::Nodes);
  auto queryTimes = column<double>(tables, 0, Component::Times);
  auto neighbours = column<int32_t>(tables, 1, Component::Nodes);
  auto counts = column<int32_t>(tables, 1, Component::Counts);
  auto nodes = column<int32_t>(tables, 2, Component::Nodes);
  auto times = column<double>(tables, 2, Component::Times);
  auto self = column<int32_t>(tables, 2, Component::Self);
  auto rows = column<int32_t>(tables, 2, Component::Neighbours);
  auto cached = column<int32_t>(tables, 2, Component::CachedRows);
  auto offsets = column<int32_t>(tables, 2, Component::ReferenceOffsets);
  auto references = column<int32_t>(tables, 2, Component::References);
  ASSERT_EQ(offsets.size(), nodes.size() + cached.size() + 1);
  std::vector<int32_t> distinct = cached;
  std::sort(distinct.begin(), distinct.end());
  EXPECT_EQ(std::unique(distinct.begin(), distinct.end()), distinct.end());

  size_t valid = 0;
  for (size_t query = 0; query != queryNodes.size(); ++query) {
    EXPECT_EQ(nodes[self[query]], queryNodes[query]);
    EXPECT_EQ(times[self[query]], queryTimes[query]);
    for (int32_t place = 0; place != counts[query]; ++place, ++valid) {
      int32_t flat = static_cast<int32_t>(query) * k + place;
      int32_t node = neighbours[flat], row = rows[flat];
      EXPECT_TRUE(std::find(references.begin() + offsets[row],
                            references.begin() + offsets[row + 1],
                            flat) != references.begin() + offsets[row + 1]);
      ++cache.statistics.reads;
      auto wanted =
          latestTarget(queryNodes, queryTimes, node, queryTimes[query], causal);
      if (wanted) {
        ++cache.statistics.inBatchReads;
        ASSERT_LT(row, static_cast<int32_t>(nodes.size()));
        EXPECT_EQ(nodes[row], node);
        EXPECT_EQ(times[row], *wanted);
        continue;
      }
      ASSERT_GE(row, static_cast<int32_t>(nodes.size()));
      EXPECT_EQ(cached[row - nodes.size()], node);
      ++cache.statistics.outOfBatchReads;
      auto written = cache.writtenAt.find(node);
      if (written == cache.writtenAt.end()) {
        ++cache.statistics.cold;
        continue;
      }
      ++cache.statistics.hits;
      int64_t age = cache.lookups - written->second;
      cache.statistics.ageSum += age;
      cache.statistics.maxAge = std::max(cache.statistics.maxAge, age);
    }
  }
  EXPECT_EQ(references.size(), valid);
}

void checkPushes(const StepTables &tables, OracleCache &cache) {
  auto nodes = column<int32_t>(tables, 2, Component::Nodes);
  auto times = column<double>(tables, 2, Component::Times);
  auto rows = column<int32_t>(tables, 2, Component::PushedRows);
  auto pushed = column<int32_t>(tables, 2, Component::PushedNodes);
  std::map<int32_t, double> latest;
  for (size_t row = 0; row != nodes.size(); ++row)
    latest[nodes[row]] = std::max(
        latest.try_emplace(nodes[row], times[row]).first->second, times[row]);
  ASSERT_EQ(pushed.size(), latest.size());
  ASSERT_EQ(rows.size(), latest.size());
  for (size_t place = 0; place != rows.size(); ++place) {
    EXPECT_EQ(nodes[rows[place]], pushed[place]);
    EXPECT_EQ(times[rows[place]], latest.at(pushed[place]));
    cache.writtenAt[pushed[place]] = cache.lookups;
  }
  ++cache.lookups;
}

void expectEqual(const ReuseStatistics &actual,
                 const ReuseStatistics &expected) {
  EXPECT_EQ(actual.reads, expected.reads);
  EXPECT_EQ(actual.inBatchReads, expected.inBatchReads);
  EXPECT_EQ(actual.outOfBatchReads, expected.outOfBatchReads);
  EXPECT_EQ(actual.hits, expected.hits);
  EXPECT_EQ(actual.recomputed, 0);
  EXPECT_EQ(actual.cold, expected.cold);
  EXPECT_EQ(actual.ageSum, expected.ageSum);
  EXPECT_EQ(actual.maxAge, expected.maxAge);
}

class CacheLookupTest : public testing::TestWithParam<bool> {};

TEST_P(CacheLookupTest, MatchesOracle) {
  bool causal = GetParam();
  for (unsigned seed = 0; seed != 20; ++seed) {
    std::mt19937 random(seed);
    EventStream stream = randomStream(random, 300);
    TemporalGraph graph = TemporalGraph::build(stream);
    IndexState index(nodeCount, 1);
    StepTables tables;
    OracleCache oracle;
    ReuseStatistics total;
    for (int32_t first = 60; first + 12 <= 300; first += 12) {
      std::vector<int32_t> events(12), negatives(12);
      for (int32_t place = 0; place != 12; ++place) {
        events[place] = first + place;
        negatives[place] = random() % nodeCount;
      }
      StepInput input;
      input.stream = &stream;
      input.graph = &graph;
      input.state = &index;
      input.events = events;
      input.negatives = negatives;
      tables.begin(input);
      tables.targets(0);
      tables.sample(0, 1, k, 0);
      tables.cacheLookup(0, 1, 2, 1, causal);
      ASSERT_TRUE(tables.finish().ok()) << tables.finish().message();
      checkReads(tables, oracle, causal);
      checkPushes(tables, oracle);
      total += tables.reuse();
      if (HasFatalFailure())
        return;
    }
    expectEqual(total, oracle.statistics);
    EXPECT_GT(total.hits, 0);
    EXPECT_GT(total.cold, 0);
    EXPECT_GT(total.inBatchReads, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Sharing, CacheLookupTest, testing::Bool(),
                         [](const testing::TestParamInfo<bool> &info) {
                           return info.param ? "Causal" : "Paper";
                         });

TEST(CacheLookupErrorTest, UnknownCacheIsAnError) {
  std::mt19937 random(0);
  EventStream stream = randomStream(random, 20);
  TemporalGraph graph = TemporalGraph::build(stream);
  IndexState index(nodeCount, 1);
  std::vector<int32_t> events{10}, negatives{3};
  StepInput input;
  input.stream = &stream;
  input.graph = &graph;
  input.state = &index;
  input.events = events;
  input.negatives = negatives;
  StepTables tables;
  tables.begin(input);
  tables.targets(0);
  tables.sample(0, 1, k, 0);
  tables.cacheLookup(0, 1, 2, 2, 0);
  EXPECT_EQ(tables.finish().message(),
            "the program's prepare function is wrong: cache_lookup of cache 2 "
            "with sharing 0");
}

} // namespace
