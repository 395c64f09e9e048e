//===- CompositeTest.cpp - Gradients of whole layers ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AutodiffHarness.h"

#include <cmath>

using namespace orcinus::test;

namespace {

Snippet linearOfParts() {
  return {.name = "LinearOfParts",
          .parameters = {{"x", "Qx4"}, {"v", "3"}, {"w", "9x6"}, {"b", "6"}},
          .constants = {{"e", "Qx2"}},
          .body = "%r = tgnn.broadcast_rows %v like %x : tensor<3>, "
                  "tensor<Qx4> -> tensor<Qx3>\n"
                  "%p = tgnn.concat %x, %e, %r : tensor<Qx4>, tensor<Qx2>, "
                  "tensor<Qx3> -> tensor<Qx9>\n"
                  "%y = tgnn.linear %p, %w, %b : tensor<Qx9>, tensor<9x6>, "
                  "tensor<6> -> tensor<Qx6>",
          .result = "Qx6"};
}

Snippet linearOfOne() {
  return {.name = "Linear",
          .parameters = {{"x", "Qx4"}, {"w", "4x6"}, {"b", "6"}},
          .body = "%y = tgnn.linear %x, %w, %b : tensor<Qx4>, tensor<4x6>, "
                  "tensor<6> -> tensor<Qx6>",
          .result = "Qx6"};
}

Snippet linearOfTokens() {
  return {.name = "LinearOfTokens",
          .parameters = {{"x", "Qx3x4"}, {"w", "6x5"}, {"b", "5"}},
          .constants = {{"e", "Qx3x2"}},
          .body = "%p = tgnn.concat %x, %e : tensor<Qx3x4>, tensor<Qx3x2> -> "
                  "tensor<Qx3x6>\n"
                  "%y = tgnn.linear %p, %w, %b : tensor<Qx3x6>, tensor<6x5>, "
                  "tensor<5> -> tensor<Qx3x5>",
          .result = "Qx3x5"};
}

/// A linear map over tokens of a transposed input, whose rows are normalised.
Snippet mixedTokens() {
  return {.name = "MixedTokens",
          .parameters = {{"x", "Qx8x2"},
                         {"scale", "8"},
                         {"shift", "8"},
                         {"w", "8x4"},
                         {"b", "4"},
                         {"v", "4x8"},
                         {"d", "8"}},
          .body = R"(
            %t = tgnn.transpose %x : tensor<Qx8x2> -> tensor<Qx2x8>
            %r = tgnn.reshape %t to [8] : tensor<Qx2x8> -> tensor<?x8xf32>
            %n, %s = tgnn.layer_norm(%r, %scale, %shift)
                : (tensor<?x8xf32>, tensor<8>, tensor<8>)
                -> (tensor<?x8xf32>, tensor<?x2xf32>)
            %h = tgnn.linear %n, %w, %b
                : tensor<?x8xf32>, tensor<8x4>, tensor<4> -> tensor<?x4xf32>
            %e = tgnn.gelu %h : tensor<?x4xf32> -> tensor<?x4xf32>
            %o = tgnn.dropout(%e, %seed) {rate = 0.4 : f32, salt = 5 : i64}
                : (tensor<?x4xf32>, i64) -> tensor<?x4xf32>
            %m = tgnn.linear %o, %v, %d
                : tensor<?x4xf32>, tensor<4x8>, tensor<8> -> tensor<?x8xf32>
            %k = tgnn.reshape %m to [2, 8] : tensor<?x8xf32> -> tensor<Qx2x8>
            %u = tgnn.transpose %k : tensor<Qx2x8> -> tensor<Qx8x2>
            %y = tgnn.add %x, %u
                : tensor<Qx8x2>, tensor<Qx8x2> -> tensor<Qx8x2>)",
          .result = "Qx8x2"};
}

Snippet recurrentUnit() {
  return {.name = "Gru",
          .parameters = {{"x", "Px5"},
                         {"h", "Px4"},
                         {"wi", "5x12"},
                         {"bi", "12"},
                         {"ws", "4x12"},
                         {"bs", "12"}},
          .body = "%y = tgnn.gru %x, %h, %wi, %bi, %ws, %bs : (tensor<Px5>, "
                  "tensor<Px4>, tensor<5x12>, tensor<12>, tensor<4x12>, "
                  "tensor<12>) -> tensor<Px4>",
          .result = "Px4"};
}

