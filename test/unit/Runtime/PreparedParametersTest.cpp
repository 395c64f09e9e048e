//===- PreparedParametersTest.cpp - What is of parameters alone -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FunctionModel.h"
#include "orcinus/Graph/Generator.h"
#include "runtime/Train/Invocation.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

using namespace orcinus;

namespace {

float &firstOf(void *argument) {
  return *static_cast<float *>(
      static_cast<MemrefDescriptor *>(argument)->aligned);
}

/// How often the program was asked to prepare, and what its step read.
int preparations;
float seen;

void prepareStep(void **arguments) {
  ++preparations;
  firstOf(arguments[1]) = 10 * firstOf(arguments[0]);
}
void readStep(void **arguments) { seen = firstOf(arguments[0]); }
void applyStep(void **arguments) { ++firstOf(arguments[0]); }

/// w, ten times w, and what adds one to w.
std::string manifestText() {
  std::string w = R"({"binding": "parameter:w", "type": "f32", "shape": [1]})",
              tenfold =
                  R"({"binding": "prepared:0", "type": "f32", "shape": [1]})";
  return R"({"version": 2, "model": "tenfold", "neighbours": 1,
      "parameters": [{"name": "w", "shape": [1], "initializer": "ones"}],
      "states": [], "functions": [
      {"name": "prepare_parameters_step", "arguments": [)" +
         w + "," + tenfold + R"(]}, {"name": "embed_step", "arguments": [)" +
         tenfold + R"(]}, {"name": "apply_step", "arguments": [)" + w + "]}]}";
}

class PreparedParametersTest : public testing::Test {
protected:
  PreparedParametersTest()
      : stream(*generateEventStream({})),
        manifest(*parseManifest(manifestText())),
        state(manifest, stream.nodeCount, {}, nullptr),
        features(stream, nullptr) {
    EXPECT_TRUE(state.initialize(manifest, {}).ok());
    preparations = 0;
  }

  std::unique_ptr<Invocation> create(std::string_view name) {
    auto result =
        Invocation::create(name, model, manifest, state, features, {});
    EXPECT_TRUE(result.ok()) << result.message();
    return std::move(*result);
  }

  void expectSeen(Invocation &reader, float value, int times) {
    ASSERT_TRUE(reader.step({}).ok());
    EXPECT_EQ(seen, value);
    EXPECT_EQ(preparations, times);
  }

  test::FunctionModel model{
      {{"prepare_parameters_step", reinterpret_cast<void *>(prepareStep)},
       {"embed_step", reinterpret_cast<void *>(readStep)},
       {"apply_step", reinterpret_cast<void *>(applyStep)}}};
  EventStream stream;
  Manifest manifest;
  ModelState state;
  FeatureArguments features;
};

TEST_F(PreparedParametersTest, AreComputedOnceForAllThatReadThem) {
  auto first = create("embed"), second = create("embed");
  EXPECT_EQ(preparations, 0);
  expectSeen(*first, 10, 1);
  expectSeen(*first, 10, 1);
  expectSeen(*second, 10, 1);
}

TEST_F(PreparedParametersTest, FollowAStepThatChangesTheParameters) {
  auto reader = create("embed"), apply = create("apply");
  expectSeen(*reader, 10, 1);
  ASSERT_TRUE(apply->step({}).ok());
  ASSERT_TRUE(apply->step({}).ok());
  expectSeen(*reader, 30, 2);
  expectSeen(*reader, 30, 2);
}

TEST_F(PreparedParametersTest, FollowParametersThatAreReplaced) {
  auto reader = create("embed"), apply = create("apply");
  ModelSnapshot snapshot;
  ASSERT_TRUE(snapshot.take(state).ok());
  ASSERT_TRUE(apply->step({}).ok());
  expectSeen(*reader, 20, 1);
  snapshot.restore(state);
  expectSeen(*reader, 10, 2);
  state.find(BindingKind::Parameter, "w")->values()[0] = 7;
  expectSeen(*reader, 70, 3);
  // Looking at them is no change.
  EXPECT_EQ(std::as_const(state).parameters[0].values()[0], 7);
  expectSeen(*reader, 70, 3);
}

TEST_F(PreparedParametersTest, AProgramThatLacksTheFunctionIsRefused) {
  test::FunctionModel lacking(
      {{"embed_step", reinterpret_cast<void *>(readStep)}});
  auto result =
      Invocation::create("embed", lacking, manifest, state, features, {});
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.message().find("has no prepare_parameters_step"),
            std::string::npos)
      << result.message();
}

} // namespace
