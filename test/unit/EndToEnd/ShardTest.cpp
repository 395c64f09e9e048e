//===- ShardTest.cpp - Training in shards, on several processes -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModel.h"
#include "orcinus/Runtime/Communicator.h"
#include "test/unit/Graph/TemporaryFolder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <ostream>
#include <thread>
#include <unistd.h>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// What a run leaves.
struct Outcome {
  std::vector<float> parameters;
  /// An array of rows of nodes each.
  std::vector<std::vector<float>> states;
  double loss = 0, precision = 0;
  ReuseCounts reuse;
  Status status;

  bool operator==(const Outcome &other) const {
    return parameters == other.parameters && states == other.states &&
           loss == other.loss && precision == other.precision &&
           reuse == other.reuse && status.message() == other.status.message();
  }
};

/// Runs in shards by several processes, which are threads here.
class ShardRuns : public testing::Test {
protected:
  TrainOptions options(std::optional<int64_t> shards) const {
    TrainOptions options;
    options.state = state;
    options.epochs = 2;
    options.learningRate = 1e-3;
    options.threads = 1;
    // The last batch has fewer events than there are shards.
    options.batchSize = 97;
    options.seed = 3;
    options.shards = shards;
    return options;
  }

  /// Calls `work` in each of so many processes.
  template <typename Work>
  static void forAllProcesses(int processes, Work work) {
    auto group = makeLocalGroup(processes);
    std::vector<std::thread> threads;
    for (int rank = 0; rank != processes; ++rank)
      threads.emplace_back([&, rank, own = std::move(group[rank])]() mutable {
        work(rank, std::move(own));
      });
    for (std::thread &thread : threads)
      thread.join();
  }

  /// An epoch and some batches of each process, of which there are as many as
  /// `processes`.
  std::vector<Outcome> train(std::shared_ptr<const CompiledModel> model,
                             std::optional<int64_t> shards, int processes) {
    std::vector<Outcome> outcomes(processes);
    forAllProcesses(processes, [&](int rank, auto own) {
      outcomes[rank] = trainOne(model, options(shards), std::move(own));
    });
    return outcomes;
  }

  Outcome trainOne(std::shared_ptr<const CompiledModel> model,
                   const TrainOptions &options,
                   std::shared_ptr<Communicator> own);
  void expectTheSameOnAnyNumberOfProcesses(
      std::shared_ptr<const CompiledModel> model);
  static void expectNearLosses(Trainer &left, Trainer &right, int steps,
                               double tolerance);

  /// Where the states of nodes are.
  std::string state = "replicated";
  std::shared_ptr<const EventStream> stream;
  std::shared_ptr<const LabelSet> labels;
};

class ShardTest : public ShardRuns,
                  public testing::WithParamInterface<std::string> {
protected:
  ShardTest() {
    // A step of tpnet takes a hundred times as long.
    stream = generatedStream(121, GetParam() == "tpnet" ? 400 : 1500);
  }

  std::shared_ptr<const CompiledModel> compile(float dropout) {
    CompileOptions compiled;
    compiled.model = GetParam();
    compiled.dropout = dropout;
    compiled.edgeFeatureColumns = compiled.nodeFeatureColumns = 0;
    if (GetParam() == "tpnet")
      compiled.modelText = builtinTextWith("tpnet", {"neighbours = 3"});
    if (GetParam() == "tgn" || GetParam() == "tgat" || GetParam() == "apan")
      compiled = smallModel(GetParam(), GetParam() == "apan" ? 0 : 2, *stream,
                            dropout);
    // Whose messages take neighbours that are drawn at random.
    if (GetParam() == "dyrep") {
      compiled.modelText = builtinTextWith("dyrep", {});
      std::string &text = compiled.modelText;
      for (size_t at; (at = text.find("policy(recent)")) != std::string::npos;)
        text.replace(at, 14, "policy(uniform)");
    }
    compiled.sharded = true;
    return compileForTest(compiled);
  }
};

