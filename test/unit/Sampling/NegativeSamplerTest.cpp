//===- NegativeSamplerTest.cpp - Random negative destinations -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Sampling/NegativeSampler.h"
#include "../TestStreams.h"

#include <gtest/gtest.h>
#include <set>

using namespace orcinus;

namespace {

TEST(NegativeSampler, CandidatesAreTheDistinctDestinations) {
  EventStream stream = test::makeRandomStream(50, 60, 1);
  std::vector<int32_t> events = {3, 5, 8, 13, 21, 34, 55};
  std::set<int32_t> expected;
  for (int32_t event : events)
    expected.insert(stream.destination[static_cast<size_t>(event)]);
  NegativeSampler sampler(stream, events, 0);
  EXPECT_EQ(std::vector<int32_t>(sampler.candidates().begin(),
                                 sampler.candidates().end()),
            std::vector<int32_t>(expected.begin(), expected.end()));
}

TEST(NegativeSampler, DrawsDependOnSeedAndNumberAlone) {
  EventStream stream = test::makeRandomStream(50, 200, 2);
  std::vector<int32_t> events(200);
  for (int32_t event = 0; event < 200; ++event)
    events[static_cast<size_t>(event)] = event;
  NegativeSampler sampler(stream, events, 9);
  std::vector<int32_t> whole(1000), parts(1000);
  sampler.sample(0, whole);
  for (size_t first = 0; first < 1000; first += 125)
    sampler.sample(first, std::span(parts).subspan(first, 125));
  EXPECT_EQ(whole, parts);
  std::vector<int32_t> other(1000);
  NegativeSampler(stream, events, 10).sample(0, other);
  EXPECT_NE(whole, other);
}

TEST(NegativeSampler, IsUniformOverTheCandidates) {
  EventStream stream;
  stream.source = {0, 0, 0, 0};
  stream.destination = {2, 4, 4, 6};
  stream.time = {0, 1, 2, 3};
  stream.nodeCount = 7;
  std::vector<int32_t> events = {0, 1, 2, 3};
  std::vector<int32_t> draws(30000);
  NegativeSampler(stream, events, 1).sample(0, draws);
  std::vector<int> counts(7, 0);
  for (int32_t node : draws)
    ++counts[static_cast<size_t>(node)];
  // A destination that occurs twice is drawn no more often.
  for (size_t node : {2, 4, 6})
    EXPECT_NEAR(counts[node], 10000, 350);
  EXPECT_EQ(counts[0] + counts[1] + counts[3] + counts[5], 0);
}

TEST(NegativeSampler, NoDrawsNeedNoCandidates) {
  NegativeSampler sampler(EventStream(), {}, 0);
  EXPECT_TRUE(sampler.candidates().empty());
  sampler.sample(0, {});
}

} // namespace
