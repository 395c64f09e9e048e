//===- ShardLabelTest.cpp - Tasks with labels in shards -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ShardRuns.h"

using namespace orcinus;
using namespace orcinus::test;

namespace {

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

TEST_P(ShardLabelTest, GivesTheSameBitsWithShardedStates) {
  auto model = modelOfLabels(0.2f);
  ASSERT_TRUE(model);
  expectTheSameWithShardedStates(model);
}

TEST_P(ShardLabelTest, GoesOnOnAnotherNumberOfProcesses) {
  auto model = modelOfLabels(0.2f);
  ASSERT_TRUE(model);
  expectToGoOnOnAnotherNumberOfProcesses(model);
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

} // namespace