Outcome ShardRuns::trainOne(std::shared_ptr<const CompiledModel> model,
                            const TrainOptions &options,
                            std::shared_ptr<Communicator> own) {
  Outcome outcome;
  auto trainer = Trainer::create(stream, model, options, labels, own);
  outcome.status = trainer.status();
  if (!trainer.ok())
    return outcome;
  auto epoch = trainer->trainEpoch();
  outcome.status = epoch.status();
  if (!epoch.ok())
    return outcome;
  outcome.precision = labels ? epoch->validation.figures.front().value
                             : epoch->validation.averagePrecision;
  outcome.reuse = epoch->reuse;
  for (int step = 0; step != 3; ++step) {
    auto trained = trainer->trainStep();
    outcome.status = trained.status();
    if (!trained.ok())
      return outcome;
    outcome.loss += trained->loss;
  }
  outcome.parameters = allParameters(*trainer);
  for (const NamedArray &rows : trainer->nodeRows())
    outcome.states.emplace_back(rows.values.begin(), rows.values.end());
  return outcome;
}

void ShardRuns::expectTheSameOnAnyNumberOfProcesses(
    std::shared_ptr<const CompiledModel> model) {
  std::vector<Outcome> alone = train(model, 4, 1);
  ASSERT_TRUE(alone[0].status.ok()) << alone[0].status.message();
  EXPECT_FALSE(alone[0].parameters.empty());
  for (int processes : {2, 4})
    for (const Outcome &outcome : train(model, 4, processes))
      EXPECT_TRUE(outcome == alone[0])
          << processes << " processes: " << outcome.status.message();
  // Shards, not processes, decide.
  EXPECT_TRUE(train(model, 2, 2)[0] == train(model, std::nullopt, 2)[1]);
  EXPECT_FALSE(train(model, 2, 1)[0] == alone[0]);
}

void ShardRuns::expectNearLosses(Trainer &left, Trainer &right, int steps,
                                 double tolerance) {
  for (int step = 0; step != steps; ++step) {
    auto ofLeft = left.trainStep(), ofRight = right.trainStep();
    ASSERT_TRUE(ofLeft.ok() && ofRight.ok()) << ofRight.message();
    EXPECT_NEAR(ofLeft->loss, ofRight->loss, tolerance) << "step " << step;
  }
}

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

//===----------------------------------------------------------------------===//
// Reuse
//===----------------------------------------------------------------------===//

struct Reuse {
  const char *model, *mode, *share, *policy;
  int64_t capacity, maxAge;
};

void PrintTo(const Reuse &reuse, std::ostream *stream) {
  *stream << reuse.model << ", " << reuse.mode << ", " << reuse.share << ", "
          << reuse.policy << ", capacity " << reuse.capacity << ", age limit "
          << reuse.maxAge;
}

CompileOptions reusing(const Reuse &reuse, const EventStream &stream,
                       float dropout) {
  CompileOptions compiled = smallModel(reuse.model, 3, stream, dropout);
  compiled.reuse = reuse.mode;
  compiled.share = reuse.share;
  compiled.policy = reuse.policy;
  compiled.capacity = reuse.capacity;
  compiled.maxAge = reuse.maxAge;
  compiled.sharded = true;
  return compiled;
}

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

//===----------------------------------------------------------------------===//
// Labels
//===----------------------------------------------------------------------===//

/// Labels of a third of the events, in bursts, so that batches and shards are
/// without; of nodes also at times between events.
std::shared_ptr<const LabelSet> someLabels(const EventStream &stream,
                                           Task task) {
  auto labels = std::make_shared<LabelSet>();
  labels->task = task;
  if (labelKindOf(task) == LabelKind::Classes)
    labels->classes = {"a", "b"};
  for (int32_t event = 0; event < stream.eventCount(); ++event) {
    if (event / 40 % 3 != 0)
      continue;
    LabelPlace place{stream.time[event], stream.source[event], event,
                     LabelOf::Source};
    if (!isOfEvents(task) && event % 3 == 1)
      place = {stream.time[event], stream.destination[event], event,
               LabelOf::Node};
    float value = static_cast<float>(event % 7);
    labels->add(place, labels->classes.empty()
                           ? LabelEntry{0, value}
                           : LabelEntry{stream.destination[event] % 2, 1});
  }
  return labels;
}

