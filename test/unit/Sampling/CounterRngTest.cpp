//===- CounterRngTest.cpp - Counter-based random numbers ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Support/CounterRng.h"

#include <gtest/gtest.h>
#include <vector>

using namespace orcinus;

namespace {

// The known answers that the authors of Philox publish with it.
static_assert(philox4x32({0, 0, 0, 0}, {0, 0}) ==
              std::array<uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c,
                                      0x9b00dbd8});
static_assert(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
                         {0xffffffff, 0xffffffff}) ==
              std::array<uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6,
                                      0x6d5451fd});
static_assert(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                         {0xa4093822, 0x299f31d0}) ==
              std::array<uint32_t, 4>{0xd16cfe09, 0x94fdcceb, 0x5001e420,
                                      0x24126ea1});

TEST(CounterRng, EveryArgumentMatters) {
  EXPECT_EQ(randomBits(1, 2, 3), randomBits(1, 2, 3));
  EXPECT_NE(randomBits(1, 2, 3), randomBits(2, 2, 3));
  EXPECT_NE(randomBits(1, 2, 3), randomBits(1, 3, 3));
  EXPECT_NE(randomBits(1, 2, 3), randomBits(1, 2, 4));
  uint64_t high = uint64_t(1) << 40;
  EXPECT_NE(randomBits(1, 2, 3), randomBits(1 + high, 2, 3));
  EXPECT_NE(randomBits(1, 2, 3), randomBits(1, 2 + high, 3));
  EXPECT_NE(randomBits(1, 2, 3), randomBits(1, 2, 3 + high));
  EXPECT_EQ(randomBitPair(1, 2, 3)[0], randomBits(1, 2, 3));
  EXPECT_NE(randomStream("a"), randomStream("b"));
}

TEST(CounterRng, UnitStaysBelowOne) {
  EXPECT_EQ(unitFromBits(0), 0);
  EXPECT_LT(unitFromBits(~uint64_t(0)), 1);
  double sum = 0;
  for (uint64_t counter = 0; counter < 10000; ++counter)
    sum += randomUnit(7, 0, counter);
  EXPECT_NEAR(sum / 10000, 0.5, 0.015);
}

TEST(CounterRng, BelowIsUniform) {
  EXPECT_EQ(belowFromBits(~uint64_t(0), 10), 9u);
  EXPECT_EQ(belowFromBits(0, 10), 0u);
  EXPECT_EQ(belowFromBits(~uint64_t(0), ~uint64_t(0)), ~uint64_t(0) - 1);
  // Chi-squared with 9 degrees of freedom: above 27.9 once in a thousand.
  std::vector<double> counts(10, 0);
  for (uint64_t counter = 0; counter < 100000; ++counter)
    ++counts[randomBelow(3, 1, counter, 10)];
  double chiSquared = 0;
  for (double count : counts)
    chiSquared += (count - 10000) * (count - 10000) / 10000;
  EXPECT_LT(chiSquared, 27.9);
}

} // namespace
