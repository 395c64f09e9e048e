//===- ShardReuseTest.cpp - Reuse of embeddings in shards -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ForwardingCommunicator.h"
#include "ShardRuns.h"
#include "test/unit/Graph/TemporaryFolder.h"

#include <chrono>
#include <thread>

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

/// Each process has the rows of some slots alone.
TEST_P(ShardReuseTest, GivesTheSameBitsWithShardedCaches) {
  stream = generatedStream(60, 1200);
  auto model = compileForTest(reusing(GetParam(), *stream, 0.2f));
  ASSERT_TRUE(model);
  expectTheSameWithShardedStates(model);
}

INSTANTIATE_TEST_SUITE_P(
    Modes, ShardReuseTest,
    testing::Values(Reuse{"tgn", "recompute", "paper", "mrd", -1, -1},
                    Reuse{"tgn", "recompute", "causal", "mrd", 20, -1},
                    Reuse{"tgn", "push-pull", "paper", "lru", 20, 3},
                    Reuse{"tgn", "push-pull", "causal", "2q", 15, -1},
                    Reuse{"tgn", "recompute", "paper", "random", 15, 2},
                    Reuse{"tgn", "recompute", "paper", "lfu", 0, -1},
                    Reuse{"tgn", "recompute", "separate", "mrd", 20, -1},
                    Reuse{"tgn", "recompute", "separate", "lru", 15, 3},
                    Reuse{"tgat", "recompute", "paper", "mrd", -1, -1},
                    Reuse{"tgat", "push-pull", "paper", "fifo", 100, -1},
                    Reuse{"tgat", "recompute", "paper", "mrd", 200, 4}));

/// Runs that save in the middle of an epoch, when caches have rows.
TEST_F(ShardRuns, GoesOnWithCachesOnAnotherNumberOfProcesses) {
  stream = generatedStream(60, 1200);
  for (const Reuse &reuse :
       {Reuse{"tgn", "recompute", "causal", "mrd", 20, -1},
        Reuse{"tgn", "push-pull", "paper", "lru", 20, 3},
        Reuse{"tgat", "push-pull", "paper", "fifo", 100, -1}}) {
    SCOPED_TRACE(testing::PrintToString(reuse));
    auto model = compileForTest(reusing(reuse, *stream, 0.2f));
    ASSERT_TRUE(model);
    expectToGoOnOnAnotherNumberOfProcesses(model);
  }
}

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

/// Checkpoints hold no index of caches: it is made again, by all together. They
/// are the same wherever the rows were, and go back to wherever they are to be.
TEST_F(ShardRuns, CachesAreMadeAgainInTheMiddleOfAnEpoch) {
  stream = generatedStream(60, 1200);
  TemporaryFolder folder;
  auto model = compileForTest(
      reusing({"tgn", "recompute", "paper", "lru", 25, -1}, *stream, 0.2f));
  ASSERT_TRUE(model);
  auto steps = [](Trainer &trainer, int count) {
    for (int step = 0; step != count; ++step)
      ASSERT_TRUE(trainer.trainStep().ok());
  };
  Trainer whole = makeTrainer(stream, model, options(4));
  steps(whole, 7);
  // Trains some steps on so many processes, from one checkpoint to another.
  auto run = [&](int processes, const char *place, int count, const char *from,
                 const char *to) {
    state = place;
    std::vector<std::vector<float>> reached(processes);
    forAllProcesses(processes, [&](int rank, auto own) {
      auto trainer = Trainer::create(stream, model, options(4), nullptr, own);
      ASSERT_TRUE(trainer.ok()) << trainer.message();
      if (from) {
        Status loaded = trainer->load(folder.path(from));
        ASSERT_TRUE(loaded.ok()) << loaded.message();
      }
      steps(*trainer, count);
      // Who has all rows saves alone.
      if (to && (rank == 0 || state == "sharded")) {
        Status saved = trainer->save(folder.path(to));
        ASSERT_TRUE(saved.ok()) << saved.message();
      }
      reached[rank] = allParameters(*trainer);
    });
    return reached;
  };
  run(1, "replicated", 4, nullptr, "whole");
  run(4, "sharded", 4, nullptr, "cut");
  std::vector<float> expected = allParameters(whole);
  for (const char *from : {"whole", "cut"})
    for (const char *place : {"replicated", "sharded"})
      for (const std::vector<float> &reached : run(2, place, 3, from, nullptr))
        EXPECT_EQ(reached, expected) << from << " to " << place;
}

/// A member of a group whose messages beside the steps end late.
class SlowCommunicator : public ForwardingCommunicator {
public:
  explicit SlowCommunicator(std::shared_ptr<Communicator> inner,
                            std::chrono::milliseconds pause = {})
      : ForwardingCommunicator(std::move(inner)), pause(pause) {}

  Status exchange(int partner, std::span<const std::byte> sent,
                  std::span<std::byte> received) override {
    Status status = ForwardingCommunicator::exchange(partner, sent, received);
    std::this_thread::sleep_for(pause);
    return status;
  }
  /// As of MPI, what was duplicated is left apart.
  void leave() override {
    if (pause.count() != 0)
      ForwardingCommunicator::leave();
  }

private:
  std::shared_ptr<Communicator>
  wrap(std::shared_ptr<Communicator> duplicate) const override {
    return std::make_shared<SlowCommunicator>(std::move(duplicate),
                                              std::chrono::milliseconds(20));
  }

