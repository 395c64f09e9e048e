//===- RunTest.cpp - Runs of real models ----------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModel.h"

#include "orcinus/Graph/Loader.h"
#include "test/unit/TestData.h"
#include "test/unit/TestStreams.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

using namespace orcinus;
using namespace orcinus::test;

namespace {

TrainOptions fastRun(int threads = 2) {
  TrainOptions options;
  options.epochs = 2;
  options.learningRate = 1e-3;
  options.threads = threads;
  options.batchSize = 100;
  options.seed = 3;
  return options;
}

/// Of a model with states and of one with mailboxes.
class RunTest : public testing::TestWithParam<std::string> {
protected:
  std::shared_ptr<const EventStream> stream = generatedStream(150, 2000);
  std::shared_ptr<const CompiledModel> model = compileForTest(
      smallModel(GetParam(), GetParam() == "tgn" ? 2 : 0, *stream, 0.4f));
};

TEST_P(RunTest, SameSeedAndThreadsGiveTheSameBits) {
  for (int threads : {1, 2}) {
    Trainer one = makeTrainer(stream, model, fastRun(threads));
    Trainer other = makeTrainer(stream, model, fastRun(threads));
    EXPECT_EQ(allParameters(one), allParameters(other));
    std::vector<float> initial = allParameters(one);
    for (int epoch = 0; epoch < 2; ++epoch) {
      auto left = one.trainEpoch(), right = other.trainEpoch();
      ASSERT_TRUE(left.ok() && right.ok());
      EXPECT_EQ(left->trainLoss, right->trainLoss);
      EXPECT_EQ(left->validation.averagePrecision,
                right->validation.averagePrecision);
    }
    EXPECT_EQ(allParameters(one), allParameters(other));
    EXPECT_NE(allParameters(one), initial);
  }
}

TEST_P(RunTest, PreparingAheadChangesNoBit) {
  TrainOptions behind = fastRun();
  behind.prepareAhead = false;
  Trainer one = makeTrainer(stream, model, fastRun());
  Trainer other = makeTrainer(stream, model, behind);
  ASSERT_TRUE(one.trainEpoch().ok());
  ASSERT_TRUE(other.trainEpoch().ok());
  EXPECT_EQ(allParameters(one), allParameters(other));
}

TEST_P(RunTest, AnotherSeedGivesAnotherRun) {
  TrainOptions options = fastRun();
  options.seed = 4;
  Trainer one = makeTrainer(stream, model, fastRun());
  Trainer other = makeTrainer(stream, model, options);
  EXPECT_NE(allParameters(one), allParameters(other));
}

TEST_P(RunTest, ResumesInTheMiddleOfAnEpochBitwise) {
  std::string folder =
      testing::TempDir() + "orcinus-resume-" + std::to_string(getpid());
  std::filesystem::remove_all(folder);
  Trainer whole = makeTrainer(stream, model, fastRun());
  Trainer first = makeTrainer(stream, model, fastRun());
  ASSERT_TRUE(whole.trainEpoch().ok());
  ASSERT_TRUE(first.trainEpoch().ok());
  for (int step = 0; step < 5; ++step) {
    ASSERT_TRUE(whole.trainStep().ok());
    ASSERT_TRUE(first.trainStep().ok());
  }
  Status saved = first.save(folder);
  ASSERT_TRUE(saved.ok()) << saved.message();

  Trainer second = makeTrainer(stream, model, fastRun());
  EXPECT_NE(allParameters(second), allParameters(first));
  Status loaded = second.load(folder);
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(allParameters(second), allParameters(whole));
  auto expected = whole.trainStep(), actual = second.trainStep();
  ASSERT_TRUE(expected.ok() && actual.ok());
  EXPECT_EQ(actual->epoch, 2);
  EXPECT_EQ(actual->batch, 6);
  EXPECT_EQ(actual->loss, expected->loss);
  auto left = whole.trainEpoch(), right = second.trainEpoch();
  ASSERT_TRUE(left.ok() && right.ok());
  EXPECT_EQ(left->trainLoss, right->trainLoss);
  EXPECT_EQ(left->validation.averagePrecision,
            right->validation.averagePrecision);
  EXPECT_EQ(left->validation.inductiveAreaUnderCurve,
            right->validation.inductiveAreaUnderCurve);
  EXPECT_EQ(allParameters(second), allParameters(whole));
  auto test = whole.test(), resumed = second.test();
  ASSERT_TRUE(test.ok() && resumed.ok());
  EXPECT_EQ(test->test.averagePrecision, resumed->test.averagePrecision);
  EXPECT_EQ(test->bestEpoch, resumed->bestEpoch);
}

/// Asks for an end after some batches of training.
class StopAfter : public TrainingObserver {
public:
  explicit StopAfter(int64_t batches) : left(batches) {}
  void onBatch(const Progress &progress) override {
    left -= progress.phase == Progress::Phase::Train;
  }
  // Asked before the batch is reported that it is about.
  bool wantsStop() override { return left <= 1; }

private:
  int64_t left;
};

TEST_P(RunTest, StopsBetweenTwoBatchesAndGoesOn) {
  Trainer whole = makeTrainer(stream, model, fastRun());
  Trainer stopped = makeTrainer(stream, model, fastRun());
  StopAfter observer(5);
  auto first = stopped.trainEpoch(&observer);
  ASSERT_FALSE(first.ok());
  EXPECT_EQ(first.code(), StatusCode::Interrupted);
  EXPECT_NE(first.message().find("stopped in epoch 1 after batch 5 of "),
            std::string::npos)
      << first.message();
  auto left = whole.trainEpoch(), right = stopped.trainEpoch();
  ASSERT_TRUE(left.ok() && right.ok()) << right.message();
  EXPECT_EQ(left->trainLoss, right->trainLoss);
  EXPECT_EQ(allParameters(whole), allParameters(stopped));
}

TEST_P(RunTest, AStoppedRunIsInItsCheckpoint) {
  CheckpointOptions kept;
  kept.directory =
      testing::TempDir() + "orcinus-stopped-" + std::to_string(getpid());
  std::filesystem::remove_all(kept.directory);
  Trainer whole = makeTrainer(stream, model, fastRun());
  Trainer stopped = makeTrainer(stream, model, fastRun());
  Trainer resumed = makeTrainer(stream, model, fastRun());
  auto expected = whole.train();
  StopAfter observer(7);
  auto first = stopped.train(kept, {}, &observer);
  EXPECT_EQ(first.code(), StatusCode::Interrupted);
  EXPECT_NE(first.message().find("'" + kept.directory + "' has it"),
            std::string::npos)
      << first.message();
  kept.resume = true;
  auto actual = resumed.train(kept);
  std::filesystem::remove_all(kept.directory);
  ASSERT_TRUE(expected.ok() && actual.ok()) << actual.message();
  EXPECT_EQ(actual->test.averagePrecision, expected->test.averagePrecision);
  EXPECT_EQ(allParameters(whole), allParameters(resumed));
}

TEST_P(RunTest, ArraysShowParametersAndStates) {
  Trainer trainer = makeTrainer(stream, model, fastRun());
  ASSERT_TRUE(trainer.trainEpoch().ok());
  for (const NamedArray &array : trainer.parameters()) {
    int64_t size = 1;
    for (int64_t extent : array.shape)
      size *= extent;
    EXPECT_EQ(std::ssize(array.values), size);
    EXPECT_EQ(array.values.data(), trainer.parameter(array.name).data());
  }
  EXPECT_EQ(trainer.parameters().size(), trainer.parameterNames().size());
  ASSERT_FALSE(trainer.nodeRows().empty());
  for (const NamedArray &array : trainer.nodeRows()) {
    EXPECT_EQ(array.shape.front(), stream->nodeCount) << array.name;
    EXPECT_EQ(std::ssize(array.values) % stream->nodeCount, 0);
  }
}

TEST(LearningTest, TgnLearnsASyntheticStream) {
  auto stream = generatedStream(150, 2000);
  auto model = compileForTest(smallModel("tgn", 2, *stream, 0.4f));
  TrainOptions options = fastRun();
  options.learningRate = 5e-3;
  Trainer trainer = makeTrainer(stream, model, options);
  auto first = trainer.trainEpoch();
  ASSERT_TRUE(first.ok());
  for (int epoch = 0; epoch < 2; ++epoch)
    ASSERT_TRUE(trainer.trainEpoch().ok());
  auto last = trainer.trainEpoch();
  ASSERT_TRUE(last.ok());
  EXPECT_LT(last->trainLoss, first->trainLoss);
  EXPECT_GT(last->validation.averagePrecision, 0.6);
}

INSTANTIATE_TEST_SUITE_P(Models, RunTest, testing::Values("tgn", "apan"),
                         [](const auto &info) { return info.param; });

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// The largest resident set so far, in KiB.
int64_t peakMemory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == "VmHWM:") {
      int64_t kibibytes = 0;
      status >> kibibytes;
      return kibibytes;
    }
  return 0;
}

