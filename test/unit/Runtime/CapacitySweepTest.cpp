//===- CapacitySweepTest.cpp - Costs and recommendations ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/CapacitySweep.h"

#include <gtest/gtest.h>

#include <random>

using namespace orcinus;

namespace {

/// Steps of a known cost, of which each `disturbed`th takes three times as
/// long.
std::vector<StepSample> samplesOf(double perStep, std::vector<double> perRow,
                                  int disturbed) {
  std::mt19937 random(7);
  std::vector<StepSample> samples;
  for (int index = 0; index < 200; ++index) {
    StepSample sample;
    sample.seconds = perStep;
    for (double cost : perRow) {
      sample.rows.push_back(500 + static_cast<int64_t>(random() % 1000));
      sample.seconds += cost * static_cast<double>(sample.rows.back());
    }
    // Within 2 %.
    sample.seconds *= 0.98 + 0.04 * static_cast<double>(random() % 1000) / 1000;
    if (disturbed && index % disturbed == 0)
      sample.seconds *= 3;
    samples.push_back(std::move(sample));
  }
  return samples;
}

} // namespace

TEST(StepCostTest, IsFoundWhateverDisturbsAFewSteps) {
  for (int disturbed : {0, 10, 4}) {
    StepCost cost = fitStepCost(samplesOf(4e-3, {2e-5, 5e-6}, disturbed));
    ASSERT_EQ(cost.perRow.size(), 2u);
    EXPECT_NEAR(cost.perRow[0], 2e-5, 2e-6) << disturbed;
    EXPECT_NEAR(cost.perRow[1], 5e-6, 2e-6) << disturbed;
    std::vector<int64_t> rows{100000, 90000};
    EXPECT_NEAR(cost.secondsOf(100, rows), 0.4 + 2 + 0.45, 0.06) << disturbed;
  }
}

TEST(StepCostTest, RowsThatNeverChangeCountAsTheyAre) {
  std::vector<StepSample> samples = samplesOf(1e-3, {3e-5}, 0);
  for (StepSample &sample : samples)
    sample.rows.insert(sample.rows.end(), {600, 0});
  StepCost cost = fitStepCost(samples);
  EXPECT_NEAR(cost.secondsOf(10, std::vector<int64_t>{9000, 6000, 0}),
              0.01 + 0.27, 0.005);
}

TEST(StepCostTest, HasNoNegativePart) {
  std::vector<StepSample> samples{
      {{100}, 0.010}, {{200}, 0.008}, {{300}, 0.006}};
  StepCost cost = fitStepCost(samples);
  EXPECT_EQ(cost.perRow, std::vector<double>{0.0});
  EXPECT_NEAR(cost.perStep, 0.008, 1e-4);
  EXPECT_EQ(fitStepCost({}).secondsOf(5, {}), 0.0);
}

namespace {

SweepPoint pointOf(double seconds, int64_t hits = 0) {
  SweepPoint point;
  point.seconds = seconds;
  point.epoch.reuse.hits = hits;
  point.epoch.reuse.outOfBatchReads = 1000;
  return point;
}

} // namespace

TEST(RecommendationTest, IsTheFirstBeyondWhichMoreSavesLittle) {
  using Points = std::vector<SweepPoint>;
  EXPECT_EQ(recommendPoint(Points{pointOf(3)}, true), 0u);
  EXPECT_EQ(recommendPoint(Points{pointOf(3), pointOf(2.9)}, true), 0u);
  EXPECT_EQ(recommendPoint(Points{pointOf(3), pointOf(2.8)}, true), 1u);
  // Small steps add up, and a detour is none.
  EXPECT_EQ(
      recommendPoint(
          Points{pointOf(3), pointOf(2.95), pointOf(2.9), pointOf(2.84)}, true),
      1u);
  EXPECT_EQ(recommendPoint(Points{pointOf(3), pointOf(3.5), pointOf(2)}, true),
            2u);
  EXPECT_EQ(recommendPoint(Points{pointOf(3), pointOf(2), pointOf(2.5)}, true),
            1u);
}

TEST(RecommendationTest, GoesByReadsWhereAMissIsZeros) {
  std::vector<SweepPoint> points{pointOf(3, 0), pointOf(3, 400),
                                 pointOf(3, 860), pointOf(1, 900)};
  EXPECT_EQ(recommendPoint(points, false), 2u);
}