  std::chrono::milliseconds pause;
};

/// One whose library is called by one thread alone.
class SingleThreadedCommunicator : public SlowCommunicator {
public:
  using SlowCommunicator::SlowCommunicator;

private:
  StatusOr<std::shared_ptr<Communicator>> makeDuplicate(Waiting) override {
    return Status::error("one thread alone", StatusCode::Unavailable);
  }
};

/// Whether sums are sent beside steps holds for all processes, or for none.
TEST_F(ShardRuns, AllProcessesSendBesideTheirStepsOrNone) {
  stream = generatedStream(60, 600);
  auto model = compileForTest(
      reusing({"tgn", "recompute", "paper", "lru", 25, -1}, *stream, 0.2f));
  ASSERT_TRUE(model);
  for (int able : {0, 1})
    forAllProcesses(2, [&](int rank, std::shared_ptr<Communicator> own) {
      std::shared_ptr<Communicator> other = own;
      if (rank >= able)
        other = std::make_shared<SingleThreadedCommunicator>(own);
      auto trainer = Trainer::create(stream, model, options(2), nullptr, other);
      if (able == 0) {
        ASSERT_TRUE(trainer.ok()) << trainer.message();
        EXPECT_TRUE(trainer->trainStep().ok());
      } else {
        EXPECT_NE(trainer.message().find(rank == 0 ? "another process"
                                                   : "one thread alone"),
                  std::string::npos)
            << trainer.message();
      }
    });
}

/// The rows that caches keep of a batch are on the way when its loss proves not
/// to be finite: trainers end with it, or load a checkpoint.
TEST_F(ShardRuns, AnErrorEndsWhatIsOnTheWay) {
  stream = generatedStream(60, 600);
  TemporaryFolder folder;
  auto model = compileForTest(
      reusing({"tgn", "recompute", "paper", "lru", 25, -1}, *stream, 0.2f));
  ASSERT_TRUE(model);
  TrainOptions chosen = options(2);
  chosen.learningRate = 1e30;
  ASSERT_TRUE(
      makeTrainer(stream, model, chosen).save(folder.path("first")).ok());
  for (const char *place : {"replicated", "sharded"})
    for (bool loads : {false, true}) {
      SCOPED_TRACE(place);
      chosen.state = place;
      forAllProcesses(2, [&](int, auto own) {
        auto trainer =
            Trainer::create(stream, model, chosen, nullptr,
                            std::make_shared<SlowCommunicator>(std::move(own)));
        ASSERT_TRUE(trainer.ok()) << trainer.message();
        auto epoch = trainer->trainEpoch();
        EXPECT_NE(epoch.message().find("the loss is not finite"),
                  std::string::npos)
            << epoch.message();
        if (loads)
          EXPECT_TRUE(trainer->load(folder.path("first")).ok());
      });
    }
}

/// What is measured of reuse is of the whole batch, whoever has its rows; that
/// an observer looks at rows changes nothing.
TEST_F(ShardRuns, StalenessIsTheSameWithShardedCaches) {
  stream = generatedStream(60, 600);
  CompileOptions compiled =
      reusing({"tgn", "push-pull", "paper", "lru", 25, -1}, *stream, 0.2f);
  compiled.measureStaleness = true;
  auto model = compileForTest(compiled);
  ASSERT_TRUE(model);
  struct Bounds : TrainingObserver {
    explicit Bounds(Trainer &trainer) : trainer(trainer) {}
    void onBatch(const Progress &) override {
      EXPECT_FALSE(trainer.nodeRows().empty());
    }
    Trainer &trainer;
    std::vector<double> all;
    void onStaleness(const StalenessReport &report) override {
      all.insert(all.end(), {report.bound, report.outputError.mean});
    }
  };
  auto measure = [&](int processes) {
    std::vector<std::vector<double>> bounds(processes);
    forAllProcesses(processes, [&](int rank, auto own) {
      TrainOptions chosen = options(2);
      chosen.epochs = 1;
      chosen.stalenessSamples = 2;
      auto trainer = Trainer::create(stream, model, chosen, nullptr, own);
      ASSERT_TRUE(trainer.ok()) << trainer.message();
      Bounds observer(*trainer);
      auto report = trainer->train({}, {}, &observer);
      ASSERT_TRUE(report.ok()) << report.message();
      bounds[rank] = observer.all;
    });
    return bounds;
  };
  std::vector<double> expected = measure(1)[0];
  EXPECT_EQ(expected.size(), 4u);
  state = "sharded";
  for (int processes : {1, 2})
    for (const std::vector<double> &bounds : measure(processes))
      EXPECT_EQ(bounds, expected) << processes;
}

/// On a device programs see the windows of it.
TEST_F(ShardRuns, SimulatedProgramsGiveTheSameBitsWithShardedCaches) {
  stream = generatedStream(120, 300);
  CompileOptions compiled =
      reusing({"tgn", "push-pull", "paper", "lru", 10, -1}, *stream, 0.2f);
  compiled.layers = 2;
  compiled.target = "simulator";
  auto model = compileForTest(compiled);
  ASSERT_TRUE(model);
  Outcome expected = train(model, 2, 1)[0];
  ASSERT_TRUE(expected.status.ok()) << expected.status.message();
  EXPECT_GT(expected.reuse.hits, 0);
  state = "sharded";
  EXPECT_TRUE(assemble(train(model, 2, 2)) == expected);
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