struct PeakObserver : TrainingObserver {
  void onBatch(const Progress &progress) override {
    if (progress.batch == progress.batches / 4)
      early = peakMemory();
    if (progress.batch == progress.batches)
      late = peakMemory();
  }
  int64_t early = 0, late = 0;
};

TEST(MemoryRunTest, PeakMemoryDoesNotGrowWithTheBatches) {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "sanitizers keep memory of their own";
#endif
  auto longer = generatedStream(150, 60000);
  auto model = compileForTest(smallModel("tgn", 2, *longer, 0.4f));
  TrainOptions options = fastRun();
  options.trainFraction = 0.95;
  options.validationFraction = 0;
  Trainer trainer = makeTrainer(longer, model, options);
  PeakObserver observer;
  ASSERT_TRUE(trainer.trainEpoch(&observer).ok());
  ASSERT_GT(observer.early, 0);
  EXPECT_LT(observer.late - observer.early, 2048)
      << "KiB more after four times the batches";
}

//===----------------------------------------------------------------------===//
// Real data
//===----------------------------------------------------------------------===//

TEST(RealDataRunTest, OneEpochOfUciReachesTheKnownPrecision) {
  ORCINUS_REQUIRE_DATA("ml_uci.csv");
  auto loaded = loadEventStream(dataPath("ml_uci.csv"));
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  auto stream = std::make_shared<const EventStream>(std::move(loaded->stream));
  CompileOptions options;
  options.edgeFeatureColumns = stream->edgeFeatures.columns;
  options.nodeFeatureColumns = stream->nodeFeatures.columns;
  auto model = compileForTest(options);
  ASSERT_TRUE(model);
  Trainer trainer = makeTrainer(stream, model, TrainOptions());
  auto report = trainer.trainEpoch();
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_GE(report->validation.averagePrecision, 0.88);
  EXPECT_GE(report->validation.areaUnderCurve, 0.88);
}

} // namespace
