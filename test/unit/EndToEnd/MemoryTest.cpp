//===- MemoryTest.cpp - One memory for all caches, in training ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModel.h"

#include "orcinus/Graph/Split.h"
#include "orcinus/Reuse/MemoryDivision.h"
#include "runtime/Train/CacheSetup.h"
#include "runtime/Train/Manifest.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>
#include <unistd.h>

using namespace orcinus;
using namespace orcinus::test;

namespace {

TrainOptions shortRun() {
  TrainOptions options;
  options.batchSize = 25;
  options.threads = 1;
  options.maskedNodeFraction = 0;
  return options;
}

CompileOptions sharingModel(const std::string &name, int layers,
                            const EventStream &stream, int64_t memory) {
  CompileOptions options = smallModel(name, layers, stream, 0.25f);
  options.reuse = "recompute";
  options.memory = memory;
  return options;
}

/// Events between one node and any of the others: every negative is that node,
/// a target of the batch at the same time, so that no read is unplanned. Times
/// are distinct, for an embedding of another event at the same time would do.
std::shared_ptr<const EventStream> starStream() {
  auto stream = std::make_shared<EventStream>(*smallStream(0, 0, 31));
  for (int64_t event = 0; event != stream->eventCount(); ++event) {
    stream->source.set(event, 1 + (event * event + event / 7) % 21);
    stream->destination.set(event, 0);
  }
  std::vector<double> times(stream->eventCount());
  std::iota(times.begin(), times.end(), 0);
  stream->setSeconds(times);
  return stream;
}

/// The part of a run that a plan is made from.
struct TrainedPart {
  TrainedPart(const EventStream &stream, const TrainOptions &options) {
    SplitOptions fractions;
    fractions.maskedNodeFraction = options.maskedNodeFraction.value_or(0);
    split = *splitByTime(stream, fractions);
    std::vector<uint8_t> isTrained(stream.eventCount());
    for (int32_t event : split.train)
      isTrained[event] = 1;
    graph = TemporalGraph::build(stream, isTrained);
  }
  Split split;
  TemporalGraph graph;
};

ReusePlanOptions planOf(const CompileOptions &compile,
                        const TrainOptions &options) {
  ReusePlanOptions plan;
  plan.layers = *compile.layers;
  plan.neighbours = *compile.neighbours;
  plan.batchSize = options.batchSize;
  plan.neighbourTime =
      compile.model == "tgat" ? NeighbourTime::Event : NeighbourTime::Query;
  return plan;
}

class MemoryTest : public testing::TestWithParam<const char *> {};

} // namespace

/// What training reads, hits and recomputes is what the plan for the same
/// memory says, and its stores have the rows of the division.
TEST_P(MemoryTest, TrainingFollowsTheDivision) {
  auto stream = starStream();
  TrainOptions options = shortRun();
  TrainedPart part(*stream, options);
  int64_t hits = 0;
  for (int layers : {2, 3})
    for (int64_t memory : {200, 500, 4000}) {
      CompileOptions compile =
          sharingModel(GetParam(), layers, *stream, memory);
      auto model = compileForTest(compile);
      Trainer trainer = makeTrainer(stream, model, options);
      auto report = trainer.trainEpoch();
      ASSERT_TRUE(report.ok()) << report.message();

      ReusePlanOptions planned = planOf(compile, options);
      MemoryRequest request;
      request.bytes = memory;
      request.embeddingBytes.assign(layers - 1, 8 * sizeof(float));
      auto division = MemoryDivision::create(
          *stream, part.graph, part.split.train, request, planned);
      ASSERT_TRUE(division.ok()) << division.message();
      planned.capacities = *division->rows();
      auto plan = planReuse(*stream, part.graph, part.split.train, planned);
      ASSERT_TRUE(plan.ok()) << plan.message();
      const ReuseCounts &counts = plan->statistics.counts;
      EXPECT_EQ(report->reuse.uniqueHits, counts.uniqueHits);
      EXPECT_EQ(report->reuse.recomputed, counts.recomputed);
      EXPECT_EQ(report->reuse.maxAge, counts.maxAge);
      hits += counts.uniqueHits;

      CacheWorkload workload{*stream, part.graph, part.split.train,
                             options.batchSize, options.seed};
      Manifest manifest = *parseManifest(model->manifest());
      ASSERT_TRUE(giveCapacities({memory, {}}, workload, manifest).ok());
      auto caches = createCaches(manifest, workload);
      ASSERT_TRUE(caches.ok()) << caches.message();
      int64_t bytes = 0;
      for (size_t layer = 0; layer != caches->size(); ++layer) {
        EXPECT_EQ((*caches)[layer]->rowCount(), planned.capacities[layer]);
        bytes += (*caches)[layer]->rowCount() * request.embeddingBytes[layer];
      }
      EXPECT_LE(bytes, memory);
    }
  EXPECT_GT(hits, 50);
}

