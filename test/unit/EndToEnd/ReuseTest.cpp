//===- ReuseTest.cpp - Reuse in training against the slow recursion -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReferenceRun.h"

#include "lib/Reference/Reuse.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <unistd.h>

using namespace orcinus;
using namespace orcinus::test;

namespace {

struct Instance {
  const char *model;
  int layers;
  const char *reuse;
  const char *share;
  /// Of the compiled run: the reference has no bound, and 0 is its age limit.
  int64_t capacity;
  int64_t maxAge;
};

void PrintTo(const Instance &instance, std::ostream *stream) {
  *stream << instance.model << " of " << instance.layers << " layers, "
          << instance.reuse << ", " << instance.share << ", capacity "
          << instance.capacity << ", age limit " << instance.maxAge;
}

CompileOptions reusingModel(const Instance &instance,
                            const EventStream &stream) {
  CompileOptions options = smallModel(instance.model, instance.layers, stream);
  options.reuse = instance.reuse;
  options.share = instance.share;
  options.capacity = instance.capacity;
  options.policy = "lru";
  options.maxAge = instance.maxAge;
  return options;
}

/// A small stream; with distinct times where embeddings are keyed by event, for
/// of events at one time in two batches the reference keeps more than a ring.
std::shared_ptr<const EventStream> streamFor(const std::string &model) {
  auto stream = smallStream(3, 0, 21);
  if (model == "tgn")
    return stream;
  auto distinct = std::make_shared<EventStream>(*stream);
  for (int64_t event = 0; event != distinct->eventCount(); ++event)
    distinct->time[event] += static_cast<double>(event) / 1024;
  return distinct;
}

class ReuseRunTest : public testing::TestWithParam<Instance> {};

TEST_P(ReuseRunTest, LossesAreTheRecursions) {
  const Instance &instance = GetParam();
  auto stream = streamFor(instance.model);
  ReferenceRun run(stream, reusingModel(instance, *stream));
  reference::ReuseOptions options;
  options.recompute = std::string(instance.reuse) == "recompute";
  options.causal = std::string(instance.share) == "causal";
  if (instance.maxAge >= 0)
    options.maxAge = instance.maxAge;
  if (instance.capacity == 0)
    options.maxAge = 0;
  reference::ReusingModel reference(*run.training, options);
  ASSERT_GE(run.batchCount(), 4);
  for (int64_t step = 0; step < run.batchCount() + 2; ++step) {
    int epoch = step / run.batchCount();
    if (step == run.batchCount()) {
      run.training->resetStates();
      reference.resetCaches();
    }
    run.takeParameters();
    reference::Batch batch = run.batchOf(epoch, step % run.batchCount());
    double expected = reference.loss(batch);
    auto report = run.trainer.trainStep();
    ASSERT_TRUE(report.ok()) << report.message();
    EXPECT_NEAR(report->loss, expected, 3e-5 * std::max(1.0, expected))
        << "step " << step;
    run.commit(batch);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Modes, ReuseRunTest,
    testing::Values(Instance{"tgn", 2, "push-pull", "paper", -1, -1},
                    Instance{"tgn", 2, "push-pull", "causal", -1, -1},
                    Instance{"tgn", 2, "push-pull", "paper", -1, 1},
                    Instance{"tgn", 3, "push-pull", "causal", -1, -1},
                    Instance{"tgn", 2, "recompute", "paper", -1, -1},
                    Instance{"tgn", 2, "recompute", "causal", -1, 2},
                    Instance{"tgn", 2, "recompute", "paper", 0, -1},
                    Instance{"tgn", 2, "recompute", "causal", 1000, -1},
                    Instance{"tgn", 3, "recompute", "paper", -1, 1},
                    Instance{"tgn", 3, "recompute", "causal", 0, -1},
                    Instance{"tgn", 4, "recompute", "paper", 1000, -1},
                    Instance{"tgat", 2, "push-pull", "paper", -1, -1},
                    Instance{"tgat", 3, "push-pull", "paper", -1, -1},
                    Instance{"tgat", 2, "recompute", "paper", 0, -1},
                    Instance{"tgat", 3, "recompute", "paper", 0, -1},
                    Instance{"tgat", 2, "recompute", "paper", -1, 1},
                    Instance{"tgat", 3, "recompute", "causal", 5000, -1}));

/// Whatever a cache forgets, embeddings keyed by event are exact as long as no
/// parameter changes.
TEST(EventKeyedReuseTest, IsExactWithoutLearning) {
  auto stream = smallStream(3, 4, 22);
  TrainOptions still = shortRun();
  still.learningRate = 0;
  auto lossesOf = [&](CompileOptions options) {
    Trainer trainer = makeTrainer(stream, compileForTest(options), still);
    std::vector<double> losses;
    for (int step = 0; step < 6; ++step) {
      auto report = trainer.trainStep();
      EXPECT_TRUE(report.ok()) << report.message();
      losses.push_back(report.ok() ? report->loss : 0);
    }
    return losses;
  };
  CompileOptions options = smallModel("tgat", 3, *stream);
  std::vector<double> exact = lossesOf(options);
  options.reuse = "push-pull";
  std::vector<std::vector<double>> reused = {lossesOf(options)};
  options.reuse = "recompute";
  for (const char *policy : {"mrd", "lru", "2q", "lfu", "fifo", "random"}) {
    options.policy = policy;
    options.capacity = 25;
    reused.push_back(lossesOf(options));
  }
  for (const std::vector<double> &losses : reused)
    for (size_t step = 0; step < losses.size(); ++step)
      EXPECT_NEAR(losses[step], exact[step], 1e-5) << "step " << step;
}

/// What a checkpoint does not hold, the state of policies and slots, comes back
/// by replaying the epoch's index work.
class ReuseResumeTest : public testing::TestWithParam<const char *> {};

TEST_P(ReuseResumeTest, ResumesInTheMiddleOfAnEpochBitwise) {
  auto stream = smallStream(0, 0, 23);
  CompileOptions options = smallModel("tgn", 3, *stream, 0.4f);
  options.reuse = "recompute";
  options.policy = GetParam();
  options.capacity = 8;
  options.maxAge = 3;
  auto model = compileForTest(options);
  std::string folder = testing::TempDir() + "orcinus-reuse-resume-" +
                       GetParam() + std::to_string(getpid());
  std::filesystem::remove_all(folder);
  Trainer whole = makeTrainer(stream, model, shortRun());
  ASSERT_TRUE(whole.trainEpoch().ok());
  for (int step = 0; step < 3; ++step)
    ASSERT_TRUE(whole.trainStep().ok());
  Status saved = whole.save(folder);
  ASSERT_TRUE(saved.ok()) << saved.message();
  Trainer resumed = makeTrainer(stream, model, shortRun());
  Status loaded = resumed.load(folder);
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  auto left = whole.trainEpoch(), right = resumed.trainEpoch();
  ASSERT_TRUE(left.ok() && right.ok());
  EXPECT_EQ(left->trainLoss, right->trainLoss);
  EXPECT_EQ(left->reuse, right->reuse);
  EXPECT_GT(left->reuse.hits, 0);
  EXPECT_GT(left->reuse.recomputed, 0);
  EXPECT_EQ(allParameters(whole), allParameters(resumed));
}

INSTANTIATE_TEST_SUITE_P(Policies, ReuseResumeTest,
                         testing::Values("mrd", "lru", "2q", "lfu", "fifo",
                                         "random"),
                         [](const testing::TestParamInfo<const char *> &info) {
                           return std::string("Policy_") + info.param;
                         });

} // namespace
