//===- ReferenceTest.cpp - The reference models by hand -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Reference/Reference.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace orcinus;
using namespace orcinus::reference;

namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

EventStream makeStream(std::vector<int32_t> source,
                       std::vector<int32_t> destination,
                       std::vector<double> time) {
  EventStream stream;
  stream.nodeCount = 3;
  stream.source = std::move(source);
  stream.destination = std::move(destination);
  stream.setSeconds(time);
  return stream;
}

/// A TGN of width 1, one layer and one head, without LayerNorm, over the
/// events (0, 1, t = 1), (1, 2, t = 3), (0, 2, t = 4). Its update gate is
/// shut, so that a message [self ‖ other ‖ φ] makes the state
/// tanh(0.1 self + 0.2 other + φ + 0.5); of width 1, φ(x) is cos(x).
class TgnTest : public testing::Test {
protected:
  TgnTest()
      : stream(makeStream({0, 1, 0}, {1, 2, 2}, {1, 3, 4})),
        model(options(), parameters(), stream) {}

  static ModelOptions options() {
    ModelOptions options = ModelOptions::tgn();
    options.layers = 1;
    options.width = 1;
    options.layerNorm = false;
    return options;
  }

  static Parameters parameters() {
    Array zero = Array::vector({0});
    return {
        {"embed1.query", Array::matrix(2, 1, {0.7, 0})},
        {"embed1.query_bias", zero},
        {"embed1.key", {{1, 2, 1}, {1, 0}}},
        {"embed1.value", {{1, 2, 1}, {1, 1}}},
        {"embed1.output", Array::matrix(1, 1, {2})},
        {"embed1.output_bias", Array::vector({0.5})},
        {"embed1.hidden", Array::matrix(2, 1, {1, 1})},
        {"embed1.hidden_bias", zero},
        {"embed1.result", Array::matrix(1, 1, {3})},
        {"embed1.result_bias", Array::vector({0.25})},
        {"memory.input", Array::matrix(3, 3, {0, 0, 0.1, 0, 0, 0.2, 0, 0, 1})},
        {"memory.input_bias", Array::vector({0, -1000, 0.5})},
        {"memory.state", Array::matrix(1, 3, {0, 0, 0})},
        {"memory.state_bias", Array::vector({0, 0, 0})},
        {"link.hidden", Array::matrix(2, 1, {1, -0.5})},
        {"link.hidden_bias", Array::vector({0.125})},
        {"link.result", Array::matrix(1, 1, {-2})},
        {"link.result_bias", Array::vector({0.1})}};
  }

  static double updated(double self, double other, double timeDelta) {
    return std::tanh(0.1 * self + 0.2 * other + std::cos(timeDelta) + 0.5);
  }

  EventStream stream;
  Model model;
};

TEST_F(TgnTest, AQueryWithoutNeighboursHasNoAttention) {
  // In particular, the output's bias is not added.
  EXPECT_NEAR(model.embedding(0, 1)[0], 0.25, 1e-12);
}

TEST_F(TgnTest, ScoresEventsThenNegatives) {
  // All embeddings are 0.25: hidden is 0.25 - 0.125 + 0.125.
  Vector logits = model.logits({{0}, {2}});
  ASSERT_EQ(logits.size(), 2u);
  EXPECT_NEAR(logits[0], -0.4, 1e-12);
  EXPECT_NEAR(logits[1], -0.4, 1e-12);
  EXPECT_NEAR(model.loss({{0}, {2}}),
              (-std::log(sigmoid(-0.4)) - std::log(1 - sigmoid(-0.4))) / 2,
              1e-12);
}

TEST_F(TgnTest, AMessageWaitsUntilItsNodeIsReadOrSeenAgain) {
  model.commit({{0}, {2}});
  EXPECT_EQ(model.state(0)[0], 0);
  EXPECT_NEAR(model.updatedState(0)[0], updated(0, 0, 1), 1e-12);
  EXPECT_EQ(model.updatedState(2)[0], 0);
}

TEST_F(TgnTest, AttendsToOneNeighbour) {
  model.commit({{0}, {2}});
  double state = updated(0, 0, 1);
  double attention = 2 * (state + std::cos(2)) + 0.5;
  EXPECT_NEAR(model.embedding(0, 3)[0], 3 * (attention + state) + 0.25, 1e-12);
}

