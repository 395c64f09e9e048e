//===- TrainerTest.cpp - Training with a model compiled by hand -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Trainer.h"

#include "FakeModel.h"
#include "orcinus/Evaluation/Protocol.h"
#include "orcinus/Graph/Generator.h"
#include "orcinus/Support/Processors.h"
#include "runtime/Train/BatchRunner.h"
#include "runtime/Train/RunPosition.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cmath>
#include <filesystem>
#include <sched.h>
#include <unistd.h>

using namespace orcinus;
using namespace orcinus::test;

namespace {

std::shared_ptr<const EventStream> makeStream(int64_t events = 6000,
                                              uint64_t seed = 1) {
  GeneratorOptions options;
  options.nodes = 200;
  options.events = events;
  options.seed = seed;
  auto stream = generateEventStream(options);
  EXPECT_TRUE(stream.ok()) << stream.message();
  return std::make_shared<EventStream>(std::move(*stream));
}

TrainOptions fastOptions() {
  TrainOptions options;
  options.epochs = 3;
  options.learningRate = 0.02;
  options.threads = 1;
  return options;
}

Trainer makeTrainer(const TrainOptions &options,
                    std::shared_ptr<const EventStream> stream = makeStream()) {
  auto trainer = Trainer::create(std::move(stream), makeFakeModel(), options);
  EXPECT_TRUE(trainer.ok()) << trainer.message();
  return std::move(*trainer);
}

std::vector<float> weightsOf(Trainer &trainer) {
  std::span<float> weights = trainer.parameter("weights");
  return {weights.begin(), weights.end()};
}

std::vector<float> embedAll(Trainer &trainer, int count = 200) {
  std::vector<int32_t> nodes(count);
  std::vector<double> times(count, 1e9);
  for (int node = 0; node != count; ++node)
    nodes[node] = node;
  std::vector<float> result(count * trainer.embeddingWidth());
  Status status = trainer.embed(nodes, times, result);
  EXPECT_TRUE(status.ok()) << status.message();
  return result;
}

TEST(TrainerTest, LearnsToRankEventsOverNegatives) {
  Trainer trainer = makeTrainer(fastOptions());
  auto report = trainer.train();
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_GT(report->test.averagePrecision, 0.6);
  EXPECT_GT(report->test.areaUnderCurve, 0.6);
  EXPECT_GE(report->bestEpoch, 1);
}

TEST(TrainerTest, LossFallsOverEpochs) {
  Trainer trainer = makeTrainer(fastOptions());
  auto first = trainer.trainEpoch();
  auto second = trainer.trainEpoch();
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_LT(second->trainLoss, first->trainLoss);
  EXPECT_EQ(first->epoch, 1);
  EXPECT_EQ(second->epoch, 2);
  ASSERT_EQ(first->rows.size(), 1u);
  // Every event is queried with both endpoints and a negative.
  EXPECT_GT(first->rows[0], 3 * 200 * (first->batches - 1));
}

TEST(TrainerTest, PreparingAheadChangesNothing) {
  TrainOptions options = fastOptions();
  Trainer ahead = makeTrainer(options);
  options.prepareAhead = false;
  Trainer inStep = makeTrainer(options);
  auto left = ahead.train(), right = inStep.train();
  ASSERT_TRUE(left.ok() && right.ok());
  EXPECT_EQ(left->test.averagePrecision, right->test.averagePrecision);
  EXPECT_EQ(weightsOf(ahead), weightsOf(inStep));
  EXPECT_EQ(embedAll(ahead), embedAll(inStep));
}

TEST(TrainerTest, StepsAreTheEpochTakenApart) {
  Trainer stepped = makeTrainer(fastOptions());
  Trainer whole = makeTrainer(fastOptions());
  int64_t batches = 1;
  double sum = 0;
  for (int64_t batch = 0; batch != batches; ++batch) {
    auto step = stepped.trainStep();
    ASSERT_TRUE(step.ok()) << step.message();
    EXPECT_EQ(step->batch, batch + 1);
    batches = step->batches;
    sum += step->loss;
  }
  auto left = stepped.trainEpoch(), right = whole.trainEpoch();
  ASSERT_TRUE(left.ok() && right.ok());
  EXPECT_NEAR(left->trainLoss, sum / batches, 1e-12);
  EXPECT_EQ(left->trainLoss, right->trainLoss);
  EXPECT_EQ(left->validation.averagePrecision,
            right->validation.averagePrecision);
  EXPECT_EQ(weightsOf(stepped), weightsOf(whole));
}

TEST(TrainerTest, EpochsBeginWithClearedStates) {
  TrainOptions options = fastOptions();
  options.learningRate = 0;
  Trainer trainer = makeTrainer(options);
  auto first = trainer.trainEpoch(), second = trainer.trainEpoch();
  ASSERT_TRUE(first.ok() && second.ok());
  // Validation has the same negatives each time.
  EXPECT_EQ(first->validation.averagePrecision,
            second->validation.averagePrecision);
}

TEST(TrainerTest, ANewRunMayStartFromTheBestParameters) {
  CheckpointOptions checkpoints;
  checkpoints.directory =
      testing::TempDir() + "orcinus-start-" + std::to_string(getpid());
  std::filesystem::remove_all(checkpoints.directory);
  checkpoints.startFromBest = true;
  EXPECT_FALSE(makeTrainer(fastOptions()).train(checkpoints).ok());
  checkpoints.startFromBest = false;
  Trainer first = makeTrainer(fastOptions());
  ASSERT_TRUE(first.train(checkpoints).ok());

  // On a longer stream, and learning nothing.
  TrainOptions options = fastOptions();
  options.learningRate = 0;
  options.epochs = 1;
  Trainer second = makeTrainer(options, makeStream(7000));
  EXPECT_NE(weightsOf(second), weightsOf(first));
  EXPECT_FALSE(second.train(checkpoints).ok());
  checkpoints.startFromBest = true;
  auto report = second.train(checkpoints);
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_EQ(weightsOf(second), weightsOf(first));
  // The checkpoint is now the second run's.
  Trainer resumed = makeTrainer(options, makeStream(7000));
  EXPECT_TRUE(resumed.load(checkpoints.directory).ok());
  EXPECT_FALSE(makeTrainer(fastOptions()).load(checkpoints.directory).ok());
  std::filesystem::remove_all(checkpoints.directory);
}

TEST(TrainerTest, StopsWhenPatienceEnds) {
  TrainOptions options = fastOptions();
  options.learningRate = 0;
  options.epochs = 50;
  options.patience = 3;
  Trainer trainer = makeTrainer(options);
  struct Count : TrainingObserver {
    int epochs = 0;
    void onEpoch(const EpochReport &) override { ++epochs; }
  } count;
  auto report = trainer.train({}, {}, &count);
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_EQ(report->bestEpoch, 1);
  EXPECT_EQ(count.epochs, 4);
}

/// DyGLib takes an epoch as the best where AP and AUC are at least those of the
/// best so far, so that epochs which change nothing are better and better.
TEST(TrainerTest, StopsAsTheProtocolDoes) {
  TrainOptions options = fastOptions();
  options.protocol = "dyglib";
  options.learningRate = 0;
  options.epochs = 6;
  options.patience = 3;
  auto report = makeTrainer(options).train();
  ASSERT_TRUE(report.ok()) << report.message();
  EXPECT_EQ(report->bestEpoch, 6);
}

TEST(RunPositionTest, TheBestEpochIsChosenByOneFigureOrBoth) {
  RunPosition position;
  RankingMetrics none{NAN, NAN, NAN, NAN};
  for (bool byBoth : {false, true}) {
    position.bestEpoch = 0;
    EXPECT_TRUE(position.isBest({0, 0, 0, 0}, byBoth));
    position.bestEpoch = 1;
    position.bestAveragePrecision = 0.8;
    position.bestAreaUnderCurve = 0.7;
    EXPECT_TRUE(position.isBest({0.81, 0.7, 0, 0}, byBoth));
    EXPECT_EQ(position.isBest({0.81, 0.69, 0, 0}, byBoth), !byBoth);
    EXPECT_EQ(position.isBest({0.8, 0.7, 0, 0}, byBoth), byBoth);
    EXPECT_FALSE(position.isBest({0.79, 0.9, 0, 0}, byBoth));
    EXPECT_TRUE(position.isBest(none, byBoth));
  }
  position.bestAreaUnderCurve = NAN;
  EXPECT_TRUE(position.isBest({0.8, 0.1, 0, 0}, true));
}

TEST(TrainerTest, EmbedChangesNothingAndChunksAlike) {
  TrainOptions options = fastOptions();
  Trainer trainer = makeTrainer(options);
  ASSERT_TRUE(trainer.trainEpoch().ok());
  std::vector<float> before = embedAll(trainer);
  EXPECT_EQ(before, embedAll(trainer));
  options.batchSize = 7;
  std::vector<int32_t> node{3};
  std::vector<double> time{1e9};
  std::vector<float> row(3);
  ASSERT_TRUE(trainer.embed(node, time, row).ok());
  EXPECT_EQ(row, std::vector<float>(before.begin() + 9, before.begin() + 12));
}

TEST(TrainerTest, TrainsOnTheSplitOfAProtocol) {
  auto stream = makeStream();
  for (const char *name : {"orca", "dyglib", "tgb"}) {
    ProtocolOptions choice;
    choice.kind = *parseProtocol(name);
    auto protocol = Protocol::create(*stream, choice);
    ASSERT_TRUE(protocol.ok()) << protocol.message();
    TrainOptions options = fastOptions();
    options.protocol = name;
    // A batch of one event counts the events.
    options.batchSize = 1;
    auto step = makeTrainer(options, stream).trainStep();
    ASSERT_TRUE(step.ok()) << step.message();
    EXPECT_EQ(step->batches, std::ssize(protocol->split().train)) << name;
  }
  TrainOptions options;
  options.protocol = "ogb";
  EXPECT_EQ(Trainer::create(stream, makeFakeModel(), options).message(),
            "there is no protocol 'ogb'; use orca, dyglib or tgb");
}

TEST(TrainerTest, RejectsBadQueries) {
  Trainer trainer = makeTrainer(fastOptions());
  std::vector<float> row(3);
  std::vector<double> time{1.0}, infinite{INFINITY};
  std::vector<int32_t> node{0}, outside{200}, negative{-1};
  EXPECT_FALSE(trainer.embed(outside, time, row).ok());
  EXPECT_FALSE(trainer.embed(negative, time, row).ok());
  EXPECT_FALSE(trainer.embed(node, infinite, row).ok());
  EXPECT_FALSE(trainer.embed(node, time, std::span(row).first(2)).ok());
  EXPECT_TRUE(trainer.embed(node, time, row).ok());
}

TEST(TrainerTest, RejectsBadOptions) {
  auto rejects = [](auto change, const char *word) {
    TrainOptions options;
    change(options);
    auto trainer = Trainer::create(makeStream(100), makeFakeModel(), options);
    ASSERT_FALSE(trainer.ok());
    EXPECT_NE(trainer.message().find(word), std::string::npos)
        << trainer.message();
  };
  rejects([](TrainOptions &each) { each.batchSize = 0; }, "batch size");
  rejects([](TrainOptions &each) { each.epochs = -1; }, "epochs");
  rejects([](TrainOptions &each) { each.learningRate = NAN; }, "learning rate");
  rejects([](TrainOptions &each) { each.threads = -2; }, "threads");
  rejects([](TrainOptions &each) { each.patience = -1; }, "patience");
}

TEST(TrainerTest, SaysThatTheLossIsNotFinite) {
  Trainer trainer = makeTrainer(fastOptions());
  trainer.parameter("weights")[0] = NAN;
  auto step = trainer.trainStep();
  ASSERT_FALSE(step.ok());
  EXPECT_NE(step.message().find("not finite"), std::string::npos);
}

TEST(TrainerTest, ReplayedTestRanksAsWell) {
  Trainer trainer = makeTrainer(fastOptions());
  ASSERT_TRUE(trainer.train().ok());
  auto replayed = trainer.replayAndTest();
  ASSERT_TRUE(replayed.ok()) << replayed.message();
  EXPECT_GT(replayed->averagePrecision, 0.6);
}

TEST(TrainerTest, TestsOnlyAfterAnEpoch) {
  Trainer trainer = makeTrainer(fastOptions());
  EXPECT_FALSE(trainer.test().ok());
}

/// Batches are sampled by as many threads as steps are computed by.
TEST(BatchRunnerTest, SamplesWithTheRunsThreads) {
  auto stream = makeStream(100);
  TemporalGraph graph = TemporalGraph::build(*stream, {}, 1);
  std::vector<int32_t> events = {3, 4, 5};
  NegativeSampler negatives(*stream, events, 1);
  BatchSequence sequence;
  sequence.events = events;
  sequence.batchSize = 2;
  sequence.graph = &graph;
  sequence.negatives = &negatives;
  IndexState index(stream->nodeCount);
  PrepareWorker worker;
  Arena arena;
  BatchRunner runner(*stream, index, {}, {}, {}, worker, arena, /*threads=*/3);
  BatchContents contents;
  EXPECT_EQ(runner.inputOf(sequence, 0, contents).threads, 3);
}

/// Machines of any size, as sched_getaffinity tells of them.
TEST(ProcessorsTest, AreCountedBeyondOneSetOfThem) {
  for (int processors : {1, 1024, 1025, 5000, 200000}) {
    int count = countProcessors([&](size_t bytes, cpu_set_t *set) {
      if (bytes * 8 < size_t(processors)) {
        errno = EINVAL;
        return -1;
      }
      CPU_ZERO_S(bytes, set);
      for (int each = 0; each != processors; ++each)
        CPU_SET_S(each, bytes, set);
      return 0;
    });
    EXPECT_EQ(count, processors);
  }
  auto refuse = [](size_t, cpu_set_t *) {
    errno = EPERM;
    return -1;
  };
  EXPECT_EQ(countProcessors(refuse), 0);
  EXPECT_GE(usableProcessors(), 1);
}

} // namespace
