//===- ReuseTest.cpp - Reuse in training against the slow recursion -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../TestStreams.h"
#include "ReferenceRun.h"

#include "lib/Reference/Reuse.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>
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
  std::vector<double> times = secondsOf(*distinct);
  for (size_t event = 0; event != times.size(); ++event)
    times[event] += static_cast<double>(event) / 1024;
  distinct->setSeconds(times);
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
  options.separate = std::string(instance.share) == "separate";
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
                    Instance{"tgn", 2, "recompute", "separate", 0, -1},
                    Instance{"tgn", 2, "recompute", "separate", -1, -1},
                    Instance{"tgn", 2, "recompute", "separate", 1000, 2},
                    Instance{"tgn", 3, "recompute", "separate", -1, -1},
                    Instance{"tgn", 4, "recompute", "separate", 1000, -1},
                    Instance{"tgat", 2, "push-pull", "paper", -1, -1},
                    Instance{"tgat", 3, "push-pull", "paper", -1, -1},
                    Instance{"tgat", 2, "recompute", "paper", 0, -1},
                    Instance{"tgat", 3, "recompute", "paper", 0, -1},
                    Instance{"tgat", 2, "recompute", "paper", -1, 1},
                    Instance{"tgat", 3, "recompute", "causal", 5000, -1},
                    Instance{"tgat", 3, "recompute", "separate", -1, -1}));

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

namespace {

/// What a short run with `options` learns.
std::vector<float> learnt(const CompileOptions &options,
                          const std::shared_ptr<const EventStream> &stream) {
  Trainer trainer = makeTrainer(stream, compileForTest(options), shortRun());
  EXPECT_TRUE(trainer.trainEpoch().ok());
  return allParameters(trainer);
}

struct Defaults {
  const char *model;
  const char *reuse;
  std::optional<std::string> share;
  std::optional<int64_t> capacity;
  /// What they stand for.
  const char *wholeShare;
  int64_t wholeCapacity;
  bool blockGradient;
};

} // namespace

