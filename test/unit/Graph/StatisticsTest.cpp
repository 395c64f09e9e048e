//===- StatisticsTest.cpp - What a stream is like -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Statistics.h"
#include "../TestStreams.h"

#include <gtest/gtest.h>
#include <map>
#include <set>

using namespace orcinus;

namespace {

TEST(Statistics, OfASmallStream) {
  EventStream stream;
  stream.source = {0, 1, 0, 3};
  stream.destination = {1, 0, 1, 3};
  stream.setSeconds(std::vector<double>{2, 2, 5, 9});
  stream.nodeCount = 5;
  stream.edgeFeatures.columns = 7;
  StreamStatistics statistics = computeStatistics(stream);
  EXPECT_EQ(statistics.events, 4);
  EXPECT_EQ(statistics.nodes, 5);
  EXPECT_EQ(statistics.isolatedNodes, 2);
  EXPECT_EQ(statistics.sources, 3);
  EXPECT_EQ(statistics.destinations, 3);
  EXPECT_FALSE(statistics.bipartite);
  EXPECT_EQ(statistics.firstTime, 2);
  EXPECT_EQ(statistics.lastTime, 9);
  EXPECT_EQ(statistics.distinctTimes, 3);
  EXPECT_EQ(statistics.tiedEvents, 1);
  EXPECT_EQ(statistics.selfLoops, 1);
  EXPECT_EQ(statistics.repeatedPairs, 1);
  EXPECT_DOUBLE_EQ(statistics.meanDegree, 1.6);
  EXPECT_EQ(statistics.medianDegree, 2);
  EXPECT_EQ(statistics.maxDegree, 3);
  EXPECT_EQ(statistics.edgeFeatureColumns, 7);
  EXPECT_EQ(statistics.nodeFeatureColumns, 0);
}

TEST(Statistics, OfNothing) {
  StreamStatistics statistics = computeStatistics(EventStream());
  EXPECT_EQ(statistics.events, 0);
  EXPECT_EQ(statistics.distinctTimes, 0);
  EXPECT_EQ(statistics.meanDegree, 0);
}

TEST(Statistics, AgreeWithSetsOnRandomStreams) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    EventStream stream = test::makeRandomStream(30, 200, seed);
    std::set<double> times;
    std::set<std::pair<int32_t, int32_t>> pairs;
    std::map<int32_t, int64_t> degrees;
    for (size_t event = 0; event < stream.time.size(); ++event) {
      times.insert(stream.seconds(static_cast<int64_t>(event)));
      pairs.emplace(stream.source[event], stream.destination[event]);
      ++degrees[stream.source[event]];
      ++degrees[stream.destination[event]];
    }
    int64_t largest = 0;
    for (auto [node, degree] : degrees)
      largest = std::max(largest, degree);
    StreamStatistics statistics = computeStatistics(stream);
    EXPECT_EQ(statistics.distinctTimes, std::ssize(times));
    EXPECT_EQ(statistics.repeatedPairs, 200 - std::ssize(pairs));
    EXPECT_EQ(statistics.maxDegree, largest);
    EXPECT_EQ(statistics.isolatedNodes, 30 - std::ssize(degrees));
  }
}

TEST(Statistics, BipartiteMeansNoNodeOnBothSides) {
  EventStream stream;
  stream.source = {0, 1, 0};
  stream.destination = {2, 3, 3};
  stream.setSeconds(std::vector<double>{0, 1, 2});
  stream.nodeCount = 4;
  EXPECT_TRUE(computeStatistics(stream).bipartite);
  stream.destination.set(2, 1);
  EXPECT_FALSE(computeStatistics(stream).bipartite);
}

} // namespace
