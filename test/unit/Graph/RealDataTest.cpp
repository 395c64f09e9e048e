//===- RealDataTest.cpp - Known facts of real event streams ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../TestData.h"
#include "orcinus/Graph/Loader.h"
#include "orcinus/Graph/Split.h"
#include "orcinus/Graph/Statistics.h"

#include <algorithm>
#include <gtest/gtest.h>

using namespace orcinus;

namespace {

TEST(RealData, Wikipedia) {
  ORCINUS_REQUIRE_DATA("wikipedia.txt");
  StatusOr<LoadedStream> loaded =
      loadEventStream(test::dataPath("wikipedia.txt"));
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(loaded->description,
            "plain text, columns uvt recognised (column 3 is sorted), no "
            "header; node ids 1..9227 renumbered 0..9226; times taken for "
            "seconds");
  StreamStatistics statistics = computeStatistics(loaded->stream);
  EXPECT_EQ(statistics.events, 157474);
  EXPECT_EQ(statistics.nodes, 9227);
  EXPECT_EQ(statistics.distinctTimes, 152757);
  EXPECT_EQ(statistics.sources, 8227);
  EXPECT_EQ(statistics.destinations, 1000);
  EXPECT_TRUE(statistics.bipartite);
  EXPECT_EQ(statistics.selfLoops, 0);
}

TEST(RealData, WikipediaSplit) {
  ORCINUS_REQUIRE_DATA("wikipedia.txt");
  StatusOr<LoadedStream> loaded =
      loadEventStream(test::dataPath("wikipedia.txt"));
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  SplitOptions options;
  options.maskedNodeFraction = 0;
  StatusOr<Split> split = splitByTime(loaded->stream, options);
  ASSERT_TRUE(split.ok()) << split.message();
  EXPECT_EQ(split->train.size(), 110232u);
  EXPECT_EQ(split->validation.size(), 23621u);
  EXPECT_EQ(split->test.size(), 23621u);
  StatusOr<Split> masked = splitByTime(loaded->stream, {});
  ASSERT_TRUE(masked.ok()) << masked.message();
  EXPECT_EQ(
      std::count(masked->maskedNodes.begin(), masked->maskedNodes.end(), 1),
      922);
}

TEST(RealData, UciMessages) {
  ORCINUS_REQUIRE_DATA("ml_uci.csv");
  StatusOr<LoadedStream> loaded = loadEventStream(test::dataPath("ml_uci.csv"));
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  const EventStream &stream = loaded->stream;
  EXPECT_EQ(stream.eventCount(), 59834);
  EXPECT_EQ(stream.nodeCount, 1899);
  EXPECT_EQ(stream.edgeFeatures.rows, 59834);
  EXPECT_EQ(stream.edgeFeatures.columns, 6);
  EXPECT_EQ(stream.nodeFeatures.rows, 1899);
  EXPECT_EQ(stream.nodeFeatures.columns, 100);
  // The first row is 4 -> 5 at 0; the ids begin with 2.
  EXPECT_EQ(stream.externalIds.front(), 2);
  EXPECT_EQ(stream.source[0], 2);
  EXPECT_EQ(stream.destination[0], 3);
}

TEST(RealData, ConferenceContacts) {
  ORCINUS_REQUIRE_DATA("sfhh_contacts.dat.gz");
  StatusOr<LoadedStream> loaded =
      loadEventStream(test::dataPath("sfhh_contacts.dat.gz"));
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_NE(loaded->description.find("gzipped plain text, columns tuv"),
            std::string::npos)
      << loaded->description;
  StreamStatistics statistics = computeStatistics(loaded->stream);
  EXPECT_EQ(statistics.events, 70261);
  EXPECT_EQ(statistics.nodes, 403);
  EXPECT_EQ(statistics.distinctTimes, 3509);
  EXPECT_FALSE(statistics.bipartite);
}

} // namespace
