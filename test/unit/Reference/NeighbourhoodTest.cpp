//===- NeighbourhoodTest.cpp - Exhaustive temporal neighbour search -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Reference/Neighbourhood.h"

#include <gtest/gtest.h>

using namespace orcinus;
using namespace orcinus::reference;

namespace {

class NeighbourhoodTest : public testing::Test {
protected:
  NeighbourhoodTest() {
    stream.nodeCount = 4;
    stream.source = {0, 1, 0, 2, 0};
    stream.destination = {1, 2, 0, 0, 3};
    stream.setSeconds(std::vector<double>{1, 2, 3, 3, 5});
  }

  using Neighbours = std::vector<Neighbour>;

  Neighbours recent(int32_t node, double time, int32_t k) const {
    return recentNeighbours(stream, {}, node, time, k);
  }

  EventStream stream;
};

TEST_F(NeighbourhoodTest, BothEndpointsSeeAnEvent) {
  EXPECT_EQ(recent(0, 2, 9), (Neighbours{{1, 0, 1.0}}));
  EXPECT_EQ(recent(1, 2, 9), (Neighbours{{0, 0, 1.0}}));
}

TEST_F(NeighbourhoodTest, OnlyEarlierEventsCount) {
  EXPECT_EQ(recent(1, 1, 9), Neighbours{});
  EXPECT_EQ(recent(0, 3, 9), (Neighbours{{1, 0, 1.0}}));
}

TEST_F(NeighbourhoodTest, ASelfLoopCountsTwiceAndTiesKeepTheStreamsOrder) {
  EXPECT_EQ(recent(0, 4, 9),
            (Neighbours{{1, 0, 1.0}, {0, 2, 3.0}, {0, 2, 3.0}, {2, 3, 3.0}}));
}

TEST_F(NeighbourhoodTest, KeepsTheMostRecent) {
  EXPECT_EQ(recent(0, 9, 2), (Neighbours{{2, 3, 3.0}, {3, 4, 5.0}}));
}

TEST_F(NeighbourhoodTest, HiddenEventsDoNotCount) {
  std::vector<uint8_t> visible = {0, 1, 1, 0, 1};
  EXPECT_EQ(recentNeighbours(stream, visible, 0, 9, 2),
            (Neighbours{{0, 2, 3.0}, {3, 4, 5.0}}));
}

} // namespace
