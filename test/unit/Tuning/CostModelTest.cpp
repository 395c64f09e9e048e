//===- CostModelTest.cpp - What trees learn of speeds ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tuning/CostModel.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace orcinus;

/// Two operators, of which one is faster throughout; both are fastest where the
/// first feature is 20.
static CostModel learntModel() {
  CostModel model;
  for (int value = 0; value < 64; ++value)
    for (size_t op = 0; op < 2; ++op)
      model.add({float(value), 1.0f}, op,
                10.0 * double(op) - 0.1 * std::abs(value - 20));
  return model;
}

TEST(CostModel, PredictsOneValueForEachCandidate) {
  CostModel model = learntModel();
  auto speeds = model.predict({{20, 1}, {40, 1}, {60, 1}});
  ASSERT_TRUE(speeds.ok()) << speeds.message();
  ASSERT_EQ(speeds->size(), 3u);
  EXPECT_NEAR((*speeds)[0], 0, 0.25);
  EXPECT_NEAR((*speeds)[1], -2, 0.25);
  EXPECT_NEAR((*speeds)[2], -4, 0.25);
}

TEST(CostModel, SaysNothingOfTooFewExamples) {
  CostModel model;
  model.add({1}, 0, 3);
  auto speeds = model.predict({{1}, {2}});
  ASSERT_TRUE(speeds.ok());
  EXPECT_EQ(*speeds, (std::vector<double>{0, 0}));
}
