//===- StepRun.h - A model's step functions, one by one ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_ENDTOEND_STEPRUN_H
#define ORCINUS_TEST_UNIT_ENDTOEND_STEPRUN_H

#include "TestModel.h"

#include "orcinus/Graph/TemporalGraph.h"
#include "orcinus/Sampling/NegativeSampler.h"
#include "runtime/Memory/Arena.h"
#include "runtime/Train/Invocation.h"
#include "runtime/Train/Manifest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace orcinus::test {

/// A model with a state of its own, whose step functions are called one by one.
class StepRun {
public:
  StepRun(std::shared_ptr<const EventStream> events,
          std::shared_ptr<const CompiledModel> program)
      : stream(std::move(events)), model(std::move(program)),
        manifest(*parseManifest(model->manifest())),
        state(manifest, stream->nodeCount, {}, nullptr),
        features(*stream, nullptr), graph(TemporalGraph::build(*stream, {}, 1)),
        all(stream->eventCount()) {
    std::iota(all.begin(), all.end(), 0);
    negatives.emplace(*stream, all, 17);
    EXPECT_TRUE(state.initialize(manifest, {3, stream.get(), all}).ok());
  }

  /// Runs `name` over the events [first, first + count), with the negatives
  /// that these have in every run.
  void run(const std::string &name, int64_t first, int64_t count,
           int64_t step) {
    bool hasLoss = name == "train" || name == "gradient";
    auto created =
        Invocation::create(name, *model, manifest, state, features,
                           hasLoss ? std::optional(lossOutput) : std::nullopt);
    ASSERT_TRUE(created.ok()) << created.message();
    ArenaScope scope(arena);
    model->useThreads(1);
    std::vector<int32_t> drawn = negativesOf(first, count);
    if (name != "apply") {
      StepInput input;
      input.stream = stream.get();
      input.graph = &graph;
      input.state = &state.index;
      input.events = std::span(all).subspan(first, count);
      if (name != "advance")
        input.negatives = drawn;
      Status prepared = (*created)->prepare(input);
      ASSERT_TRUE(prepared.ok()) << prepared.message();
    }
    Status status = (*created)->step({0.01f, step, 1000 + step});
    ASSERT_TRUE(status.ok()) << status.message();
    if (hasLoss)
      loss = (*created)->outputs().find("loss").values.front();
  }

  std::vector<int32_t> negativesOf(int64_t first, int64_t count) const {
    std::vector<int32_t> drawn(count);
    negatives->sample(first, *stream, std::span(all).subspan(first, count),
                      drawn);
    return drawn;
  }

  /// The parameters as they are now, by their names.
  reference::Parameters parameters() const {
    reference::Parameters result;
    for (const FloatArray &each : state.parameters)
      result[each.name()] = {{each.shape().begin(), each.shape().end()},
                             {each.values().begin(), each.values().end()}};
    return result;
  }

  /// That taking in the events of this run's first batches leaves what
  /// evaluating them leaves, to the last bit.
  void expectAdvancesAsItEvaluates(int64_t batches, int64_t batchSize) {
    StepRun advanced(stream, model);
    for (size_t each = 0; each != state.parameters.size(); ++each)
      std::ranges::copy(state.parameters[each].values(),
                        advanced.state.parameters[each].values().begin());
    for (int64_t batch = 0; batch != batches; ++batch) {
      run("evaluate", batch * batchSize, batchSize, 1);
      advanced.run("advance", batch * batchSize, batchSize, 1);
      ASSERT_EQ(valuesOf(state.nodeRows), valuesOf(advanced.state.nodeRows));
    }
  }

  static std::vector<float> valuesOf(std::vector<FloatArray> &arrays) {
    std::vector<float> values;
    for (FloatArray &each : arrays)
      values.insert(values.end(), each.values().begin(), each.values().end());
    return values;
  }

  std::shared_ptr<const EventStream> stream;
  std::shared_ptr<const CompiledModel> model;
  Manifest manifest;
  ModelState state;
  FeatureArguments features;
  TemporalGraph graph;
  std::vector<int32_t> all;
  std::optional<NegativeSampler> negatives;
  Arena arena;
  /// Of the last function that has one.
  float loss = 0;
};

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_ENDTOEND_STEPRUN_H
