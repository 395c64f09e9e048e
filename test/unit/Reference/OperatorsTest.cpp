//===- OperatorsTest.cpp - Dense operators against hand computation -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Reference/Operators.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace orcinus::reference;

namespace {

TEST(OperatorsTest, LinearMultipliesFromTheRight) {
  Array weight = Array::matrix(2, 3, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(linear(Vector{10, 1}, weight, Array::vector({0, 1, -36})),
            (Vector{14, 26, 0}));
}

TEST(OperatorsTest, SliceTakesOneHead) {
  Array heads = {{2, 1, 2}, {1, 2, 3, 4}};
  Array second = heads.slice(1);
  EXPECT_EQ(second.shape, (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(second.values, (Vector{3, 4}));
}

TEST(OperatorsTest, SoftmaxOfLogarithms) {
  Vector result = softmax({std::log(1.0), std::log(3.0)});
  EXPECT_NEAR(result[0], 0.25, 1e-15);
  EXPECT_NEAR(result[1], 0.75, 1e-15);
}

TEST(OperatorsTest, SoftmaxOfLargeScoresIsFinite) {
  Vector result = softmax({1000, 1000});
  EXPECT_EQ(result, (Vector{0.5, 0.5}));
}

TEST(OperatorsTest, LayerNormUsesTheBiasedVariance) {
  // Mean 2, variance 1.
  Vector result =
      layerNorm({1, 3}, Array::vector({1, 10}), Array::vector({0, 5}));
  double deviation = std::sqrt(1 + 1e-5);
  EXPECT_NEAR(result[0], -1 / deviation, 1e-12);
  EXPECT_NEAR(result[1], 10 / deviation + 5, 1e-12);
}

TEST(OperatorsTest, GatedRecurrentUnitOrdersItsGatesResetUpdateCandidate) {
  // One unit. Reset: σ(ln 3) = 3/4; update: σ(-ln 3) = 1/4;
  // candidate: tanh(0.5 + 3/4 · (2 · 0.4)) = tanh(1.1).
  double gate = std::log(3.0);
  Array input = Array::matrix(1, 3, {gate, -gate, 0.5});
  Array state = Array::matrix(1, 3, {0, 0, 2});
  Array zero = Array::vector({0, 0, 0});
  Vector result =
      gatedRecurrentUnit(Vector{1}, Vector{0.4}, input, zero, state, zero);
  EXPECT_NEAR(result[0], 0.75 * std::tanh(1.1) + 0.25 * 0.4, 1e-15);
}

TEST(OperatorsTest, GatedRecurrentUnitResetsTheCandidatesStateBias) {
  // A closed reset gate removes the state's bias but not the input's.
  Array input = Array::matrix(1, 3, {0, 0, 0});
  Array inputBias = Array::vector({-1000, -1000, 0.25});
  Array stateBias = Array::vector({0, 0, 7});
  Vector result = gatedRecurrentUnit(Vector{1}, Vector{0.4}, input, inputBias,
                                     input, stateBias);
  EXPECT_NEAR(result[0], std::tanh(0.25), 1e-15);
}

TEST(OperatorsTest, LinkLossIsTheMeanCrossEntropy) {
  double third = std::log(0.5); // σ = 1/3
  EXPECT_NEAR(linkLoss(Vector{third, third}),
              (-std::log(1.0 / 3) - std::log(2.0 / 3)) / 2, 1e-15);
}

TEST(OperatorsTest, LinkLossOfLargeLogitsIsFinite) {
  EXPECT_EQ(linkLoss(Vector{-1000, 1000}), 1000);
  EXPECT_EQ(linkLoss(Vector{1000, -1000}), 0);
}

} // namespace
