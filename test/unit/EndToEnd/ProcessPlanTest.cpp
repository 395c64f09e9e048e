//===- ProcessPlanTest.cpp - Plans of several processes against them ------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModel.h"

#include "orcinus/Runtime/Communicator.h"
#include "runtime/Train/ProcessPlan.h"

#include <gtest/gtest.h>

#include <thread>

using namespace orcinus;
using namespace orcinus::test;

namespace {

TrainOptions planned(std::optional<int64_t> shards) {
  TrainOptions options;
  options.batchSize = 60;
  options.threads = 1;
  options.seed = 5;
  options.shards = shards;
  return options;
}

CompileOptions modelOf(const EventStream &stream, const std::string &reuse) {
  CompileOptions compiled = smallModel("tgn", 2, stream);
  compiled.sharded = true;
  compiled.reuse = reuse;
  if (reuse != "none") {
    compiled.policy = "lru";
    compiled.capacity = 20;
  }
  return compiled;
}

/// What all of so many processes send in the batches of an epoch.
Communicator::Traffic trafficOf(std::shared_ptr<const EventStream> stream,
                                std::shared_ptr<const CompiledModel> model,
                                int processes, int64_t shards,
                                int64_t batches) {
  std::vector<Communicator::Traffic> sent(processes);
  auto group = makeLocalGroup(processes);
  std::vector<std::thread> threads;
  for (int rank = 0; rank != processes; ++rank)
    threads.emplace_back([&, rank, own = std::move(group[rank])]() mutable {
      auto trainer =
          Trainer::create(stream, model, planned(shards), nullptr, own);
      ASSERT_TRUE(trainer.ok()) << trainer.message();
      Communicator::Traffic before = own->traffic();
      for (int64_t batch = 0; batch != batches; ++batch)
        ASSERT_TRUE(trainer->trainStep().ok());
      sent[rank] = {own->traffic().messages - before.messages,
                    own->traffic().bytes - before.bytes};
    });
  for (std::thread &thread : threads)
    thread.join();
  Communicator::Traffic all;
  for (const Communicator::Traffic &each : sent) {
    all.messages += each.messages;
    all.bytes += each.bytes;
  }
  return all;
}

/// What a plan says of messages and bytes is what is sent.
TEST(ProcessPlan, CountsWhatIsSent) {
  auto stream = generatedStream(60, 1200);
  for (const char *reuse : {"none", "recompute"}) {
    auto model = compileForTest(modelOf(*stream, reuse));
    ASSERT_TRUE(model);
    const std::vector<int64_t> counts{1, 2, 4, 8};
    auto plan = planProcesses(stream, model, planned(8), {}, counts);
    ASSERT_TRUE(plan.ok()) << plan.message();
    ASSERT_EQ(plan->points.size(), counts.size());
    for (const ProcessPoint &point : plan->points) {
      EXPECT_EQ(point.shards, 8);
      EXPECT_GT(point.epochSeconds, 0);
      Communicator::Traffic sent =
          trafficOf(stream, model, static_cast<int>(point.processes), 8,
                    plan->costs.batches);
      auto steps = static_cast<double>(point.processes * plan->costs.batches);
      EXPECT_EQ(static_cast<double>(sent.messages), point.messages * steps)
          << reuse << ", " << point.processes << " processes";
      EXPECT_NEAR(static_cast<double>(sent.bytes), point.bytes * steps, 0.5)
          << reuse << ", " << point.processes << " processes";
    }
  }
}

/// One process without shards runs one function; else there is a shard for
/// each.
TEST(ProcessPlan, HasAShardForEachProcessIfNothingElseIsSaid) {
  auto stream = generatedStream(60, 1200);
  auto model = compileForTest(modelOf(*stream, "none"));
  ASSERT_TRUE(model);
  const std::vector<int64_t> counts{1, 2, 128};
  auto plan = planProcesses(stream, model, planned(std::nullopt), {}, counts);
  ASSERT_TRUE(plan.ok()) << plan.message();
  for (size_t place = 0; place != counts.size(); ++place) {
    EXPECT_EQ(plan->points[place].processes, counts[place]);
    EXPECT_EQ(plan->points[place].shards, counts[place]);
    EXPECT_GT(plan->points[place].epochSeconds, 0);
  }
  EXPECT_EQ(plan->points[0].bytes, 0);
}

TEST(ProcessPlan, AddsUpWhatStepsTake) {
  ShardCosts costs;
  costs.batches = 10;
  costs.computation = {1, {0.5}};
  costs.preparation = {0, {0.25}};
  costs.restSeconds = 3;
  costs.sumMessages = 2;
  costs.gradientBytes = 1000;
  costs.countBytes = 24;
  ShardLoad load;
  load.shards = 8;
  load.shardsOfBatch = 8;
  load.rows = {4};
  load.keyBytes = 400;
  load.rowBytes = 1200;
  Network network{/*bandwidth=*/512, /*latency=*/0.5};
  ProcessPoint alone = predictProcesses(costs, load, network, 1);
  EXPECT_EQ(alone.shardSeconds, 8 * 3);
  EXPECT_EQ(alone.networkSeconds, 0);
  EXPECT_EQ(alone.epochSeconds, 10 * 27);
  ProcessPoint four = predictProcesses(costs, load, network, 4);
  EXPECT_EQ(four.shardSeconds, 2 * 3);
  EXPECT_EQ(four.messages, 4);
  EXPECT_EQ(four.bytes, 2048);
  EXPECT_EQ(four.networkSeconds, 2 + 4);
  EXPECT_EQ(four.epochSeconds, 10 * 15);
  costs.keepsCaches = true;
  ProcessPoint caching = predictProcesses(costs, load, network, 4);
  EXPECT_EQ(caching.messages, 10);
  EXPECT_EQ(caching.bytes, 2048 + 3 * 8 + 1200);
  // Rows that are fetched beside computing count where they take longer.
  load.sharedRows[4] = {6, 1024};
  ProcessPoint sharing = predictProcesses(costs, load, network, 4);
  EXPECT_EQ(sharing.rowMessages, 6);
  EXPECT_EQ(sharing.rowBytes, 1024);
  EXPECT_EQ(sharing.rowSeconds, 3 + 2);
  EXPECT_EQ(sharing.epochSeconds, caching.epochSeconds);
  load.sharedRows[4] = {30, 1024};
  EXPECT_EQ(predictProcesses(costs, load, network, 4).epochSeconds,
            caching.epochSeconds + 10 * (2 * 1 + 17 - 9));
  load.sharedRows.clear();
  // What indexes take longer than computing hides is waited for.
  costs.preparation.perRow = {2};
  EXPECT_EQ(predictProcesses(costs, load, network, 4).shardSeconds, 2 * 8);
  // Batches may have fewer events than there are shards.
  load.shardsOfBatch = 0.5;
  EXPECT_EQ(predictProcesses(costs, load, network, 8).shardSeconds, 0.5 * 8);
}

} // namespace
