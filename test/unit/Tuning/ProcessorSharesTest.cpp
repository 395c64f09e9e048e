//===- ProcessorSharesTest.cpp - Who measures where ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Tuning/ProcessorShares.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

using namespace orcinus;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(ProcessorShares, ProcessesOfTheSameProcessorsDivideThem) {
  std::vector<ProcessorList> usable(3, {0, 4, 1, 5, 2, 6, 3});
  EXPECT_THAT(
      divideProcessors(usable, 1),
      ElementsAre(ElementsAre(0, 4), ElementsAre(1, 5), ElementsAre(2, 6, 3)));
  EXPECT_THAT(
      divideProcessors(usable, 2),
      ElementsAre(ElementsAre(0, 4), ElementsAre(1, 5), ElementsAre(2, 6, 3)));
}

TEST(ProcessorShares, WhoFindsNoneLeftGetsNone) {
  std::vector<ProcessorList> usable(3, {0, 1, 2, 3});
  EXPECT_THAT(divideProcessors(usable, 2),
              ElementsAre(ElementsAre(0, 1), ElementsAre(2, 3), IsEmpty()));
  EXPECT_THAT(divideProcessors(usable, 4),
              ElementsAre(ElementsAre(0, 1, 2, 3), IsEmpty(), IsEmpty()));
  // One measures in any case, however many threads programs have.
  EXPECT_THAT(divideProcessors(usable, 8),
              ElementsAre(ElementsAre(0, 1, 2, 3), IsEmpty(), IsEmpty()));
  EXPECT_THAT(divideProcessors(std::vector<ProcessorList>{{}}, 1),
              ElementsAre(IsEmpty()));
}

TEST(ProcessorShares, WhatALauncherHasDividedStaysSo) {
  std::vector<ProcessorList> bound = {{0, 1}, {2, 3}, {0, 1}, {4}};
  EXPECT_THAT(divideProcessors(bound, 1),
              ElementsAre(ElementsAre(0), ElementsAre(2, 3), ElementsAre(1),
                          ElementsAre(4)));
  // Of sets that overlap nobody has what another one has.
  std::vector<ProcessorList> overlapping = {{0, 1, 2}, {2, 3}, {1, 2}};
  EXPECT_THAT(divideProcessors(overlapping, 1),
              ElementsAre(ElementsAre(0, 1, 2), ElementsAre(3), IsEmpty()));
  // Too few are left of what could have been enough.
  EXPECT_THAT(divideProcessors(overlapping, 2),
              ElementsAre(ElementsAre(0, 1, 2), IsEmpty(), IsEmpty()));
  EXPECT_THAT(divideProcessors(bound, 2),
              ElementsAre(ElementsAre(0, 1), ElementsAre(2, 3), IsEmpty(),
                          ElementsAre(4)));
}

TEST(ProcessorShares, AThreadRunsWhereItIsTold) {
  ProcessorList all = usableProcessorsOf(0);
  ASSERT_FALSE(all.empty());
  std::thread moved([&] {
    EXPECT_TRUE(runOn({all.back()}).ok());
    EXPECT_THAT(usableProcessorsOf(0), ElementsAre(all.back()));
    EXPECT_FALSE(runOn({}).ok());
  });
  moved.join();
  EXPECT_EQ(usableProcessorsOf(0), all);
  EXPECT_FALSE(machineIdentity().empty());
}
