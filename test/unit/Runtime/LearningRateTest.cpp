//===- LearningRateTest.cpp - The learning rate of each step --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/LearningRate.h"

#include <gtest/gtest.h>

#include <functional>

using namespace orcinus;

namespace {

TEST(LearningRateTest, ConstantIsTheRateItself) {
  TrainOptions options;
  EXPECT_EQ(learningRateAt(options, 0.3, 0, 10), 0.3);
  options.schedule = "constant";
  EXPECT_EQ(learningRateAt(options, 0.3, 1000, 10), 0.3);
}

TEST(LearningRateTest, WarmUpGrowsLinearlyUpToTheSchedule) {
  TrainOptions options;
  options.warmupSteps = 4;
  for (int step = 0; step != 4; ++step)
    EXPECT_DOUBLE_EQ(learningRateAt(options, 2, step, 10), 0.5 * (step + 1));
  EXPECT_EQ(learningRateAt(options, 2, 4, 10), 2);
}

TEST(LearningRateTest, CosineGoesDownToTheEnd) {
  TrainOptions options;
  options.schedule = "cosine";
  options.warmupSteps = 2;
  EXPECT_DOUBLE_EQ(learningRateAt(options, 2, 2, 12), 2);
  EXPECT_NEAR(learningRateAt(options, 2, 7, 12), 1, 1e-12);
  EXPECT_NEAR(learningRateAt(options, 2, 12, 12), 0, 1e-12);
  options.decaySteps = 4;
  options.decayFactor = 0.25;
  EXPECT_NEAR(learningRateAt(options, 2, 4, 12), 1.25, 1e-12);
  EXPECT_DOUBLE_EQ(learningRateAt(options, 2, 6, 12), 0.5);
  EXPECT_DOUBLE_EQ(learningRateAt(options, 2, 600, 12), 0.5);
}

TEST(LearningRateTest, StepMultipliesAtEachChange) {
  TrainOptions options;
  options.schedule = "step";
  options.decaySteps = 3;
  EXPECT_DOUBLE_EQ(learningRateAt(options, 2, 2, 12), 2);
  EXPECT_DOUBLE_EQ(learningRateAt(options, 2, 3, 12), 0.2);
  options.decayFactor = 0.5;
  EXPECT_DOUBLE_EQ(learningRateAt(options, 2, 8, 12), 0.5);
}

TEST(LearningRateTest, RejectsWhatIsNoSchedule) {
  auto message = [](const std::function<void(TrainOptions &)> &change) {
    TrainOptions options;
    change(options);
    return checkSchedule(options).message();
  };
  auto has = [](const std::string &text, const char *part) {
    return text.find(part) != std::string::npos;
  };
  EXPECT_EQ(message([](TrainOptions &) {}), "");
  EXPECT_TRUE(has(message([](auto &each) { each.schedule = "linear"; }),
                  "no learning-rate schedule 'linear'"));
  EXPECT_TRUE(has(message([](auto &each) { each.warmupSteps = -1; }),
                  "warm-up steps is -1"));
  EXPECT_TRUE(has(message([](auto &each) { each.schedule = "step"; }),
                  "needs a number of decay steps"));
  EXPECT_TRUE(has(message([](auto &each) { each.decaySteps = 0; }),
                  "decay steps is 0"));
  EXPECT_TRUE(has(message([](auto &each) { each.decaySteps = 5; }),
                  "for the schedules"));
  EXPECT_TRUE(
      has(message([](auto &each) { each.decayFactor = 1.5; }), "from 0 to 1"));
}

} // namespace
