//===- ShardReuseTest.cpp - Reuse of embeddings in shards -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ShardRuns.h"
#include "test/unit/Graph/TemporaryFolder.h"

using namespace orcinus;
using namespace orcinus::test;

namespace {

class ShardReuseTest : public ShardRuns,
                       public testing::WithParamInterface<Reuse> {};

TEST_P(ShardReuseTest, AnyNumberOfProcessesGivesTheSameBits) {
  stream = generatedStream(60, 1200);
  auto model = compileForTest(reusing(GetParam(), *stream, 0.2f));
  ASSERT_TRUE(model);
  expectTheSameOnAnyNumberOfProcesses(model);
  Outcome alone = train(model, 4, 1)[0];
  EXPECT_GT(alone.reuse.reads, 0);
  if (GetParam().capacity != 0)
    EXPECT_GT(alone.reuse.hits, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Modes, ShardReuseTest,
    testing::Values(Reuse{"tgn", "recompute", "paper", "mrd", -1, -1},
                    Reuse{"tgn", "recompute", "causal", "mrd", 20, -1},
                    Reuse{"tgn", "push-pull", "paper", "lru", 20, 3},
                    Reuse{"tgn", "push-pull", "causal", "2q", 15, -1},
                    Reuse{"tgn", "recompute", "paper", "random", 15, 2},
                    Reuse{"tgn", "recompute", "paper", "lfu", 0, -1},
                    Reuse{"tgat", "recompute", "paper", "mrd", -1, -1},
                    Reuse{"tgat", "push-pull", "paper", "fifo", 100, -1},
                    Reuse{"tgat", "recompute", "paper", "mrd", 200, 4}));

/// What tgat caches of an event is stale by the parameters alone: where these
/// stay, embeddings out of caches are those that are computed, whichever shard
/// computed them.
TEST_F(ShardRuns, CachesHoldWhatShardsComputed) {
  stream = generatedStream(60, 1200);
  TrainOptions still = options(4);
  still.learningRate = 0;
  for (const Reuse &reuse :
       {Reuse{"tgat", "recompute", "paper", "mrd", -1, -1},
        Reuse{"tgat", "recompute", "paper", "lru", 150, -1}}) {
    CompileOptions compiled = reusing(reuse, *stream, 0);
    auto reusingModel = compileForTest(compiled);
    compiled.reuse = "none";
    auto exactModel = compileForTest(compiled);
    ASSERT_TRUE(reusingModel && exactModel);
    Trainer caching = makeTrainer(stream, reusingModel, still);
    Trainer exact = makeTrainer(stream, exactModel, still);
    SCOPED_TRACE(testing::PrintToString(reuse));
    expectNearLosses(caching, exact, 8, 1e-5);
  }
}

/// Checkpoints hold no index of caches: it is made again, by all together.
TEST_F(ShardRuns, CachesAreMadeAgainInTheMiddleOfAnEpoch) {
  stream = generatedStream(60, 1200);
  TemporaryFolder folder;
  auto model = compileForTest(
      reusing({"tgn", "recompute", "paper", "lru", 25, -1}, *stream, 0.2f));
  ASSERT_TRUE(model);
  auto steps = [&](Trainer &trainer, int count) {
    for (int step = 0; step != count; ++step)
      ASSERT_TRUE(trainer.trainStep().ok());
  };
  Trainer whole = makeTrainer(stream, model, options(4));
  steps(whole, 7);
  Trainer first = makeTrainer(stream, model, options(4));
  steps(first, 4);
  ASSERT_TRUE(first.save(folder.path("run")).ok());
  std::vector<std::vector<float>> reached(2);
  forAllProcesses(2, [&](int rank, std::shared_ptr<Communicator> own) {
    auto second = Trainer::create(stream, model, options(4), nullptr, own);
    ASSERT_TRUE(second.ok()) << second.message();
    Status loaded = second->load(folder.path("run"));
    ASSERT_TRUE(loaded.ok()) << loaded.message();
    steps(*second, 3);
    reached[rank] = allParameters(*second);
  });
  for (const std::vector<float> &parameters : reached)
    EXPECT_EQ(parameters, allParameters(whole));
}

/// The epochs at the end that reuse nothing are cut alike.
TEST_F(ShardRuns, ExactEpochsAreTheSameOnAnyNumberOfProcesses) {
  stream = generatedStream(60, 1200);
  CompileOptions compiled =
      reusing({"tgn", "push-pull", "paper", "mrd", -1, -1}, *stream, 0.2f);
  compiled.exactEpochs = 1;
  auto model = compileForTest(compiled);
  ASSERT_TRUE(model);
  std::vector<double> precisions;
  for (int processes : {1, 2}) {
    std::vector<double> ofAll(processes);
    forAllProcesses(processes, [&](int rank, auto own) {
      TrainOptions chosen = options(2);
      chosen.epochs = 1;
      auto trainer = Trainer::create(stream, model, chosen, nullptr, own);
      ASSERT_TRUE(trainer.ok()) << trainer.message();
      auto report = trainer->train();
      ASSERT_TRUE(report.ok()) << report.message();
      ofAll[rank] = report->test.averagePrecision;
    });
    precisions.insert(precisions.end(), ofAll.begin(), ofAll.end());
  }
  EXPECT_EQ(precisions[0], precisions[1]);
  EXPECT_EQ(precisions[0], precisions[2]);
}

} // namespace