/// A cell with `gates` gates, whose results are concatenated.
Snippet cell(const std::string &op, int gates, bool hasCell) {
  std::string width = std::to_string(4 * gates);
  Snippet snippet;
  snippet.name = op;
  snippet.parameters = {{"x", "Px5"},         {"h", "Px4"},
                        {"wi", "5x" + width}, {"bi", width},
                        {"ws", "4x" + width}, {"bs", width}};
  if (hasCell)
    snippet.parameters.push_back({"k", "Px4"});
  snippet.body = "%n" + std::string(hasCell ? ", %m" : "") + " = tgnn." + op +
                 " %x, %h" + (hasCell ? ", %k" : "") +
                 ", %wi, %bi, %ws, %bs : (tensor<Px5>, tensor<Px4>, " +
                 (hasCell ? "tensor<Px4>, " : "") + "tensor<5x" + width +
                 ">, tensor<" + width + ">, tensor<4x" + width + ">, tensor<" +
                 width + ">) -> " +
                 (hasCell ? "(tensor<Px4>, tensor<Px4>)" : "tensor<Px4>");
  std::string last = hasCell ? "%m" : "%n";
  snippet.body += "\n%y = tgnn.concat %n, " + last +
                  " : tensor<Px4>, tensor<Px4> -> tensor<Px8>";
  snippet.result = "Px8";
  return snippet;
}

Snippet tokenAttention(const std::string &dropout) {
  return {.name = "TokenAttention" +
                  std::string(dropout == "0.0" ? "" : "_dropout"),
          .parameters = {{"q", "Qx2x8"}, {"k", "Qx3x8"}, {"v", "Qx3x6"}},
          .body = "%y = tgnn.token_attention %q, %k, %v, %counts heads(2) "
                  "{dropout = " +
                  dropout +
                  " : f32, salt = 9 : i64} : (tensor<Qx2x8>, tensor<Qx3x8>, "
                  "tensor<Qx3x6>, tensor<?xi32>) -> tensor<Qx2x6>",
          .result = "Qx2x6"};
}

const char keys[] =
    "%rows_of_neighbours = tgnn.gather(%t, %neighbours) : (tensor<Fx5>, "
    "tensor<?x3xi32>) -> tensor<Qx3x5>\n"
    "%edges = tgnn.gather(%e, %events) : (tensor<Fx3>, tensor<?x3xi32>) -> "
    "tensor<Qx3x3>\n"
    "%time = tgnn.time_encode(%deltas, %f, %p) : (tensor<?x3xf32>, tensor<4>, "
    "tensor<4>) -> tensor<Qx3x4>\n"
    "%keys = tgnn.concat %rows_of_neighbours, %edges, %time : tensor<Qx3x5>, "
    "tensor<Qx3x3>, tensor<Qx3x4> -> tensor<Qx3x12>\n";

Snippet temporalAttention(const std::string &form, const std::string &dropout) {
  return {.name = "TemporalAttention_" + form +
                  (dropout == "0.0" ? "" : "_dropout"),
          .parameters = {{"q", "Qx8"},
                         {"t", "Fx5"},
                         {"wk", "2x12x4"},
                         {"wv", "2x12x3"},
                         {"f", "4"},
                         {"p", "4"}},
          .constants = {{"e", "Fx3"}},
          .body = std::string(keys) +
                  "%y = tgnn.temporal_attention %q, %keys, %counts, %wk, %wv "
                  "{dropout = " +
                  dropout +
                  " : f32, salt = 9 : i64} : (tensor<Qx8>, tensor<Qx3x12>, "
                  "tensor<?xi32>, tensor<2x12x4>, tensor<2x12x3>) -> "
                  "tensor<Qx6>",
          .result = "Qx6",
          .attentionForm = form};
}

Snippet denseKeys() {
  return {.name = "TemporalAttentionOfDenseKeys",
          .parameters = {{"q", "Qx8"},
                         {"k", "Qx3x5"},
                         {"wk", "2x5x4"},
                         {"wv", "2x5x3"}},
          .body = "%y = tgnn.temporal_attention %q, %k, %counts, %wk, %wv : "
                  "(tensor<Qx8>, tensor<Qx3x5>, tensor<?xi32>, "
                  "tensor<2x5x4>, tensor<2x5x3>) -> tensor<Qx6>",
          .result = "Qx6"};
}

class CompositeTest : public testing::TestWithParam<Snippet> {};

TEST_P(CompositeTest, GradientIsTheDerivative) { expectGradients(GetParam()); }

std::vector<Snippet> composites() {
  return {linearOfOne(),
          linearOfParts(),
          linearOfTokens(),
          mixedTokens(),
          recurrentUnit(),
          cell("rnn_cell", 1, false),
          cell("lstm", 4, true),
          tokenAttention("0.0"),
          tokenAttention("0.4"),
          denseKeys(),
          temporalAttention("project_query", "0.0"),
          temporalAttention("project_query", "0.4"),
          temporalAttention("project_neighbours", "0.0"),
          temporalAttention("project_neighbours", "0.4")};
}