TEST_F(TgnTest, WeighsNeighboursByTheirScores) {
  model.commit({{0}, {2}});
  double state = updated(0, 0, 1);
  // Neighbours of node 1 at 4: node 0 with the state, node 2 with zero.
  double weight = sigmoid(0.7 * state * state);
  double mixed = weight * (state + std::cos(3)) + (1 - weight) * std::cos(1);
  EXPECT_NEAR(model.embedding(1, 4)[0], 3 * (2 * mixed + 0.5 + state) + 0.25,
              1e-12);
}

TEST_F(TgnTest, HiddenEventsAreNotSampled) {
  Model blind(options(), parameters(), stream, {0, 0, 0});
  blind.commit({{0}, {2}});
  EXPECT_NEAR(blind.embedding(0, 3)[0], 3 * updated(0, 0, 1) + 0.25, 1e-12);
}

TEST_F(TgnTest, CommitAppliesOldMessagesAndLeavesNewOnes) {
  model.commit({{0}, {2}});
  model.commit({{1}, {0}});
  double state = updated(0, 0, 1);
  EXPECT_NEAR(model.state(1)[0], state, 1e-12);
  EXPECT_EQ(model.state(2)[0], 0);
  // Node 1 was updated at 1; node 2 never, which counts from 0.
  EXPECT_NEAR(model.updatedState(1)[0], updated(state, 0, 2), 1e-12);
  EXPECT_NEAR(model.updatedState(2)[0], updated(0, state, 3), 1e-12);
  // Node 0 took no part: its message still waits.
  EXPECT_EQ(model.state(0)[0], 0);
  EXPECT_NEAR(model.updatedState(0)[0], state, 1e-12);
}

TEST_F(TgnTest, TheLatestEventOfABatchWins) {
  model.commit({{0}, {2}});
  model.commit({{1, 2}, {0, 1}});
  double state = updated(0, 0, 1);
  // Both events hold the states from after the old messages.
  EXPECT_NEAR(model.updatedState(2)[0], updated(0, state, 4), 1e-12);
  EXPECT_NEAR(model.updatedState(1)[0], updated(state, 0, 2), 1e-12);
  EXPECT_NEAR(model.updatedState(0)[0], updated(state, 0, 3), 1e-12);
}

TEST_F(TgnTest, ResetForgetsStatesAndMessages) {
  model.commit({{0}, {2}});
  model.commit({{1}, {0}});
  model.resetStates();
  EXPECT_EQ(model.updatedState(1)[0], 0);
}

TEST_F(TgnTest, NumericGradientOfTheDecodersBias) {
  model.commit({{0}, {2}});
  Batch batch{{1}, {0}};
  Vector logits = model.logits(batch);
  double expected = (sigmoid(logits[0]) - 1 + sigmoid(logits[1])) / 2;
  EXPECT_NEAR(numericGradient(model, batch, "link.result_bias", 0), expected,
              1e-8);
}

TEST_F(TgnTest, NumericGradientReachesTheStateUpdate) {
  // At 4, each side of the pair (1, 2) depends on the state of nodes 0 and 1.
  model.commit({{0}, {2}});
  EXPECT_NE(numericGradient(model, {{1}, {2}}, "memory.input_bias", 2), 0);
  // Before any message the update is not computed at all.
  model.resetStates();
  EXPECT_EQ(numericGradient(model, {{1}, {2}}, "memory.input_bias", 2), 0);
}

/// A TGAT of width 1 and two layers over (1, 2, t = 1), (0, 1, t = 2),
/// (1, 2, t = 3), with φ(x) = cos(0.1 x + 0.2). Layer 1 returns the mean φ of
/// the neighbours; layer 2 the mean of what layer 1 returned for them.
class TgatTest : public testing::Test {
protected:
  TgatTest() : stream(makeStream({1, 0, 1}, {2, 1, 2}, {1, 2, 3})) {}

  static ModelOptions options() {
    ModelOptions options = ModelOptions::tgat();
    options.width = 1;
    return options;
  }

