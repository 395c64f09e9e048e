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

TEST(NegativeSampler, DrawsDependOnSeedNumberAndOwnDestinationAlone) {
  EventStream stream = test::makeRandomStream(50, 200, 2);
  std::vector<int32_t> events(200), own(1000);
  for (int32_t event = 0; event < 200; ++event)
    events[static_cast<size_t>(event)] = event;
  for (size_t draw = 0; draw < own.size(); ++draw)
    own[draw] = stream.destination[draw % 200];
  NegativeSampler sampler(stream, events, 9);
  std::vector<int32_t> whole(1000), parts(1000);
  sampler.sample(0, own, whole);
  for (size_t first = 0; first < 1000; first += 125)
    sampler.sample(first, std::span(own).subspan(first, 125),
                   std::span(parts).subspan(first, 125));
  EXPECT_EQ(whole, parts);
  std::vector<int32_t> other(1000);
  NegativeSampler(stream, events, 10).sample(0, own, other);
  EXPECT_NE(whole, other);

  std::vector<int32_t> ofEvents(200);
  sampler.sample(0, stream, events, ofEvents);
  EXPECT_TRUE(std::equal(ofEvents.begin(), ofEvents.end(), whole.begin()));
}

/// A stream with the destinations 2, 4, 4 and 6.
EventStream threeDestinations() {
  EventStream stream;
  stream.source = {0, 0, 0, 0};
  stream.destination = {2, 4, 4, 6};
  stream.setSeconds(std::vector<double>{0, 1, 2, 3});
  stream.nodeCount = 7;
  return stream;
}

TEST(NegativeSampler, IsUniformOverTheCandidates) {
  EventStream stream = threeDestinations();
  std::vector<int32_t> events = {0, 1, 2, 3};
  // No draw collides with a destination that is not a candidate.
  std::vector<int32_t> draws(30000), own(draws.size(), 0);
  NegativeSampler(stream, events, 1).sample(0, own, draws);
  std::vector<int> counts(7, 0);
  for (int32_t node : draws)
    ++counts[static_cast<size_t>(node)];
  // A destination that occurs twice is drawn no more often.
  for (size_t node : {2, 4, 6})
    EXPECT_NEAR(counts[node], 10000, 350);
  EXPECT_EQ(counts[0] + counts[1] + counts[3] + counts[5], 0);
}

TEST(NegativeSampler, NeverDrawsTheEventsOwnDestination) {
  EventStream stream = threeDestinations();
  std::vector<int32_t> events = {0, 1, 2, 3};
  NegativeSampler sampler(stream, events, 1);
  std::vector<int32_t> free(30000), none(free.size(), 0);
  sampler.sample(0, none, free);
  for (int32_t own : {2, 4, 6}) {
    std::vector<int32_t> draws(free.size()), all(free.size(), own);
    sampler.sample(0, all, draws);
    std::vector<int> counts(7, 0);
    for (size_t draw = 0; draw < draws.size(); ++draw) {
      ++counts[static_cast<size_t>(draws[draw])];
      // What did not collide is drawn as ever.
      if (free[draw] != own) {
        ASSERT_EQ(draws[draw], free[draw]);
      }
    }
    for (int32_t node : {2, 4, 6})
      EXPECT_NEAR(counts[static_cast<size_t>(node)], node == own ? 0 : 15000,
                  node == own ? 0 : 400);
  }
}

TEST(NegativeSampler, TheOnlyDestinationIsDrawnAllTheSame) {
  EventStream stream = threeDestinations();
  std::vector<int32_t> draws(5), own(5, 4);
  NegativeSampler(stream, std::vector<int32_t>{1, 2}, 1).sample(0, own, draws);
  EXPECT_EQ(draws, own);
}

TEST(NegativeSampler, NoDrawsNeedNoCandidates) {
  NegativeSampler sampler(EventStream(), {}, 0);
  EXPECT_TRUE(sampler.candidates().empty());
  sampler.sample(0, {}, {});
}

} // namespace