std::string nameOf(const testing::TestParamInfo<Snippet> &info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Composites, CompositeTest,
                         testing::ValuesIn(composites()), nameOf);
// Those that no test of whole models runs on a GPU.
INSTANTIATE_TEST_SUITE_P(SimulatedComposites, CompositeTest,
                         testing::ValuesIn(simulated(
                             {linearOfParts(), linearOfTokens(), mixedTokens(),
                              cell("rnn_cell", 1, false), cell("lstm", 4, true),
                              tokenAttention("0.4")})),
                         nameOf);

std::vector<double> asDoubles(const std::vector<float> &values) {
  return {values.begin(), values.end()};
}

/// Both programs give the same values, losses and gradients up to rounding.
void expectSameProgram(CompiledSnippet &left, CompiledSnippet &right,
                       const Snippet &snippet) {
  EXPECT_NEAR(left.run(), right.run(), 2e-4);
  expectClose(asDoubles(left.result()), asDoubles(right.result()), 2e-5, "y");
  for (const Variable &variable : snippet.parameters)
    expectClose(left.gradient(variable.name), right.gradient(variable.name),
                1e-4, "the gradient by " + variable.name);
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// Element `column` of row `row` of x·W + b + h·U + c.
double gateSum(CompiledSnippet &compiled, size_t row, size_t column) {
  const std::vector<float> &x = compiled.parameter("x"),
                           &wi = compiled.parameter("wi"),
                           &h = compiled.parameter("h"),
                           &ws = compiled.parameter("ws");
  size_t width = compiled.parameter("bi").size();
  double sum =
      compiled.parameter("bi")[column] + compiled.parameter("bs")[column];
  for (size_t at = 0; at < 5; ++at)
    sum += double(x[5 * row + at]) * wi[at * width + column];
  for (size_t at = 0; at < 4; ++at)
    sum += double(h[4 * row + at]) * ws[at * width + column];
  return sum;
}

TEST(CellTest, IsElmans) {
  auto compiled = CompiledSnippet::compile(cell("rnn_cell", 1, false));
  ASSERT_TRUE(compiled);
  compiled->run();
  std::vector<double> expected;
  for (size_t row = 0; row < 4; ++row)
    for (size_t at = 0; at < 8; ++at)
      expected.push_back(std::tanh(gateSum(*compiled, row, at % 4)));
  expectClose(asDoubles(compiled->result()), expected, 1e-6, "the state");
}

TEST(CellTest, RemembersAsPyTorchs) {
  auto compiled = CompiledSnippet::compile(cell("lstm", 4, true));
  ASSERT_TRUE(compiled);
  compiled->run();
  std::vector<double> expected(32);
  for (size_t row = 0; row < 4; ++row)
    for (size_t at = 0; at < 4; ++at) {
      auto gate = [&](size_t index) {
        return gateSum(*compiled, row, 4 * index + at);
      };
      double kept = sigmoid(gate(1)) * compiled->parameter("k")[4 * row + at] +
                    sigmoid(gate(0)) * std::tanh(gate(2));
      expected[8 * row + at] = sigmoid(gate(3)) * std::tanh(kept);
      expected[8 * row + 4 + at] = kept;
    }
  expectClose(asDoubles(compiled->result()), expected, 1e-6, "both states");
}

TEST(TokenAttentionTest, IsOverValidTokens) {
  auto compiled = CompiledSnippet::compile(tokenAttention("0.0"));
  ASSERT_TRUE(compiled);
  compiled->run();
  // The harness's numbers of valid neighbours.
  const int counts[] = {3, 0, 2, 1, 3, 2};
  const std::vector<float> &q = compiled->parameter("q"),
                           &k = compiled->parameter("k"),
                           &v = compiled->parameter("v");
  std::vector<double> expected(6 * 2 * 6);
  for (int query = 0; query < 6; ++query)
    for (int token = 0; token < 2; ++token)
      for (int head = 0; head < 2; ++head) {
        std::vector<double> weights;
        double total = 0;
        for (int key = 0; key < counts[query]; ++key) {
          double score = 0;
          for (int at = 4 * head; at < 4 * head + 4; ++at)
            score += double(q[(2 * query + token) * 8 + at]) *
                     k[(3 * query + key) * 8 + at];
          weights.push_back(std::exp(score / 2));
          total += weights.back();
        }
        for (int key = 0; key < counts[query]; ++key)
          for (int at = 3 * head; at < 3 * head + 3; ++at)
            expected[(2 * query + token) * 6 + at] +=
                weights[key] / total * v[(3 * query + key) * 6 + at];
      }
  expectClose(asDoubles(compiled->result()), expected, 1e-6, "the attention");
}

class DropoutOfForms : public testing::TestWithParam<const char *> {};

TEST_P(DropoutOfForms, BothFormsOfAttentionAreTheSame) {
  Snippet query = temporalAttention("project_query", GetParam());
  Snippet neighbours = temporalAttention("project_neighbours", GetParam());
  auto left = CompiledSnippet::compile(query);
  auto right = CompiledSnippet::compile(neighbours);
  ASSERT_TRUE(left && right);
  EXPECT_NE(left->forwardText().find("tgnn.attend"), std::string::npos);
  EXPECT_EQ(right->forwardText().find("tgnn.attend"), std::string::npos);
  expectSameProgram(*left, *right, query);
}
INSTANTIATE_TEST_SUITE_P(Dropout, DropoutOfForms,
                         testing::Values("0.0", "0.4"));

//===----------------------------------------------------------------------===//
// Products of weights
//===----------------------------------------------------------------------===//

Snippet twoLinears() {
  return {.name = "TwoLinears",
          .parameters = {{"x", "Qx4"},
                         {"w", "4x12"},
                         {"b", "12"},
                         {"v", "12x3"},
                         {"d", "3"}},
          .body = "%h = tgnn.linear %x, %w, %b : tensor<Qx4>, tensor<4x12>, "
                  "tensor<12> -> tensor<Qx12>\n"
                  "%y = tgnn.linear %h, %v, %d : tensor<Qx12>, tensor<12x3>, "
                  "tensor<3> -> tensor<Qx3>",
          .result = "Qx3"};
}

Snippet twoLinearsAndAMask() {
  Snippet snippet = twoLinears();
  snippet.name = "TwoLinearsAndAMask";
  snippet.body = "%h = tgnn.linear %x, %w, %b : tensor<Qx4>, tensor<4x12>, "
                 "tensor<12> -> tensor<Qx12>\n"
                 "%m = tgnn.mask_rows(%h, %counts) : (tensor<Qx12>, "
                 "tensor<?xi32>) -> tensor<Qx12>\n"
                 "%y = tgnn.linear %m, %v, %d : tensor<Qx12>, tensor<12x3>, "
                 "tensor<3> -> tensor<Qx3>";
  return snippet;
}

/// A linear map before and after the heads of an attention.
Snippet layer() {
  return {.name = "Layer",
          .parameters = {{"x", "Qx3"},
                         {"t", "Fx5"},
                         {"wq", "3x16"},
                         {"bq", "16"},
                         {"wk", "2x5x8"},
                         {"wv", "2x5x8"},
                         {"wo", "16x4"},
                         {"bo", "4"}},
          .body = "%k = tgnn.gather(%t, %neighbours) : (tensor<Fx5>, "
                  "tensor<?x3xi32>) -> tensor<Qx3x5>\n"
                  "%q = tgnn.linear %x, %wq, %bq : tensor<Qx3>, "
                  "tensor<3x16>, tensor<16> -> tensor<Qx16>\n"
                  "%a = tgnn.temporal_attention %q, %k, %counts, %wk, %wv : "
                  "(tensor<Qx16>, tensor<Qx3x5>, tensor<?xi32>, "
                  "tensor<2x5x8>, tensor<2x5x8>) -> tensor<Qx16>\n"
                  "%y = tgnn.linear %a, %wo, %bo : tensor<Qx16>, "
                  "tensor<16x4>, tensor<4> -> tensor<Qx4>",
          .result = "Qx4",
          .attentionForm = "project_query"};
}

class ReassociationTest : public testing::TestWithParam<Snippet> {};

TEST_P(ReassociationTest, ChangesTheProgramButNotItsResults) {
  Snippet reassociated = GetParam();
  reassociated.reassociate = true;
  auto before = CompiledSnippet::compile(GetParam());
  auto after = CompiledSnippet::compile(reassociated);
  ASSERT_TRUE(before && after);
  EXPECT_NE(before->forwardText(), after->forwardText());
  expectSameProgram(*before, *after, reassociated);
}

TEST_P(ReassociationTest, GradientIsTheDerivative) {
  Snippet reassociated = GetParam();
  reassociated.reassociate = true;
  expectGradients(reassociated);
}

INSTANTIATE_TEST_SUITE_P(Reassociation, ReassociationTest,
                         testing::Values(twoLinears(), twoLinearsAndAMask(),
                                         layer()),
                         [](const auto &info) { return info.param.name; });

} // namespace