class ShardLabelTest : public ShardRuns,
                       public testing::WithParamInterface<Task> {
protected:
  std::shared_ptr<const CompiledModel> modelOfLabels(float dropout) {
    stream = generatedStream(60, 1200);
    labels = someLabels(*stream, GetParam());
    CompileOptions compiled = smallModel("tgn", 2, *stream, dropout);
    compiled.task = taskName(GetParam());
    compiled.outputs = labels->columns();
    compiled.sharded = true;
    return compileForTest(compiled);
  }
};

TEST_P(ShardLabelTest, AnyNumberOfProcessesGivesTheSameBits) {
  auto model = modelOfLabels(0.2f);
  ASSERT_TRUE(model);
  expectTheSameOnAnyNumberOfProcesses(model);
}

TEST_P(ShardLabelTest, ShardsAreTheBatch) {
  auto model = modelOfLabels(0);
  ASSERT_TRUE(model);
  auto create = [&](std::optional<int64_t> shards) {
    auto trainer = Trainer::create(stream, model, options(shards), labels);
    EXPECT_TRUE(trainer.ok()) << trainer.message();
    return std::move(*trainer);
  };
  Trainer whole = create(std::nullopt), cut = create(4);
  expectNearLosses(whole, cut, 5, 2e-4);
  auto left = whole.trainEpoch(), right = cut.trainEpoch();
  ASSERT_TRUE(left.ok() && right.ok()) << right.message();
  EXPECT_NEAR(left->validation.figures.front().value,
              right->validation.figures.front().value, 0.05);
}

INSTANTIATE_TEST_SUITE_P(Tasks, ShardLabelTest,
                         testing::Values(Task::NodeClassification,
                                         Task::EdgeClassification,
                                         Task::NodeRegression,
                                         Task::EdgeRegression),
                         [](const auto &tested) {
                           std::string name(taskName(tested.param));
                           std::erase(name, '-');
                           return name;
                         });

//===----------------------------------------------------------------------===//
// States of nodes in one process each
//===----------------------------------------------------------------------===//

class ShardedStateTest : public ShardTest {
protected:
  /// What processes that have rows of their own leave, as one that has all.
  Outcome assemble(const std::vector<Outcome> &parts) const {
    Outcome whole = parts.front();
    auto count = static_cast<int32_t>(parts.size());
    for (size_t array = 0; array != whole.states.size(); ++array) {
      std::vector<float> &rows = whole.states[array];
      size_t width = rows.size() / ((stream->nodeCount + count - 1) / count);
      rows.clear();
      for (int32_t node = 0; node != stream->nodeCount; ++node) {
        const std::vector<float> &own = parts[node % count].states[array];
        auto row = own.begin() + node / count * width;
        rows.insert(rows.end(), row, row + width);
      }
    }
    return whole;
  }
};

TEST_P(ShardedStateTest, GivesTheSameBitsAsStatesInEachProcess) {
  auto model = compile(0.3f);
  ASSERT_TRUE(model);
  Outcome expected = train(model, 4, 1)[0];
  ASSERT_TRUE(expected.status.ok()) << expected.status.message();
  state = "sharded";
  for (int processes : {1, 2, 4}) {
    std::vector<Outcome> parts = train(model, 4, processes);
    for (const Outcome &part : parts)
      EXPECT_EQ(part.parameters, expected.parameters) << part.status.message();
    EXPECT_TRUE(assemble(parts) == expected) << processes;
  }
}

/// The step of a whole batch, which reads and writes what it has fetched.
TEST_P(ShardedStateTest, GivesTheSameBitsWithoutShards) {
  auto model = compile(0.3f);
  ASSERT_TRUE(model);
  Outcome expected = train(model, 1, 1)[0];
  state = "sharded";
  EXPECT_TRUE(train(model, 1, 1)[0] == expected);
}

INSTANTIATE_TEST_SUITE_P(Models, ShardedStateTest,
                         testing::Values("tgn", "tgat", "apan", "jodie",
                                         "dyrep"),
                         [](const auto &tested) { return tested.param; });

class ShardRunTest : public ShardTest {};

