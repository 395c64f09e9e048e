//===- ShardTest.cpp - Training in shards, on several processes -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModel.h"
#include "orcinus/Runtime/Communicator.h"

#include <gtest/gtest.h>

#include <filesystem>
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
  Status status;

  bool operator==(const Outcome &other) const {
    return parameters == other.parameters && states == other.states &&
           loss == other.loss && precision == other.precision &&
           status.message() == other.status.message();
  }
};

class ShardTest : public testing::TestWithParam<std::string> {
protected:
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

  /// An epoch and some batches of each process, of which there are as many as
  /// `processes`.
  std::vector<Outcome> train(std::shared_ptr<const CompiledModel> model,
                             std::optional<int64_t> shards, int processes) {
    std::vector<Outcome> outcomes(processes);
    auto group = makeLocalGroup(processes);
    std::vector<std::thread> threads;
    for (int rank = 0; rank != processes; ++rank)
      threads.emplace_back([&, rank, own = std::move(group[rank])]() mutable {
        outcomes[rank] = trainOne(model, options(shards), std::move(own));
      });
    for (std::thread &thread : threads)
      thread.join();
    return outcomes;
  }

  Outcome trainOne(std::shared_ptr<const CompiledModel> model,
                   const TrainOptions &options,
                   std::shared_ptr<Communicator> own) {
    Outcome outcome;
    auto trainer = Trainer::create(stream, model, options, nullptr, own);
    outcome.status = trainer.status();
    if (!trainer.ok())
      return outcome;
    auto epoch = trainer->trainEpoch();
    outcome.status = epoch.status();
    if (!epoch.ok())
      return outcome;
    outcome.precision = epoch->validation.averagePrecision;
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

  /// Where the states of nodes are.
  std::string state = "replicated";
  // A step of tpnet takes a hundred times as long.
  std::shared_ptr<const EventStream> stream =
      generatedStream(121, GetParam() == "tpnet" ? 400 : 1500);
  void expectTheSameOnAnyNumberOfProcesses();
};

void ShardTest::expectTheSameOnAnyNumberOfProcesses() {
  auto model = compile(0.3f);
  ASSERT_TRUE(model);
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

TEST_P(ShardTest, AnyNumberOfProcessesGivesTheSameBits) {
  expectTheSameOnAnyNumberOfProcesses();
}

/// Without dropout a step in shards is that of the whole batch, up to rounding.
TEST_P(ShardTest, ShardsAreTheBatch) {
  auto model = compile(0);
  ASSERT_TRUE(model);
  for (int64_t shards : {2, 8}) {
    Trainer whole = makeTrainer(stream, model, options(std::nullopt));
    Trainer cut = makeTrainer(stream, model, options(shards));
    for (int step = 0; step != 5; ++step) {
      auto left = whole.trainStep(), right = cut.trainStep();
      ASSERT_TRUE(left.ok() && right.ok()) << right.message();
      EXPECT_NEAR(left->loss, right->loss, 2e-5) << "step " << step;
    }
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
  expectTheSameOnAnyNumberOfProcesses();
}

INSTANTIATE_TEST_SUITE_P(Models, DrawingShardTest, testing::Values("dyrep"),
                         [](const auto &tested) { return tested.param; });

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
        reports[rank] = trainer->train(kept, {}, stops ? &stop : nullptr);
      });
    for (std::thread &thread : threads)
      thread.join();
    return reports;
  };
  for (const StatusOr<TestReport> &stopped : run(2, true, false))
    EXPECT_EQ(stopped.code(), StatusCode::Interrupted) << stopped.message();
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
  EXPECT_EQ(train(compileForTest(reusing), 2, 1)[0].status.message(),
            "shards are for training without reuse");
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
