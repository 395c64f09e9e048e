//===- GradientStepTest.cpp - Training steps in two parts -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StepRun.h"

#include "runtime/Train/Manifest.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

using namespace orcinus;
using namespace orcinus::test;

namespace {

constexpr int64_t batchSize = 30;
constexpr int batches = 6;

std::shared_ptr<const CompiledModel> compileSteps(CompileOptions options) {
  options.functions = {"train", "gradient", "apply"};
  options.threads = 1;
  return compileForTest(options);
}

/// Trains by `train` and by `gradient` and `apply`, which must agree in every
/// bit: they are the same operations in the same order.
void expectSameTraining(const CompileOptions &options,
                        std::shared_ptr<const EventStream> stream) {
  auto model = compileSteps(options);
  ASSERT_TRUE(model);
  StepRun whole(stream, model), parts(stream, model);
  std::vector<float> initial = StepRun::valuesOf(whole.state.parameters);
  for (int batch = 0; batch != batches; ++batch) {
    whole.run("train", batch * batchSize, batchSize, batch + 1);
    std::vector<float> before = StepRun::valuesOf(parts.state.parameters);
    parts.run("gradient", batch * batchSize, batchSize, batch + 1);
    EXPECT_EQ(StepRun::valuesOf(parts.state.parameters), before);
    EXPECT_EQ(whole.loss, parts.loss);
    parts.run("apply", 0, 0, batch + 1);
    ASSERT_EQ(StepRun::valuesOf(whole.state.parameters),
              StepRun::valuesOf(parts.state.parameters))
        << options.model << ", batch " << batch;
    EXPECT_EQ(StepRun::valuesOf(whole.state.nodeRows),
              StepRun::valuesOf(parts.state.nodeRows));
  }
  EXPECT_EQ(StepRun::valuesOf(whole.state.firstMoments),
            StepRun::valuesOf(parts.state.firstMoments));
  EXPECT_EQ(StepRun::valuesOf(whole.state.velocities),
            StepRun::valuesOf(parts.state.velocities));
  EXPECT_NE(StepRun::valuesOf(whole.state.parameters), initial);
}

TEST(GradientStepTest, TwoPartsAreTheWholeByAdam) {
  auto stream = smallStream(5, 0, 11);
  expectSameTraining(smallModel("tgn", 2, *stream, 0.3f), stream);
  expectSameTraining(smallModel("tgat", 2, *stream, 0.3f), stream);
}

TEST(GradientStepTest, TwoPartsAreTheWholeByOtherOptimizers) {
  auto stream = smallStream(5, 0, 11);
  CompileOptions options = smallModel("tgn", 1, *stream);
  options.optimizer = "adamw";
  options.clip = 0.05;
  expectSameTraining(options, stream);
  options.optimizer = "sgd";
  options.momentum = 0.9;
  options.nesterov = true;
  options.weightDecay = 0.1;
  expectSameTraining(options, stream);
}

TEST(GradientStepTest, TheStateIsWhatTheOptimizerNeeds) {
  auto stream = smallStream(0, 0, 11);
  CompileOptions options = smallModel("tgat", 1, *stream);
  options.optimizer = "sgd";
  {
    StepRun run(stream, compileSteps(options));
    EXPECT_TRUE(run.state.firstMoments.empty());
    EXPECT_TRUE(run.state.secondMoments.empty());
    EXPECT_TRUE(run.state.velocities.empty());
  }
  options.momentum = 0.9;
  StepRun run(stream, compileSteps(options));
  EXPECT_TRUE(run.state.firstMoments.empty());
  EXPECT_EQ(run.state.velocities.size(), run.state.gradients.size());
  EXPECT_LT(run.state.velocities.size(), run.state.parameters.size());
}

/// What the text says counts, and options override it where they are given.
TEST(GradientStepTest, TheTextSaysItsOptimizer) {
  auto stream = smallStream(0, 0, 11);
  CompileOptions options = smallModel("tgat", 1, *stream);
  std::string text = compileForTest(options)->modelText();
  size_t body = text.find("sampling(recent)");
  ASSERT_NE(body, std::string::npos);
  body = text.find('{', body);
  text.insert(body, "optimizer <adamw, learning_rate = 0.5, clip = 2> ");
  options.modelText = text;
  auto manifestOf = [&] {
    return *parseManifest(compileForTest(options)->manifest());
  };
  auto has = [](const Manifest &manifest, const char *part) {
    return manifest.optimizer.find(part) != std::string::npos;
  };
  Manifest own = manifestOf();
  EXPECT_TRUE(has(own, "adamw") && has(own, "2.0")) << own.optimizer;
  EXPECT_EQ(own.learningRate, 0.5);
  options.clip = 3;
  EXPECT_TRUE(has(manifestOf(), "3.0"));
  EXPECT_EQ(manifestOf().learningRate, 0.5);
  options.optimizer = "sgd";
  EXPECT_TRUE(has(manifestOf(), "sgd"));
  EXPECT_EQ(manifestOf().learningRate, 1e-4);
}

/// Without states and dropout, the gradient of a batch is the mean of those of
/// its halves.
TEST(GradientStepTest, GradientsOfHalvesAddUp) {
  auto stream = smallStream(5, 0, 11);
  auto model = compileSteps(smallModel("tgat", 2, *stream));
  ASSERT_TRUE(model);
  StepRun whole(stream, model), halves(stream, model);
  for (int batch = 0; batch != batches; ++batch) {
    int64_t first = batch * batchSize, half = batchSize / 2;
    whole.run("train", first, batchSize, batch + 1);
    halves.run("gradient", first, half, batch + 1);
    std::vector<float> sum = StepRun::valuesOf(halves.state.gradients);
    halves.run("gradient", first + half, half, batch + 1);
    const float *other = sum.data();
    for (FloatArray &each : halves.state.gradients)
      for (float &value : each.values())
        value = 0.5f * (value + *other++);
    if (batch == 0) {
      std::vector<float> mean = StepRun::valuesOf(halves.state.gradients);
      StepRun once(stream, model);
      once.run("gradient", first, batchSize, 1);
      std::vector<float> exact = StepRun::valuesOf(once.state.gradients);
      ASSERT_EQ(exact.size(), mean.size());
      for (size_t at = 0; at != mean.size(); ++at)
        EXPECT_NEAR(mean[at], exact[at], 1e-6);
    }
    halves.run("apply", 0, 0, batch + 1);
  }
  // Adam makes much of gradients that are almost zero.
  std::vector<float> expected = StepRun::valuesOf(whole.state.parameters);
  std::vector<float> actual = StepRun::valuesOf(halves.state.parameters);
  int64_t far = 0;
  for (size_t at = 0; at != expected.size(); ++at)
    far += std::abs(expected[at] - actual[at]) > 1e-3;
  EXPECT_LE(far, static_cast<int64_t>(expected.size() / 100));
}

} // namespace