/// A run goes on from its checkpoint on another number of processes.
TEST_P(ShardRunTest, GoesOnOnAnotherNumberOfProcesses) {
  auto model = compile(0.3f);
  ASSERT_TRUE(model);
  std::string folder =
      testing::TempDir() + "orcinus-shards-" + std::to_string(getpid());
  std::filesystem::remove_all(folder);
  Trainer whole = makeTrainer(stream, model, options(4));
  auto expected = whole.train();
  ASSERT_TRUE(expected.ok()) << expected.message();

  auto run = [&](int processes, bool stops, bool resume,
                 const char *place = "replicated") {
    state = place;
    std::vector<StatusOr<TestReport>> reports(processes,
                                              Status::error("not run"));
    auto group = makeLocalGroup(processes);
    std::vector<std::thread> threads;
    for (int rank = 0; rank != processes; ++rank)
      threads.emplace_back([&, rank, own = std::move(group[rank])]() mutable {
        auto trainer = Trainer::create(stream, model, options(4), nullptr, own);
        if (!trainer.ok()) {
          reports[rank] = trainer.status();
          return;
        }
        CheckpointOptions kept;
        kept.directory = folder;
        kept.resume = resume;
        kept.everyBatches = 3;
        struct Stop : TrainingObserver {
          int64_t left = 5;
          void onBatch(const Progress &) override { --left; }
          bool wantsStop() override { return left <= 1; }
        } stop;
        // What one process is told all do.
        bool isTold = stops && rank + 1 == processes;
        reports[rank] = trainer->train(kept, {}, isTold ? &stop : nullptr);
      });
    for (std::thread &thread : threads)
      thread.join();
    return reports;
  };
  for (const StatusOr<TestReport> &stopped : run(2, true, false)) {
    EXPECT_EQ(stopped.code(), StatusCode::Interrupted) << stopped.message();
    EXPECT_TRUE(
        stopped.message().starts_with("stopped in epoch 1 after batch "))
        << stopped.message();
  }
  for (const StatusOr<TestReport> &resumed : run(4, false, true)) {
    ASSERT_TRUE(resumed.ok()) << resumed.message();
    EXPECT_EQ(resumed->test.averagePrecision, expected->test.averagePrecision);
  }
  // What processes have rows of becomes one checkpoint, and the other way.
  std::filesystem::remove_all(folder);
  for (const StatusOr<TestReport> &stopped : run(2, true, false, "sharded"))
    EXPECT_EQ(stopped.code(), StatusCode::Interrupted) << stopped.message();
  for (const StatusOr<TestReport> &stopped : run(1, true, true))
    EXPECT_EQ(stopped.code(), StatusCode::Interrupted) << stopped.message();
  for (const StatusOr<TestReport> &resumed : run(4, false, true, "sharded")) {
    ASSERT_TRUE(resumed.ok()) << resumed.message();
    EXPECT_EQ(resumed->test.averagePrecision, expected->test.averagePrecision);
  }
  std::filesystem::remove_all(folder);
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
  CompileOptions reusing = smallModel(GetParam(), 2, *stream);
  reusing.reuse = "push-pull";
  reusing.sharded = true;
  state = "sharded";
  EXPECT_EQ(train(compileForTest(reusing), 1, 1)[0].status.message(),
            "caches of embeddings are in each process as a whole: shard states "
            "without reuse");
  state = "scattered";
  EXPECT_EQ(messageOf(1, 1),
            "the state is 'scattered', but must be replicated or sharded");
}

/// All processes are to do the same run.
TEST_P(ShardRunTest, ComparesOptionsAndData) {
  auto model = compile(0);
  ASSERT_TRUE(model);
  std::vector<Status> statuses(2);
  auto group = makeLocalGroup(2);
  std::vector<std::thread> threads;
  for (int rank = 0; rank != 2; ++rank)
    threads.emplace_back([&, rank, own = std::move(group[rank])]() mutable {
      TrainOptions chosen = options(2);
      chosen.seed += rank;
      statuses[rank] = trainOne(model, chosen, std::move(own)).status;
    });
  for (std::thread &thread : threads)
    thread.join();
  for (const Status &status : statuses)
    EXPECT_EQ(status.message(), "the processes have different options: give "
                                "all of them the same");
}

INSTANTIATE_TEST_SUITE_P(Models, ShardRunTest, testing::Values("tgn"),
                         [](const auto &tested) { return tested.param; });

} // namespace
