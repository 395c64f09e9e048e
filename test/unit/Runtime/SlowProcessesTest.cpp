//===- SlowProcessesTest.cpp - Who keeps the others waiting ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/SlowProcesses.h"

#include <gtest/gtest.h>

#include <vector>

using namespace orcinus;

namespace {

std::vector<size_t> slowOf(std::vector<double> seconds) {
  std::vector<size_t> numbers;
  for (const SlowProcess &slow : findSlowProcesses(seconds)) {
    EXPECT_EQ(slow.seconds, seconds[slow.number]);
    numbers.push_back(slow.number);
  }
  return numbers;
}

TEST(SlowProcesses, AreFarBehindTheMedian) {
  EXPECT_TRUE(slowOf({}).empty());
  EXPECT_TRUE(slowOf({3}).empty());
  EXPECT_TRUE(slowOf({1, 1.2, 1.4, 1}).empty());
  EXPECT_EQ(slowOf({1, 1.2, 1.9, 1}), std::vector<size_t>{2});
  EXPECT_EQ(slowOf({2, 1}), std::vector<size_t>{0});
  EXPECT_EQ(slowOf({9, 1, 1, 8, 1, 1, 1, 1}), (std::vector<size_t>{0, 3}));
  // Nothing was computed.
  EXPECT_TRUE(slowOf({0, 0}).empty());
  EXPECT_EQ(findSlowProcesses(std::vector<double>{2, 4}).front().ratio, 2);
}

} // namespace
