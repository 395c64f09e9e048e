//===- ReferenceTest.cpp - Compiled models against the reference ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReferenceRun.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <random>

using namespace orcinus;
using namespace orcinus::test;

namespace {

struct Instance {
  const char *model;
  int layers;
  int64_t edgeColumns, nodeColumns;
  unsigned seed;
};

void PrintTo(const Instance &instance, std::ostream *stream) {
  *stream << instance.model << " of " << instance.layers << " layers, "
          << instance.edgeColumns << " edge and " << instance.nodeColumns
          << " node features, seed " << instance.seed;
}

class CompiledModelTest : public testing::TestWithParam<Instance>,
                          public ReferenceRun {
protected:
  CompiledModelTest() : CompiledModelTest(GetParam()) {}

  Instance instance;

private:
  explicit CompiledModelTest(const Instance &instance)
      : CompiledModelTest(instance,
                          smallStream(instance.edgeColumns,
                                      instance.nodeColumns, instance.seed)) {}
  CompiledModelTest(const Instance &instance,
                    std::shared_ptr<const EventStream> stream)
      : ReferenceRun(stream,
                     smallModel(instance.model, instance.layers, *stream)),
        instance(instance) {}
};

TEST_P(CompiledModelTest, LossesAreTheReferences) {
  ASSERT_GE(batchCount(), 4);
  for (int64_t step = 0; step < batchCount() + 2; ++step) {
    int epoch = step / batchCount();
    if (step == batchCount()) {
      training->resetStates();
      serving->resetStates();
    }
    takeParameters();
    reference::Batch batch = batchOf(epoch, step % batchCount());
    double expected = training->loss(batch);
    auto report = trainer.trainStep();
    ASSERT_TRUE(report.ok()) << report.message();
    EXPECT_EQ(report->epoch, epoch + 1);
    EXPECT_NEAR(report->loss, expected, 3e-5 * std::max(1.0, expected))
        << "step " << step;
    commit(batch);
  }
}

TEST_P(CompiledModelTest, EmbeddingsAreTheReferences) {
  for (int64_t step = 0; step < 4; ++step) {
    takeParameters();
    ASSERT_TRUE(trainer.trainStep().ok());
    commit(batchOf(0, step));
  }
  takeParameters();
  ASSERT_EQ(trainer.embeddingWidth(), 8);
  std::vector<int32_t> nodes;
  std::vector<double> times;
  // In the middle of the stream, at an event's own time, and after its end.
  for (double time : {stream->seconds(100) + 0.125, stream->seconds(150),
                      stream->seconds(stream->eventCount() - 1) + 1})
    for (int32_t node = 0; node < stream->nodeCount; ++node) {
      nodes.push_back(node);
      times.push_back(time);
    }
  std::vector<float> embeddings(nodes.size() * 8);
  Status status = trainer.embed(nodes, times, embeddings);
  ASSERT_TRUE(status.ok()) << status.message();
  for (size_t query = 0; query < nodes.size(); ++query) {
    reference::Vector expected = serving->embedding(nodes[query], times[query]);
    for (int64_t at = 0; at < 8; ++at)
      ASSERT_NEAR(embeddings[query * 8 + at], expected[at],
                  2e-4 * std::max(1.0, std::abs(expected[at])))
          << "node " << nodes[query] << " at " << times[query] << ", column "
          << at;
  }
}

TEST_P(CompiledModelTest, ParametersFollowTheReferencesGradients) {
  // With zero biases the activations of new nodes lie at the kink of relu.
  std::mt19937 random(instance.seed);
  std::uniform_real_distribution<float> bias(-0.3f, 0.3f);
  for (const std::string &name : trainer.parameterNames())
    if (name.ends_with("_bias"))
      for (float &value : trainer.parameter(name))
        value = bias(random);
  std::vector<ElementOfAdam> elements;
  for (const std::string &name : trainer.parameterNames()) {
    bool isLearned = std::string(instance.model) == "tgat";
    if (name == "time.zero" || (name.starts_with("time.") && !isLearned))
      continue;
    std::string referenceName = name == "time.frequencies" ? "time.frequency"
                                : name == "time.phases"    ? "time.phase"
                                                           : name;
    int64_t size = trainer.parameter(name).size();
    for (int64_t index : {size / 3, size - 1})
      elements.push_back({name, referenceName, index});
  }
  reference::Batch batch;
  expectStepsOfAdam(
      trainer, elements,
      [&](int64_t step) {
        takeParameters();
        batch = batchOf(0, step);
      },
      [&](const ElementOfAdam &element) {
        return numericGradient(*training, batch, element.referenceName,
                               element.index);
      },
      [&] { commit(batch); });
}

INSTANTIATE_TEST_SUITE_P(Models, CompiledModelTest,
                         testing::Values(Instance{"tgn", 1, 0, 0, 11},
                                         Instance{"tgn", 2, 0, 0, 12},
                                         Instance{"tgn", 1, 5, 0, 13},
                                         Instance{"tgn", 2, 5, 0, 14},
                                         Instance{"tgat", 1, 0, 0, 15},
                                         Instance{"tgat", 2, 5, 0, 16},
                                         Instance{"tgat", 1, 5, 8, 17},
                                         Instance{"tgat", 2, 0, 6, 18}));

} // namespace
