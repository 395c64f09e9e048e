//===- KernelOpsTest.cpp - Adjoints of kernels ----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AutodiffHarness.h"

using namespace orcinus::test;

namespace {

class KernelAdjointTest : public testing::TestWithParam<Snippet> {};

TEST_P(KernelAdjointTest, IsTheDerivative) { expectGradients(GetParam()); }

std::string nameOf(const testing::TestParamInfo<Snippet> &info) {
  return info.param.name;
}

std::vector<Snippet> rowSnippets() {
  return {
      {.name = "GatherOwnRows",
       .parameters = {{"a", "Fx5"}},
       .body = "%y = tgnn.gather(%a, %self) : (tensor<Fx5>, tensor<?xi32>) -> "
               "tensor<Qx5>",
       .result = "Qx5"},
      // Invalid neighbours have row 0, and no share in the gradient.
      {.name = "GatherNeighbours",
       .parameters = {{"a", "Fx5"}},
       .constants = {{"valid", "Qx3x5"}},
       .body =
           "%near_rows = tgnn.gather(%a, %neighbours) : (tensor<Fx5>, "
           "tensor<?x3xi32>) -> tensor<Qx3x5>\n"
           "%y = tgnn.mul %near_rows, %valid : tensor<Qx3x5>, tensor<Qx3x5> -> "
           "tensor<Qx3x5>",
       .result = "Qx3x5"},
      {.name = "ReplaceRows",
       .parameters = {{"v", "Px4"}},
       .constants = {{"t", "Fx4"}},
       .body = "%y = tgnn.replace_rows(%t, %rows, %v) : (tensor<Fx4>, "
               "tensor<?xi32>, tensor<Px4>) -> tensor<Fx4>",
       .result = "Fx4"},
      {.name = "TimeEncodeOfRows",
       .parameters = {{"w", "6"}, {"b", "6"}},
       .body = "%y = tgnn.time_encode(%waits, %w, %b) : (tensor<?xf32>, "
               "tensor<6>, tensor<6>) -> tensor<Px6>",
       .result = "Px6"},
      {.name = "TimeEncodeOfNeighbours",
       .parameters = {{"w", "6"}, {"b", "6"}},
       .body = "%y = tgnn.time_encode(%deltas, %w, %b) : (tensor<?x3xf32>, "
               "tensor<6>, tensor<6>) -> tensor<Qx3x6>",
       .result = "Qx3x6"},
      {.name = "MaskRows",
       .parameters = {{"a", "Qx5"}},
       .body = "%y = tgnn.mask_rows(%a, %counts) : (tensor<Qx5>, "
               "tensor<?xi32>) -> tensor<Qx5>",
       .result = "Qx5"},
      {.name = "MaskTokens",
       .parameters = {{"a", "Qx3x5"}},
       .body = "%y = tgnn.mask_tokens(%a, %counts) : (tensor<Qx3x5>, "
               "tensor<?xi32>) -> tensor<Qx3x5>",
       .result = "Qx3x5"},
      {.name = "MeanTokens",
       .parameters = {{"a", "Qx3x5"}},
       .body = "%y = tgnn.mean_tokens(%a) : (tensor<Qx3x5>) -> tensor<Qx5>",
       .result = "Qx5"},
      {.name = "MeanOfValidTokens",
       .parameters = {{"a", "Qx3x5"}},
       .body = "%y = tgnn.mean_tokens(%a, %counts) : (tensor<Qx3x5>, "
               "tensor<?xi32>) -> tensor<Qx5>",
       .result = "Qx5"},
      {.name = "Dropout",
       .parameters = {{"a", "Qx8"}},
       .body = "%y = tgnn.dropout(%a, %seed) {rate = 0.4 : f32, salt = 5 : "
               "i64} : (tensor<Qx8>, i64) -> tensor<Qx8>",
       .result = "Qx8"},
      {.name = "LayerNorm",
       .parameters = {{"a", "Qx6"}, {"scale", "6"}, {"shift", "6"}},
       .body = "%y, %statistics = tgnn.layer_norm(%a, %scale, %shift) : "
               "(tensor<Qx6>, tensor<6>, tensor<6>) -> (tensor<Qx6>, "
               "tensor<Qx2>)",
       .result = "Qx6"},
      {.name = "LayerNormOfAConstant",
       .parameters = {{"scale", "6"}, {"shift", "6"}},
       .constants = {{"a", "Qx6"}},
       .body = "%y, %statistics = tgnn.layer_norm(%a, %scale, %shift) : "
               "(tensor<Qx6>, tensor<6>, tensor<6>) -> (tensor<Qx6>, "
               "tensor<Qx2>)",
       .result = "Qx6"},
      {.name = "GruGates",
       .parameters = {{"a", "Px12"}, {"d", "Px12"}, {"h", "Px4"}},
       .body = "%y = tgnn.gru_gates(%a, %d, %h) : (tensor<Px12>, "
               "tensor<Px12>, tensor<Px4>) -> tensor<Px4>",
       .result = "Px4"},
      {.name = "NeighbourSoftmax",
       .parameters = {{"a", "Qx2x3"}},
       .body = "%y = tgnn.neighbour_softmax(%a, %counts) {scale = 1.5 : f32} : "
               "(tensor<Qx2x3>, tensor<?xi32>) -> tensor<Qx2x3>",
       .result = "Qx2x3"},
      {.name = "LinkLoss",
       .parameters = {{"a", "Ex1"}},
       .body = "%y = tgnn.link_loss(%a, %labels) : (tensor<Ex1>, "
               "tensor<?xi32>) -> tensor<f32>",
       .result = ""},
      {.name = "LabelLossOfShares",
       .parameters = {{"a", "Ex3"}},
       .constants = {{"v", "Ex3"}},
       .body = "%y = tgnn.label_loss(%a, %v) {kind = #tgnn<loss "
               "cross_entropy>} : (tensor<Ex3>, tensor<Ex3>) -> tensor<f32>",
       .result = ""},
      {.name = "LabelLossOfProbabilities",
       .parameters = {{"a", "Ex1"}},
       .constants = {{"v", "Ex1"}},
       .body = "%y = tgnn.label_loss(%a, %v) {kind = #tgnn<loss "
               "binary_cross_entropy>} : (tensor<Ex1>, tensor<Ex1>) -> "
               "tensor<f32>",
       .result = ""},
      {.name = "LabelLossOfNumbers",
       .parameters = {{"a", "Ex2"}},
       .constants = {{"v", "Ex2"}},
       .body = "%y = tgnn.label_loss(%a, %v) {kind = #tgnn<loss "
               "squared_error>} : (tensor<Ex2>, tensor<Ex2>) -> tensor<f32>",
       .result = ""},
      {.name = "LinkLossSquared",
       .parameters = {{"a", "Ex1"}},
       .body = "%l = tgnn.link_loss(%a, %labels) : (tensor<Ex1>, "
               "tensor<?xi32>) -> tensor<f32>\n"
               "%y = tgnn.mul %l, %l : tensor<f32>, tensor<f32> -> tensor<f32>",
       .result = ""}};
}
INSTANTIATE_TEST_SUITE_P(Rows, KernelAdjointTest,
                         testing::ValuesIn(rowSnippets()), nameOf);
INSTANTIATE_TEST_SUITE_P(SimulatedRows, KernelAdjointTest,
                         testing::ValuesIn(simulated(rowSnippets())), nameOf);

/// An attention whose keys are what is asked for of: rows of the frontier (5
/// columns), rows of a second table by the same map (2), edge features (3),
/// time (4).
Snippet attention(const std::string &name, bool hasSecond, bool hasEdges,
                  bool hasTime, const std::string &dropout) {
  int width = 5 + (hasSecond ? 2 : 0) + (hasEdges ? 3 : 0) + (hasTime ? 4 : 0);
  std::string u = "Qx2x" + std::to_string(width);
  Snippet snippet;
  snippet.name = name;
  snippet.parameters = {{"u", u}, {"t", "Fx5"}};
  std::string operands = "%u, %counts, %seed", tables = ", %t, %neighbours";
  std::string types = "tensor<" + u + ">, tensor<?xi32>, i64",
              tableTypes = ", tensor<Fx5>, tensor<?x3xi32>";
  if (hasTime) {
    snippet.parameters.push_back({"w", "4"});
    snippet.parameters.push_back({"b", "4"});
    operands += ", %deltas, %w, %b";
    types += ", tensor<?x3xf32>, tensor<4>, tensor<4>";
  }
  if (hasEdges) {
    snippet.constants.push_back({"e", "Fx3"});
    tables += ", %e, %events";
    tableTypes += ", tensor<Fx3>, tensor<?x3xi32>";
  }
  if (hasSecond) {
    snippet.parameters.push_back({"s", "Fx2"});
    tables += ", %s, %neighbours";
    tableTypes += ", tensor<Fx2>, tensor<?x3xi32>";
  }
  snippet.body =
      "%y, %weights = tgnn.attend(" + operands + tables +
      ") {scale = 0.7 : f32, dropout = " + dropout +
      " : f32, salt = 3 : i64, time = " + (hasTime ? "true" : "false") +
      "} : (" + types + tableTypes + ") -> (tensor<" + u + ">, tensor<Qx2x3>)";
  snippet.result = u;
  return snippet;
}

INSTANTIATE_TEST_SUITE_P(
    Attend, KernelAdjointTest,
    testing::Values(attention("AttendRows", false, false, false, "0.0"),
                    attention("AttendDropout", false, false, false, "0.4"),
                    attention("AttendTime", false, false, true, "0.0"),
                    attention("AttendEdges", false, true, true, "0.0"),
                    attention("AttendTwoTables", true, false, false, "0.0"),
                    attention("AttendAll", true, true, true, "0.4")),
    nameOf);

} // namespace
