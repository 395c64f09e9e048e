//===- ShardTest.cpp - Training in shards, on several processes -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ShardRuns.h"
#include "test/unit/Graph/TemporaryFolder.h"

#include <functional>
#include <string>
#include <utility>

using namespace orcinus;
using namespace orcinus::test;

namespace {

TEST_P(ShardTest, AnyNumberOfProcessesGivesTheSameBits) {
  auto model = compile(0.3f);
  ASSERT_TRUE(model);
  expectTheSameOnAnyNumberOfProcesses(model);
}

/// Without dropout a step in shards is that of the whole batch, up to rounding.
TEST_P(ShardTest, ShardsAreTheBatch) {
  auto model = compile(0);
  ASSERT_TRUE(model);
  for (int64_t shards : {2, 8}) {
    Trainer whole = makeTrainer(stream, model, options(std::nullopt));
    Trainer cut = makeTrainer(stream, model, options(shards));
    expectNearLosses(whole, cut, 5, 2e-5);
    std::vector<NamedArray> left = whole.nodeRows(), right = cut.nodeRows();
    for (size_t array = 0; array != left.size(); ++array)
      for (size_t index = 0; index != left[array].values.size(); ++index)
        ASSERT_NEAR(left[array].values[index], right[array].values[index], 2e-3)
            << left[array].name;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, ShardTest,
                         testing::Values("tgn", "tgat", "apan", "tpnet",
                                         "jodie"),
                         [](const auto &tested) { return tested.param; });

class DrawingShardTest : public ShardTest {};

/// Neighbours of what a batch leaves are drawn alike in every process.
TEST_P(DrawingShardTest, AnyNumberOfProcessesGivesTheSameBits) {
  auto model = compile(0.3f);
  ASSERT_TRUE(model);
  expectTheSameOnAnyNumberOfProcesses(model);
}

INSTANTIATE_TEST_SUITE_P(Models, DrawingShardTest, testing::Values("dyrep"),
                         [](const auto &tested) { return tested.param; });

class ShardRunTest : public ShardTest {};

/// A run goes on from its checkpoint on another number of processes.
TEST_P(ShardRunTest, GoesOnOnAnotherNumberOfProcesses) {
  auto model = compile(0.3f);
  ASSERT_TRUE(model);
  expectToGoOnOnAnotherNumberOfProcesses(model);
}

/// With checkpoints after each batch the first one of an epoch has one, too.
TEST_P(ShardRunTest, SavesAfterTheFirstBatch) {
  auto model = compile(0);
  ASSERT_TRUE(model);
  /// Says where the checkpoint of a run was when a batch had ended, which is
  /// saved after that.
  struct Reached : TrainingObserver {
    Reached(std::string folder, std::function<Trainer()> make)
        : folder(std::move(folder)), make(std::move(make)) {}
    void onBatch(const Progress &progress) override {
      if (progress.phase != Progress::Phase::Train || progress.batch != 2)
        return;
      Trainer trainer = make();
      Status loaded = trainer.load(folder);
      ASSERT_TRUE(loaded.ok()) << loaded.message();
      auto step = trainer.trainStep();
      ASSERT_TRUE(step.ok()) << step.message();
      EXPECT_EQ(step->epoch, progress.epoch);
      EXPECT_EQ(step->batch, 2);
      ++looks;
    }
    std::string folder;
    std::function<Trainer()> make;
    int looks = 0;
  };
  for (const char *place : {"replicated", "sharded"}) {
    SCOPED_TRACE(place);
    TemporaryFolder kept;
    state = "replicated";
    Reached reached(kept.path("run"), [&, alone = options(4)] {
      return makeTrainer(stream, model, alone);
    });
    state = place;
    forAllProcesses(2, [&](int rank, auto own) {
      auto trainer = Trainer::create(stream, model, options(4), nullptr, own);
      ASSERT_TRUE(trainer.ok()) << trainer.message();
      CheckpointOptions checkpoints;
      checkpoints.directory = kept.path("run");
      checkpoints.everyBatches = 1;
      auto report =
          trainer->train(checkpoints, {}, rank == 0 ? &reached : nullptr);
      EXPECT_TRUE(report.ok()) << report.message();
    });
    EXPECT_EQ(reached.looks, 2);
  }
}

TEST_P(ShardRunTest, SaysWhatCannotBe) {
  auto model = compile(0);
  ASSERT_TRUE(model);
  auto messageOf = [&](std::optional<int64_t> shards, int processes) {
    return train(model, shards, processes)[0].status.message();
  };
  EXPECT_EQ(messageOf(3, 1),
            "3 shards on 1 processes: both are powers of two, and the "
            "processes divide the shards");
  EXPECT_NE(messageOf(2, 4), "");
  auto plain = compileForTest(smallModel(GetParam(), 2, *stream));
  EXPECT_NE(train(plain, 2, 1)[0].status.message().find("sharded"),
            std::string::npos);
  state = "scattered";
  EXPECT_EQ(messageOf(1, 1),
            "the state is 'scattered', but must be replicated or sharded");
}

/// All processes are to do the same run.
TEST_P(ShardRunTest, ComparesOptionsAndData) {
  auto model = compile(0);
  ASSERT_TRUE(model);
  std::vector<Status> statuses(2);
  forAllProcesses(2, [&](int rank, auto own) {
    TrainOptions chosen = options(2);
    chosen.seed += rank;
    statuses[rank] = trainOne(model, chosen, std::move(own)).status;
  });
  for (const Status &status : statuses)
    EXPECT_EQ(status.message(), "the processes have different options: give "
                                "all of them the same");
}

INSTANTIATE_TEST_SUITE_P(Models, ShardRunTest, testing::Values("tgn"),
                         [](const auto &tested) { return tested.param; });

} // namespace