  static Parameters parameters() {
    Array zero = Array::vector({0});
    Parameters result = {{"time.frequency", Array::vector({0.1})},
                         {"time.phase", Array::vector({0.2})}};
    for (std::string prefix : {"embed1.", "embed2."}) {
      result[prefix + "query"] = Array::matrix(2, 1, {0, 0});
      result[prefix + "query_bias"] = zero;
      result[prefix + "key"] = {{1, 2, 1}, {1, 1}};
      result[prefix + "output"] = Array::matrix(1, 1, {1});
      result[prefix + "output_bias"] = zero;
      result[prefix + "hidden"] = Array::matrix(2, 1, {1, 0});
      result[prefix + "hidden_bias"] = zero;
      result[prefix + "result"] = Array::matrix(1, 1, {1});
      result[prefix + "result_bias"] = zero;
    }
    result["embed1.value"] = {{1, 2, 1}, {0, 1}};
    result["embed2.value"] = {{1, 2, 1}, {1, 0}};
    return result;
  }

  static double encoded(double timeDelta) {
    return std::cos(0.1 * timeDelta + 0.2);
  }

  EventStream stream;
};

TEST_F(TgatTest, EmbedsANeighbourAtItsEventsTime) {
  Model model(options(), parameters(), stream);
  EXPECT_NEAR(model.embedding(0, 4)[0], encoded(1), 1e-12);
}

TEST_F(TgatTest, EmbedsANeighbourAtTheQuerysTime) {
  ModelOptions atQuery = options();
  atQuery.neighbourTime = NeighbourTime::Query;
  Model model(atQuery, parameters(), stream);
  EXPECT_NEAR(model.embedding(0, 4)[0],
              (encoded(3) + encoded(2) + encoded(1)) / 3, 1e-12);
}

TEST_F(TgatTest, HeadsAttendOnTheirOwn) {
  // Two heads of width 4. The first scores by φ(0) · φ(t - τ) in its first
  // component and returns φ there; the second takes the mean of φ in its
  // second component.
  Parameters all = parameters();
  all["embed1.query"] =
      Array::matrix(2, 8, {0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0});
  all["embed1.query_bias"] = Array::vector({0, 0, 0, 0, 0, 0, 0, 0});
  all["embed1.key"] = {{2, 2, 4},
                       {0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0}};
  all["embed1.value"] = {{2, 2, 4},
                         {0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0}};
  all["embed1.output"] = Array::matrix(8, 1, {1, 0, 0, 0, 0, 10, 0, 0});
  ModelOptions oneLayer = options();
  oneLayer.layers = 1;
  Model model(oneLayer, all, stream);
  // Node 2 at 9 has node 1 as its neighbour at 1 and at 3.
  double early = encoded(8), late = encoded(6);
  double weight = sigmoid(5 * encoded(0) * (late - early) / std::sqrt(4.0));
  EXPECT_NEAR(model.embedding(2, 9)[0],
              weight * late + (1 - weight) * early + 10 * (late + early) / 2,
              1e-12);
}

TEST_F(TgatTest, NodeFeaturesAreTheInnermostEmbedding) {
  stream.nodeFeatures = {3, 2, {1, 2, 3, 4, 5, 6}};
  ModelOptions noLayer = options();
  noLayer.layers = 0;
  Model model(noLayer, {}, stream);
  EXPECT_EQ(model.embedding(1, 4), (Vector{3, 4}));
}

TEST_F(TgatTest, NumericGradientOfALearnedPhase) {
  Parameters all = parameters();
  all["link.hidden"] = Array::matrix(2, 1, {1, 1});
  all["link.hidden_bias"] = Array::vector({1});
  all["link.result"] = Array::matrix(1, 1, {1});
  all["link.result_bias"] = Array::vector({0});
  Model model(options(), all, stream);
  // Event 1, (0, 1, t = 2): node 0 has no neighbour; node 1 has node 2 via
  // event 0, where node 2 had none. Only layer 1's h^1 = 0 is attended to.
  EXPECT_EQ(numericGradient(model, {{1}, {0}}, "time.phase", 0), 0);
  // Event 2, (1, 2, t = 3): node 1 attends to node 0 and node 2 (h^1 = 0),
  // so does node 2 to node 1 at 1. With the negative 0, which attends to
  // node 1 at 2, h^1 = φ(1): only that logit depends on the phase.
  Vector logits = model.logits({{2}, {0}});
  double slope = -std::sin(0.1 + 0.2);
  EXPECT_NEAR(logits[1], 1 + encoded(1), 1e-12);
  EXPECT_NEAR(numericGradient(model, {{2}, {0}}, "time.phase", 0),
              sigmoid(logits[1]) * slope / 2, 1e-8);
}

} // namespace
