//===- ProcessPlanTest.cpp - Plans of several processes against them ------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ForwardingCommunicator.h"
#include "TestModel.h"

#include "orcinus/Runtime/Communicator.h"
#include "runtime/Train/ProcessPlan.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
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

/// What all processes send in the batches of an epoch: of sums and gatherings,
/// and of rows that they have for each other.
struct Sent {
  Communicator::Traffic together, rows;
  /// How often one could have asked another for rows.
  int64_t turns = 0;
};

Communicator::Traffic sum(Communicator::Traffic one,
                          Communicator::Traffic other) {
  return {one.messages + other.messages, one.bytes + other.bytes};
}

Sent operator+(const Sent &left, const Sent &right) {
  return {sum(left.together, right.together), sum(left.rows, right.rows),
          left.turns + right.turns};
}

/// What one has sent in more than the other.
Communicator::Traffic difference(Communicator::Traffic all,
                                 Communicator::Traffic part) {
  return {all.messages - part.messages, all.bytes - part.bytes};
}

Sent sentBy(const std::shared_ptr<const EventStream> &stream,
            const std::shared_ptr<const CompiledModel> &model, int processes,
            const TrainOptions &options, int64_t batches) {
  std::vector<Sent> sent(processes);
  auto group = makeLocalGroup(processes);
  std::vector<std::thread> threads;
  for (int rank = 0; rank != processes; ++rank)
    threads.emplace_back([&, rank, member = std::move(group[rank])]() mutable {
      auto own = std::make_shared<CountingCommunicator>(std::move(member));
      auto trainer = Trainer::create(stream, model, options, nullptr, own);
      ASSERT_TRUE(trainer.ok()) << trainer.message();
      Communicator::Traffic together = own->traffic(), all = own->exchanged();
      for (int64_t batch = 0; batch != batches; ++batch)
        ASSERT_TRUE(trainer->trainStep().ok());
      sent[rank].together = difference(own->traffic(), together);
      sent[rank].rows =
          difference(difference(own->exchanged(), all), sent[rank].together);
    });
  for (std::thread &thread : threads)
    thread.join();
  return std::accumulate(sent.begin(), sent.end(), Sent());
}

/// That what a plan says of messages and bytes is what is sent; all that was
/// sent, by all points together.
Sent expectPlanOfWhatIsSent(const std::shared_ptr<const EventStream> &stream,
                            const CompileOptions &compiled,
                            const TrainOptions &options,
                            const std::vector<int64_t> &counts) {
  SCOPED_TRACE(compiled.model + ", " + compiled.reuse + ", " + options.state);
  auto model = compileForTest(compiled);
  if (!model)
    return {};
  auto plan = planProcesses(stream, model, options, {}, counts);
  EXPECT_TRUE(plan.ok()) << plan.message();
  if (!plan.ok())
    return {};
  EXPECT_EQ(plan->points.size(), counts.size());
  Sent all;
  for (const ProcessPoint &point : plan->points) {
    SCOPED_TRACE(std::to_string(point.processes) + " processes");
    EXPECT_EQ(point.shards, options.shards);
    EXPECT_GT(point.epochSeconds, 0);
    Sent sent = sentBy(stream, model, static_cast<int>(point.processes),
                       options, plan->costs.batches);
    // The plan has means over steps and processes.
    auto steps = static_cast<double>(point.processes * plan->costs.batches);
    auto expectSent = [&](Communicator::Traffic traffic, double messages,
                          double bytes) {
      EXPECT_NEAR(static_cast<double>(traffic.messages), messages * steps, 0.1);
      EXPECT_NEAR(static_cast<double>(traffic.bytes), bytes * steps, 0.5);
    };
    if (compiled.target == "host") {
      expectSent(sent.together, point.messages, point.bytes);
      expectSent(sent.rows, point.rowMessages, point.rowBytes);
    } else {
      // Gradients go between devices, which traffic() does not count.
      expectSent(sum(sent.together, sent.rows),
                 point.messages + point.rowMessages,
                 point.bytes + point.rowBytes);
    }
    sent.turns = point.processes * (point.processes - 1) * plan->costs.batches;
    all = all + sent;
  }
  return all;
}

TEST(ProcessPlan, CountsWhatIsSent) {
  auto stream = generatedStream(60, 1200);
  for (const char *reuse : {"none", "recompute"}) {
    Sent sent = expectPlanOfWhatIsSent(stream, modelOf(*stream, reuse),
                                       planned(8), {1, 2, 4, 8});
    EXPECT_GT(sent.together.bytes, 0);
    EXPECT_EQ(sent.rows.messages, 0);
  }
}

/// Rows of nodes, mailboxes and caches that each process has for the others.
TEST(ProcessPlan, CountsRowsThatProcessesHaveForEachOther) {
  auto stream = generatedStream(60, 1200);
  TrainOptions options = planned(8);
  options.state = "sharded";
  // The last batch has fewer events than there are shards.
  options.batchSize = 119;
  for (const char *reuse : {"none", "recompute", "push-pull"}) {
    Sent sent = expectPlanOfWhatIsSent(stream, modelOf(*stream, reuse), options,
                                       {1, 2, 4});
    // Who wants no rows says so in one message.
    EXPECT_GT(sent.rows.messages, sent.turns);
  }
  for (const char *name : {"apan", "tgat"}) {
    CompileOptions compiled =
        smallModel(name, std::string(name) == "apan" ? 0 : 2, *stream);
    compiled.sharded = true;
    Sent sent = expectPlanOfWhatIsSent(stream, compiled, options, {2, 4});
    // Without states there are no rows to be fetched.
    EXPECT_EQ(sent.rows.messages > sent.turns, compiled.model == "apan");
  }
}

/// On a device rows are not known from the batch before.
TEST(ProcessPlan, CountsRowsThatDevicesDoNotRemember) {
  auto stream = generatedStream(60, 120);
  TrainOptions options = planned(2);
  options.state = "sharded";
  options.batchSize = 30;
  CompileOptions compiled = modelOf(*stream, "none");
  compiled.target = "simulator";
  compiled.layers = 1;
  expectPlanOfWhatIsSent(stream, compiled, options, {2});
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
