//===- SweepTest.cpp - A sweep's epochs against trained ones --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModel.h"

#include "runtime/Train/CapacitySweep.h"

#include <gtest/gtest.h>

#include <ostream>

using namespace orcinus;
using namespace orcinus::test;

namespace {

struct Instance {
  const char *model;
  int layers;
  const char *reuse;
  const char *share;
  const char *policy;
  int64_t maxAge;
};

void PrintTo(const Instance &instance, std::ostream *stream) {
  *stream << instance.model << " of " << instance.layers << " layers, "
          << instance.reuse << ", " << instance.share << ", " << instance.policy
          << ", age limit " << instance.maxAge;
}

CompileOptions modelOf(const Instance &instance, const EventStream &stream) {
  CompileOptions options = smallModel(instance.model, instance.layers, stream);
  options.reuse = instance.reuse;
  options.share = instance.share;
  options.policy = instance.policy;
  options.maxAge = instance.maxAge;
  return options;
}

TrainOptions shortRun() {
  TrainOptions options;
  options.batchSize = 10;
  options.threads = 1;
  options.seed = 5;
  return options;
}

class SweepTest : public testing::TestWithParam<Instance> {};

} // namespace

/// What a sweep says of an epoch is what the epoch then does, negatives
/// included.
TEST_P(SweepTest, SaysWhatTrainingDoes) {
  auto stream = smallStream(2, 0, 41);
  CompileOptions shared = modelOf(GetParam(), *stream);
  shared.memory = 0;
  std::vector<CacheRoom> series{{700, {}}, {64, {}}, {32000, {}}};
  auto sweep =
      sweepCapacities(stream, compileForTest(shared), shortRun(), series);
  ASSERT_TRUE(sweep.ok()) << sweep.message();
  ASSERT_EQ(sweep->points.size(), series.size());
  int64_t bytes = 0;
  for (const SweepPoint &point : sweep->points) {
    EXPECT_GE(point.bytes, bytes);
    bytes = point.bytes;
    CompileOptions compile = shared;
    compile.memory = point.room.memory;
    Trainer trainer = makeTrainer(stream, compileForTest(compile), shortRun());
    auto report = trainer.trainEpoch();
    ASSERT_TRUE(report.ok()) << report.message();
    EXPECT_EQ(point.epoch.reuse, report->reuse);
    EXPECT_EQ(point.epoch.rows, report->rows);
    EXPECT_EQ(point.epoch.batches, report->batches);
    EXPECT_GT(point.seconds, 0);
    EXPECT_TRUE(point.epoch.samples.empty());
  }
  EXPECT_GT(sweep->points.back().epoch.reuse.hits,
            sweep->points.front().epoch.reuse.hits);
}

INSTANTIATE_TEST_SUITE_P(
    Modes, SweepTest,
    testing::Values(Instance{"tgn", 2, "recompute", "paper", "mrd", -1},
                    Instance{"tgn", 3, "recompute", "causal", "mrd", 4},
                    Instance{"tgn", 3, "recompute", "paper", "lru", -1},
                    Instance{"tgn", 2, "push-pull", "paper", "2q", -1},
                    Instance{"tgat", 3, "recompute", "paper", "mrd", -1}));

/// The last of the default series has all the rows that mrd has use for.
TEST(DefaultSweepTest, GoesFromNothingToAllThatIsOfUse) {
  auto stream = smallStream(2, 0, 42);
  for (int layers : {2, 3}) {
    CompileOptions compile =
        modelOf({"tgn", layers, "recompute", "paper", "mrd", -1}, *stream);
    compile.memory = 0;
    auto model = compileForTest(compile);
    auto sweep = sweepCapacities(stream, model, shortRun(), {});
    ASSERT_TRUE(sweep.ok()) << sweep.message();
    auto most = sweepCapacities(stream, model, shortRun(), {{{}, 1000}});
    ASSERT_TRUE(most.ok()) << most.message();
    const std::vector<SweepPoint> &points = sweep->points;
    ASSERT_GT(points.size(), 3u);
    EXPECT_EQ(points.front().bytes, 0);
    EXPECT_EQ(points.front().epoch.reuse.hits, 0);
    if (layers == 2)
      EXPECT_EQ(points.back().epoch.reuse, most->points.front().epoch.reuse);
    for (size_t point = 1; point < points.size(); ++point) {
      EXPECT_GT(points[point].bytes, points[point - 1].bytes);
      EXPECT_GE(points[point].epoch.reuse.hits,
                points[point - 1].epoch.reuse.hits);
      EXPECT_EQ(points[point].room.memory.has_value(), layers == 3);
    }
    EXPECT_LT(sweep->recommended, points.size());
  }
}

/// What lru keeps is not read again for certain: only a row for each node
/// leaves nothing to gain.
TEST(DefaultSweepTest, EndsWithAllNodesForOtherPolicies) {
  auto stream = smallStream(2, 0, 42);
  CompileOptions compile =
      modelOf({"tgn", 2, "recompute", "paper", "lru", -1}, *stream);
  compile.memory = 0;
  auto sweep = sweepCapacities(stream, compileForTest(compile), shortRun(), {});
  ASSERT_TRUE(sweep.ok()) << sweep.message();
  EXPECT_EQ(sweep->points.back().capacities,
            std::vector<int32_t>{stream->nodeCount});
  // All that is not hit was never computed before.
  EXPECT_EQ(sweep->points.back().epoch.reuse.recomputed,
            sweep->points.back().epoch.reuse.cold);
}

TEST(DefaultSweepTest, RecommendsTheLeastOfEquals) {
  auto stream = smallStream(2, 0, 42);
  CompileOptions compile =
      modelOf({"tgn", 3, "recompute", "paper", "mrd", -1}, *stream);
  compile.memory = 0;
  auto sweep =
      sweepCapacities(stream, compileForTest(compile), shortRun(),
                      {{int64_t(1) << 40, {}}, {int64_t(1) << 30, {}}});
  ASSERT_TRUE(sweep.ok()) << sweep.message();
  EXPECT_EQ(sweep->points.front().capacities, sweep->points.back().capacities);
  EXPECT_EQ(sweep->points.front().room.memory, int64_t(1) << 30);
}

TEST(SweepOfOneBatchTest, MeasuresIt) {
  auto stream = smallStream(0, 0, 44);
  CompileOptions compile =
      modelOf({"tgn", 2, "recompute", "paper", "mrd", -1}, *stream);
  compile.memory = 0;
  TrainOptions options = shortRun();
  options.batchSize = 1000;
  auto sweep = sweepCapacities(stream, compileForTest(compile), options, {});
  ASSERT_TRUE(sweep.ok()) << sweep.message();
  EXPECT_EQ(sweep->cost.perRow.size(), 2u);
  for (const SweepPoint &point : sweep->points) {
    EXPECT_EQ(point.epoch.batches, 1);
    EXPECT_GT(point.seconds, 0);
  }
}

TEST(SweepErrorsTest, NeedsInnerLayersAndRoom) {
  auto stream = smallStream(0, 0, 43);
  CompileOptions compile =
      modelOf({"tgn", 1, "recompute", "paper", "mrd", -1}, *stream);
  compile.memory = 0;
  EXPECT_NE(compileModel(compile).message().find("has no inner layer"),
            std::string::npos);
  compile.layers = 2;
  EXPECT_EQ(
      sweepCapacities(stream, compileForTest(compile), shortRun(), {{31, {}}})
          .message(),
      "a memory of 31 bytes is too small to reuse embeddings: one of "
      "each cache takes 32 bytes");
}