/// The defaults of what is not given: see CompileOptions::reuse.
TEST(ReuseDefaultsTest, AreThoseOfTheMode) {
  auto stream = smallStream(3, 0, 21);
  for (const Defaults &instance :
       {Defaults{"tgn", "push-pull", {}, {}, "paper", -1, true},
        {"tgn", "recompute", {}, {}, "separate", 0, false},
        {"tgn", "recompute", "separate", {}, "separate", 0, false},
        {"tgn", "recompute", "causal", {}, "causal", -1, true},
        {"tgn", "recompute", {}, 8, "paper", 8, true},
        {"tgat", "recompute", {}, {}, "paper", -1, true}}) {
    CompileOptions left = smallModel(instance.model, 3, *stream), right = left;
    left.reuse = right.reuse = instance.reuse;
    left.share = instance.share;
    left.capacity = instance.capacity;
    right.share = instance.wholeShare;
    right.capacity = instance.wholeCapacity;
    right.blockGradient = instance.blockGradient;
    EXPECT_EQ(learnt(left, stream), learnt(right, stream))
        << instance.model << ", " << instance.reuse;
    // So that a checkpoint of one is one of the other.
    std::string folder = testing::TempDir() + "orcinus-reuse-defaults-" +
                         std::to_string(getpid());
    std::filesystem::remove_all(folder);
    ASSERT_TRUE(makeTrainer(stream, compileForTest(right), shortRun())
                    .save(folder)
                    .ok());
    Status loaded =
        makeTrainer(stream, compileForTest(left), shortRun()).load(folder);
    EXPECT_TRUE(loaded.ok()) << loaded.message();
    std::filesystem::remove_all(folder);
    right.blockGradient = !instance.blockGradient;
    EXPECT_NE(learnt(left, stream), learnt(right, stream))
        << instance.model << ", " << instance.reuse;
  }
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

//===----------------------------------------------------------------------===//
// Staleness
//===----------------------------------------------------------------------===//

class Collector : public TrainingObserver {
public:
  void onStaleness(const StalenessReport &report) override {
    reports.push_back(report);
  }
  std::vector<StalenessReport> reports;
};

std::vector<StalenessReport>
measureRun(std::shared_ptr<const EventStream> stream, CompileOptions compile,
           TrainOptions options) {
  compile.measureStaleness = true;
  options.stalenessSamples = 4;
  Trainer trainer = makeTrainer(stream, compileForTest(compile), options);
  Collector collector;
  for (int epoch = 0; epoch != 2; ++epoch)
    EXPECT_TRUE(trainer.trainEpoch(&collector).ok());
  EXPECT_EQ(collector.reports.size(), 8u);
  return collector.reports;
}

class StalenessTest : public testing::TestWithParam<Instance> {};

TEST_P(StalenessTest, TheOutputErrorIsWithinTheBound) {
  auto stream = smallStream(3, 0, 24);
  CompileOptions options = reusingModel(GetParam(), *stream);
  for (const StalenessReport &report :
       measureRun(stream, options, shortRun())) {
    ASSERT_EQ(report.staleness.size(), size_t(*options.layers - 1));
    for (const ErrorSummary &layer : report.staleness) {
      EXPECT_GT(layer.mean, 0);
      EXPECT_GE(layer.largest, layer.mean);
    }
    EXPECT_GT(report.outputError.mean, 0);
    EXPECT_LE(report.outputError.largest, report.bound);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Modes, StalenessTest,
    testing::Values(Instance{"tgn", 2, "push-pull", "paper", -1, -1},
                    Instance{"tgn", 3, "push-pull", "causal", -1, -1},
                    Instance{"tgn", 2, "recompute", "causal", 8, -1},
                    Instance{"tgn", 3, "recompute", "paper", 8, 3},
                    Instance{"tgat", 3, "recompute", "paper", 300, -1}));

/// Embeddings keyed by event are stale by their parameters alone, and a batch
/// of one event shares no embedding of another time.
TEST(StalenessOracleTest, ThereIsNoneWhereReuseIsExact) {
  auto stream = streamFor("tgat");
  TrainOptions still = shortRun();
  still.learningRate = 0;
  auto expectExact = [](const std::vector<StalenessReport> &reports) {
    for (const StalenessReport &report : reports) {
      for (const ErrorSummary &layer : report.staleness)
        EXPECT_LT(layer.largest, 1e-4);
      EXPECT_LT(report.outputError.largest, 1e-4);
    }
  };
  expectExact(measureRun(
      stream, reusingModel({"tgat", 3, "push-pull", "paper", -1, -1}, *stream),
      still));
  TrainOptions single = shortRun();
  single.batchSize = 1;
  expectExact(measureRun(
      stream, reusingModel({"tgn", 3, "recompute", "causal", 0, -1}, *stream),
      single));
}

TEST(StalenessOracleTest, MeasuringChangesNoBit) {
  auto stream = smallStream(3, 0, 25);
  CompileOptions compile =
      reusingModel({"tgn", 2, "recompute", "paper", 6, -1}, *stream);
  Trainer plain = makeTrainer(stream, compileForTest(compile), shortRun());
  compile.measureStaleness = true;
  TrainOptions options = shortRun();
  options.stalenessSamples = 3;
  Trainer measured = makeTrainer(stream, compileForTest(compile), options);
  ASSERT_TRUE(plain.trainEpoch().ok());
  ASSERT_TRUE(measured.trainEpoch().ok());
  EXPECT_EQ(allParameters(plain), allParameters(measured));
}

TEST(StalenessOracleTest, NeedsAProgramThatMeasures) {
  auto stream = smallStream(0, 0, 26);
  CompileOptions compile = smallModel("tgn", 2, *stream);
  TrainOptions options = shortRun();
  options.stalenessSamples = 3;
  auto trainer = Trainer::create(stream, compileForTest(compile), options);
  EXPECT_EQ(trainer.message(), "the model was not compiled to measure the "
                               "staleness of reused embeddings");
  compile.measureStaleness = true;
  EXPECT_EQ(compileModel(compile).message(),
            "without reuse there is no staleness to measure: choose push-pull "
            "or recompute");
}

} // namespace
