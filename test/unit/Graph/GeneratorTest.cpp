//===- GeneratorTest.cpp - Synthetic event streams ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Generator.h"
#include "orcinus/Graph/Statistics.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <set>

using namespace orcinus;

namespace {

EventStream generate(int64_t nodes, int64_t events, uint64_t seed,
                     int64_t features = 0) {
  StatusOr<EventStream> stream =
      generateEventStream({nodes, events, seed, features});
  EXPECT_TRUE(stream.ok()) << stream.message();
  return std::move(*stream);
}

TEST(Generator, GivesAValidStream) {
  for (int64_t nodes : {2, 3, 10, 1000}) {
    EventStream stream = generate(nodes, 2000, 1, 2);
    EXPECT_EQ(stream.nodeCount, nodes);
    EXPECT_EQ(stream.eventCount(), 2000);
    EXPECT_EQ(stream.edgeFeatures.rows, 2000);
    EXPECT_EQ(stream.edgeFeatures.values.size(), 4000u);
    EXPECT_TRUE(std::is_sorted(stream.time.begin(), stream.time.end()));
    EXPECT_GE(stream.seconds(0), 0);
    for (size_t event = 0; event < stream.time.size(); ++event) {
      ASSERT_GE(stream.source[event], 0);
      ASSERT_LT(stream.source[event], nodes);
      ASSERT_GE(stream.destination[event], 0);
      ASSERT_LT(stream.destination[event], nodes);
      ASSERT_NE(stream.source[event], stream.destination[event]);
    }
    for (float value : stream.edgeFeatures.values)
      ASSERT_TRUE(value >= -1.5f && value <= 1.5f && std::abs(value) >= 0.5f);
  }
}

TEST(Generator, IsAFunctionOfItsOptions) {
  EventStream first = generate(100, 1000, 3, 2);
  EventStream again = generate(100, 1000, 3, 2);
  EXPECT_EQ(first.source, again.source);
  EXPECT_EQ(first.destination, again.destination);
  EXPECT_EQ(first.time, again.time);
  EXPECT_EQ(first.edgeFeatures.values, again.edgeFeatures.values);
  EXPECT_NE(first.source, generate(100, 1000, 4).source);
  // A longer stream of the same seed begins alike.
  EventStream longer = generate(100, 2000, 3);
  EXPECT_TRUE(std::equal(first.source.begin(), first.source.end(),
                         longer.source.begin()));
}

TEST(Generator, DegreesFallAsAPowerLaw) {
  EventStream stream = generate(10000, 200000, 5);
  StreamStatistics statistics = computeStatistics(stream);
  EXPECT_GT(statistics.maxDegree, 50 * statistics.meanDegree);
  EXPECT_LT(statistics.medianDegree, statistics.meanDegree);
  EXPECT_LT(statistics.isolatedNodes, statistics.nodes / 10);
}

TEST(Generator, NodesMeetTheirLatePartnersAgain) {
  EventStream stream = generate(1000, 20000, 6);
  std::vector<std::vector<int32_t>> partners(1000);
  int64_t late = 0;
  for (size_t event = 0; event < stream.time.size(); ++event) {
    std::vector<int32_t> &list =
        partners[static_cast<size_t>(stream.source[event])];
    int32_t destination = stream.destination[event];
    auto begin = list.end() - std::min<ptrdiff_t>(4, std::ssize(list));
    late += std::find(begin, list.end(), destination) != list.end();
    list.push_back(destination);
    partners[static_cast<size_t>(destination)].push_back(stream.source[event]);
  }
  EXPECT_GT(late, 0.45 * 20000);
}

TEST(Generator, CommunitiesCanBeLearnt) {
  EventStream stream = generate(1000, 20000, 7, 8);
  // 31 communities: the largest with 31² ≤ 1000.
  int64_t inside = 0;
  std::vector<std::set<std::vector<bool>>> signs(31);
  for (size_t event = 0; event < stream.time.size(); ++event) {
    int32_t community = stream.destination[event] % 31;
    inside += stream.source[event] % 31 == community;
    std::vector<bool> sign;
    for (int column = 0; column < 8; ++column)
      sign.push_back(
          stream.edgeFeatures.row(static_cast<int64_t>(event))[column] > 0);
    signs[static_cast<size_t>(community)].insert(sign);
  }
  EXPECT_GT(inside, 0.6 * 20000);
  for (const auto &ofCommunity : signs)
    EXPECT_EQ(ofCommunity.size(), 1u);
}

TEST(Generator, RejectsWhatCannotBeMade) {
  EXPECT_EQ(generateEventStream({1, 10, 0, 0}).message(),
            "a synthetic stream of 1 nodes cannot be made; ask for 2 to 2^31 - "
            "1");
  EXPECT_FALSE(generateEventStream({int64_t(1) << 31, 10, 0, 0}).ok());
  EXPECT_FALSE(generateEventStream({10, int64_t(1) << 31, 0, 0}).ok());
  EXPECT_FALSE(generateEventStream({10, 0, 0, 0}).ok());
  EXPECT_EQ(generateEventStream({10, 10, 0, -1}).message(),
            "a synthetic stream of -1 edge features cannot be made; ask for 0 "
            "to 65536");
}

} // namespace