INSTANTIATE_TEST_SUITE_P(Models, MemoryTest, testing::Values("tgn", "tgat"));

namespace {

/// The parameters after an epoch and a few steps.
std::vector<float> trained(std::shared_ptr<const EventStream> stream,
                           const CompileOptions &compile) {
  Trainer trainer = makeTrainer(stream, compileForTest(compile), shortRun());
  EXPECT_TRUE(trainer.trainEpoch().ok());
  EXPECT_TRUE(trainer.trainStep().ok());
  return allParameters(trainer);
}

} // namespace

TEST(MemoryOfOneCacheTest, IsACapacityBitwise) {
  auto stream = smallStream(0, 0, 32);
  for (auto [policy, reuse] :
       {std::pair("mrd", "recompute"), {"lru", "push-pull"}}) {
    CompileOptions shared = sharingModel("tgn", 2, *stream, 7 * 32 + 31);
    shared.policy = policy;
    shared.reuse = reuse;
    CompileOptions bounded = shared;
    bounded.memory.reset();
    bounded.capacity = 7;
    CompileOptions other = bounded;
    other.capacity = 2;
    std::vector<float> values = trained(stream, shared);
    EXPECT_EQ(values, trained(stream, bounded)) << policy << ", " << reuse;
    EXPECT_NE(values, trained(stream, other)) << policy << ", " << reuse;
  }
}

TEST(MemoryResumeTest, ResumesInTheMiddleOfAnEpochBitwise) {
  auto stream = smallStream(0, 0, 33);
  auto model = compileForTest(sharingModel("tgn", 3, *stream, 300));
  std::string folder =
      testing::TempDir() + "orcinus-memory-" + std::to_string(getpid());
  std::filesystem::remove_all(folder);
  Trainer whole = makeTrainer(stream, model, shortRun());
  ASSERT_TRUE(whole.trainEpoch().ok());
  for (int step = 0; step < 3; ++step)
    ASSERT_TRUE(whole.trainStep().ok());
  ASSERT_TRUE(whole.save(folder).ok());
  Trainer resumed = makeTrainer(stream, model, shortRun());
  Status loaded = resumed.load(folder);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  auto stored = readCheckpoint(folder);
  ASSERT_TRUE(stored.ok()) << stored.message();
  EXPECT_EQ(stored->compile.memory, 300);
  // A memory is part of what a run is.
  auto wider = compileForTest(sharingModel("tgn", 3, *stream, 400));
  Trainer other = makeTrainer(stream, wider, shortRun());
  EXPECT_NE(other.load(folder).message().find("memory"), std::string::npos);
  std::filesystem::remove_all(folder);
  auto left = whole.trainEpoch(), right = resumed.trainEpoch();
  ASSERT_TRUE(left.ok() && right.ok());
  EXPECT_EQ(left->trainLoss, right->trainLoss);
  EXPECT_EQ(left->reuse, right->reuse);
  EXPECT_GT(left->reuse.hits, 0);
  EXPECT_GT(left->reuse.recomputed, 0);
  EXPECT_EQ(allParameters(whole), allParameters(resumed));
}

TEST(MemoryErrorsTest, WhatCannotBeDividedIsRefused) {
  auto stream = smallStream(0, 0, 34);
  auto create = [&](CompileOptions compile) {
    return Trainer::create(stream, compileForTest(std::move(compile)),
                           shortRun())
        .message();
  };
  EXPECT_EQ(create(sharingModel("tgn", 3, *stream, 63)),
            "a memory of 63 bytes is too small to reuse embeddings: one of "
            "each cache takes 64 bytes");
  CompileOptions flat = sharingModel("jodie", 1, *stream, 6400);
  flat.neighbours.reset();
  flat.heads.reset();
  for (const CompileOptions &compile :
       {sharingModel("tgn", 1, *stream, 6400), flat})
    EXPECT_EQ(compileModel(compile).message(),
              "cannot compile the model: " + compile.model +
                  ":0:0: has no inner layer whose embeddings could be reused: "
                  "ask for no reuse, or for two layers or more of a model that "
                  "has layers");
  CompileOptions options = sharingModel("tgn", 2, *stream, 6400);
  options.reuse = "none";
  EXPECT_EQ(compileModel(options).message(),
            "without reuse there is no cache to divide a memory among: choose "
            "push-pull or recompute");
  options = sharingModel("tgn", 2, *stream, 6400);
  options.capacity = 5;
  EXPECT_EQ(compileModel(options).message(),
            "a memory for all caches takes the place of a capacity for each: "
            "give one of them");
}
