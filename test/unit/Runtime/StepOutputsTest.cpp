//===- StepOutputsTest.cpp - Outputs by role and extents ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/StepOutputs.h"

#include "FunctionModel.h"
#include "orcinus/Graph/Generator.h"
#include "runtime/Abi/Abi.h"
#include "runtime/Train/Invocation.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

using namespace orcinus;

namespace {

/// The arguments of the only function of a manifest.
Manifest manifestOf(const std::string &arguments) {
  auto manifest = parseManifest(
      R"({"version": 2, "model": "ranks", "neighbours": 5, "parameters": [],
          "states": [], "functions": [{"name": "rank_step", "arguments": [)" +
      arguments + "]}]}");
  EXPECT_TRUE(manifest.ok()) << manifest.message();
  return manifest.ok() ? *manifest : Manifest();
}

std::string output(const std::string &role, const std::string &extents) {
  return R"({"binding": "output:)" + role + R"(", "type": "f32", "extents": )" +
         extents + "}";
}

/// Three scores an event, numbered.
void rankStep(void **arguments) {
  auto &scores = *static_cast<MemrefDescriptor *>(arguments[0]);
  int64_t rows = scores.sizesAndStrides[0], columns = scores.sizesAndStrides[1];
  EXPECT_EQ(columns, 2);
  EXPECT_EQ(scores.sizesAndStrides[2], columns);
  auto *values = static_cast<float *>(scores.aligned);
  std::iota(values, values + rows * columns, 0.0f);
  auto &loss = *static_cast<MemrefDescriptor *>(arguments[1]);
  *static_cast<float *>(loss.aligned) = static_cast<float>(rows);
}

void rankPrepare(void *step) { orcinus_rt_targets(step, 0); }

/// The program of them.
test::FunctionModel rankModel() {
  return test::FunctionModel(
      {{"rank_prepare", reinterpret_cast<void *>(rankPrepare)},
       {"rank_step", reinterpret_cast<void *>(rankStep)}});
}

/// The first `events` events of a stream and a negative for each.
class StepOutputsTest : public testing::Test {
protected:
  StepOutputsTest() {
    stream = *generateEventStream(GeneratorOptions());
    graph = TemporalGraph::build(stream, {}, 1);
  }

  StepInput inputOf(size_t events) {
    batch.resize(events);
    std::iota(batch.begin(), batch.end(), 0);
    drawn.assign(events, 0);
    StepInput input;
    input.stream = &stream;
    input.graph = &graph;
    input.events = batch;
    input.negatives = drawn;
    return input;
  }

  EventStream stream;
  TemporalGraph graph;
  std::vector<int32_t> batch, drawn;
};

TEST_F(StepOutputsTest, AFunctionHasOutputsOfItsOwnExtents) {
  test::FunctionModel model = rankModel();
  Manifest manifest =
      manifestOf(R"({"binding": "output:scores", "type": "f32",
                     "extents": [{"events": 3}, 2]},)" +
                 output("loss", "[]") +
                 R"(, {"binding": "table:0.nodes", "type": "i32",
                       "shape": [-1]})");
  ModelState state(manifest, stream.nodeCount, {}, /*device=*/nullptr);
  FeatureArguments features(stream, /*device=*/nullptr);
  auto rank =
      Invocation::create("rank", model, manifest, state, features, lossOutput);
  ASSERT_TRUE(rank.ok()) << rank.message();
  for (size_t events : {7, 2, 20}) {
    Status status = (*rank)->prepare(inputOf(events));
    ASSERT_TRUE(status.ok()) << status.message();
    ASSERT_TRUE((*rank)->step({}).ok());
    const StepOutputs &outputs = (*rank)->outputs();
    StepOutputs::View scores = outputs.find("scores");
    EXPECT_EQ(scores.columns, 2);
    ASSERT_EQ(scores.values.size(), 6 * events);
    EXPECT_EQ(scores.values.back(), 6 * events - 1);
    EXPECT_EQ(outputs.find("loss").values.front(), 3 * events);
    EXPECT_TRUE(outputs.find("embeddings").values.empty());
  }
}

TEST_F(StepOutputsTest, ADriverRefusesWhatItDoesNotRead) {
  test::FunctionModel model = rankModel();
  Manifest manifest = manifestOf(output("scores", R"([{"events": 3}, 2])"));
  ModelState state(manifest, stream.nodeCount, {}, /*device=*/nullptr);
  FeatureArguments features(stream, /*device=*/nullptr);
  auto error = [&](const OutputForm &form) {
    return Invocation::create("rank", model, manifest, state, features, form)
        .message();
  };
  EXPECT_EQ(error(scoresOutput),
            "rank_step gives [3 * events, 2] as its 'scores', which is taken "
            "with the extents [pairs]: compile the model for this use");
  EXPECT_EQ(error(embeddingsOutput),
            "rank_step gives no 'embeddings', which is taken with the extents "
            "[targets, N]: compile the model for this use");
  EXPECT_EQ(error(lossOutput),
            "rank_step gives no 'loss', which is taken with the extents []: "
            "compile the model for this use");
}

/// Sums, counts and tables, and several outputs of one role in their order.
TEST_F(StepOutputsTest, ExtentsAreSumsOfCountsAndTables) {
  Manifest manifest =
      manifestOf(output("pool", R"([{"events": 2, "negatives": 1}, 3])") + "," +
                 output("pool", R"([{"table:0.nodes": 2, "pairs": 1}])") + "," +
                 output("pool", R"([{"targets": 1}, {"pairs": 1}])"));
  StepTables tables;
  StepOutputs outputs;
  std::vector<MemrefDescriptor *> descriptors;
  for (const ArgumentSpecification &argument :
       manifest.functions[0].arguments) {
    auto added = outputs.add(argument, tables);
    ASSERT_TRUE(added.ok()) << added.message();
    descriptors.push_back(*added);
  }
  EXPECT_EQ(outputs.find("pool").columns, 3);
  StepInput input = inputOf(5);
  tables.begin(input);
  tables.targets(0);
  ASSERT_TRUE(tables.finish().ok());
  ASSERT_TRUE(outputs.resize(input).ok());
  EXPECT_EQ(outputs.find("pool", 0).values.size(), 15u * 3);
  EXPECT_EQ(outputs.find("pool", 1).values.size(), 2u * 15 + 10);
  EXPECT_EQ(outputs.find("pool", 2).values.size(), 15u * 10);
  EXPECT_TRUE(outputs.find("pool", 3).values.empty());
  EXPECT_EQ(descriptors[2]->sizesAndStrides[0], 15);
  EXPECT_EQ(descriptors[2]->sizesAndStrides[1], 10);
}

TEST_F(StepOutputsTest, AnExtentBeyondMemoryIsAnError) {
  Manifest manifest = manifestOf(
      output("scores",
             R"([{"events": 1048576}, 2147483647, 2147483647, 2147483647])"));
  StepTables tables;
  StepOutputs outputs;
  ASSERT_TRUE(outputs.add(manifest.functions[0].arguments[0], tables).ok());
  Status status = outputs.resize(inputOf(3));
  EXPECT_EQ(status.message(),
            "the program gives 'output:scores' of shape [3145728, 2147483647, "
            "2147483647, 2147483647], which is more than memory can hold");
  EXPECT_TRUE(outputs.resize(inputOf(0)).ok());
}

} // namespace
