//===- DenseOpsTest.cpp - Adjoints of dense ops ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AutodiffHarness.h"

#include <cmath>

using namespace orcinus::test;

namespace {

class AdjointTest : public testing::TestWithParam<Snippet> {};

TEST_P(AdjointTest, IsTheDerivative) { expectGradients(GetParam()); }

std::string nameOf(const testing::TestParamInfo<Snippet> &info) {
  return info.param.name;
}

/// A contraction of operands of these shapes, with an init or not.
Snippet contraction(const std::string &name, const std::string &spec,
                    const std::string &left, const std::string &right,
                    const std::string &result, bool hasInit) {
  Snippet snippet;
  snippet.name = name;
  snippet.parameters = {{"a", left}, {"b", right}};
  if (hasInit)
    snippet.parameters.push_back({"i", result});
  snippet.body = "%y = tgnn.contract \"" + spec + "\" %a, %b " +
                 (hasInit ? "init(%i : tensor<" + result + ">) " : "") +
                 ": tensor<" + left + ">, tensor<" + right + "> -> tensor<" +
                 result + ">";
  snippet.result = result;
  return snippet;
}

INSTANTIATE_TEST_SUITE_P(
    Contract, AdjointTest,
    testing::Values(
        contraction("Rows", "qi,io->qo", "Qx8", "8x6", "Qx6", false),
        contraction("RowsInit", "qi,io->qo", "Qx8", "8x6", "Qx6", true),
        contraction("VectorInit", "i,io->o", "8", "8x6", "6", true),
        contraction("OverRows", "qi,qo->io", "Qx8", "Qx6", "8x6", false),
        contraction("Transposed", "qo,io->qi", "Qx6", "8x6", "Qx8", false),
        contraction("HeadsOfKeys", "qha,hda->qhd", "Qx2x3", "2x5x3", "Qx2x5",
                    false),
        contraction("HeadsOfValues", "qhd,hdv->qhv", "Qx2x5", "2x5x3", "Qx2x3",
                    true),
        contraction("ProjectedKeys", "qjd,hda->qjha", "Qx3x5", "2x5x4",
                    "Qx3x2x4", false),
        contraction("Scores", "qha,qjha->qhj", "Qx2x4", "Qx3x2x4", "Qx2x3",
                    false),
        contraction("WeightedValues", "qhj,qjhv->qhv", "Qx2x3", "Qx3x2x4",
                    "Qx2x4", true),
        contraction("WeightsPerHead", "hdv,hvo->hdo", "2x5x3", "2x3x4", "2x5x4",
                    false)),
    nameOf);

std::vector<Snippet> shapeSnippets() {
  return {{.name = "ConcatOfThree",
           .parameters = {{"a", "Qx3"}, {"b", "Qx1"}, {"d", "Qx4"}},
           .body = "%y = tgnn.concat %a, %b, %d : tensor<Qx3>, tensor<Qx1>, "
                   "tensor<Qx4> -> tensor<Qx8>",
           .result = "Qx8"},
          {.name = "ConcatOfRankThree",
           .parameters = {{"a", "Qx3x2"}, {"b", "Qx3x4"}},
           .body = "%y = tgnn.concat %a, %b : tensor<Qx3x2>, tensor<Qx3x4> -> "
                   "tensor<Qx3x6>",
           .result = "Qx3x6"},
          {.name = "ConcatOfConstantAndParameter",
           .parameters = {{"b", "Qx4"}},
           .constants = {{"a", "Qx2"}},
           .body = "%y = tgnn.concat %a, %b : tensor<Qx2>, tensor<Qx4> -> "
                   "tensor<Qx6>",
           .result = "Qx6"},
          {.name = "ConcatOfOneValueTwice",
           .parameters = {{"a", "Qx2"}},
           .body = "%y = tgnn.concat %a, %a : tensor<Qx2>, tensor<Qx2> -> "
                   "tensor<Qx4>",
           .result = "Qx4"},
          {.name = "SliceOfColumns",
           .parameters = {{"a", "Qx8"}},
           .body = "%y = tgnn.slice %a dimension(1) offset(2) size(4) : "
                   "tensor<Qx8> -> tensor<Qx4>",
           .result = "Qx4"},
          {.name = "SliceOfRows",
           .parameters = {{"a", "8x5"}},
           .body = "%y = tgnn.slice %a dimension(0) offset(3) size(4) : "
                   "tensor<8x5> -> tensor<4x5>",
           .result = "4x5"},
          {.name = "SliceOfTheMiddle",
           .parameters = {{"a", "Qx4x3"}},
           .body = "%y = tgnn.slice %a dimension(1) offset(1) size(2) : "
                   "tensor<Qx4x3> -> tensor<Qx2x3>",
           .result = "Qx2x3"},
          {.name = "SlicesThatOverlap",
           .parameters = {{"a", "Qx6"}},
           .body =
               "%l = tgnn.slice %a dimension(1) offset(0) size(4) : "
               "tensor<Qx6> -> tensor<Qx4>\n"
               "%r = tgnn.slice %a dimension(1) offset(2) size(4) : "
               "tensor<Qx6> -> tensor<Qx4>\n"
               "%y = tgnn.mul %l, %r : tensor<Qx4>, tensor<Qx4> -> tensor<Qx4>",
           .result = "Qx4"},
          {.name = "ReshapeThatSplits",
           .parameters = {{"a", "Qx8"}},
           .body = "%y = tgnn.reshape %a to [2, 4] : tensor<Qx8> -> "
                   "tensor<Qx2x4>",
           .result = "Qx2x4"},
          {.name = "ReshapeThatJoins",
           .parameters = {{"a", "Qx2x3"}},
           .body = "%y = tgnn.reshape %a to [6] : tensor<Qx2x3> -> tensor<Qx6>",
           .result = "Qx6"},
          {.name = "ReshapeOfAVector",
           .parameters = {{"a", "6"}},
           .body = "%y = tgnn.reshape %a to [6] : tensor<6> -> tensor<1x6>",
           .result = "1x6"},
          {.name = "ReshapeToAVector",
           .parameters = {{"a", "1x6"}},
           .body = "%y = tgnn.reshape %a to [] : tensor<1x6> -> tensor<6>",
           .result = "6"},
          {.name = "Transpose",
           .parameters = {{"a", "Qx3x5"}},
           .body = "%y = tgnn.transpose %a : tensor<Qx3x5> -> tensor<Qx5x3>",
           .result = "Qx5x3"},
          {.name = "TransposeOfAMatrix",
           .parameters = {{"a", "4x6"}},
           .body = "%y = tgnn.transpose %a : tensor<4x6> -> tensor<6x4>",
           .result = "6x4"},
          {.name = "SumRows",
           .parameters = {{"a", "Qx8"}},
           .body = "%y = tgnn.sum_rows %a : tensor<Qx8> -> tensor<8>",
           .result = "8"},
          {.name = "BroadcastRows",
           .parameters = {{"a", "8"}},
           .constants = {{"like", "Qx3"}},
           .body = "%y = tgnn.broadcast_rows %a like %like : tensor<8>, "
                   "tensor<Qx3> -> tensor<Qx8>",
           .result = "Qx8"},
          {.name = "BroadcastATable",
           .parameters = {{"a", "3x4"}, {"x", "Qx3x4"}},
           .body = "%p = tgnn.broadcast_rows %a like %x : tensor<3x4>, "
                   "tensor<Qx3x4> -> tensor<Qx3x4>\n"
                   "%y = tgnn.add %x, %p : tensor<Qx3x4>, tensor<Qx3x4> -> "
                   "tensor<Qx3x4>",
           .result = "Qx3x4"},
          {.name = "LinkPairs",
           .parameters = {{"a", "Bx5"}},
           .body = "%s, %d = tgnn.link_pairs %a : tensor<Bx5> -> tensor<Ex5>, "
                   "tensor<Ex5>\n"
                   "%y = tgnn.concat %s, %d : tensor<Ex5>, tensor<Ex5> -> "
                   "tensor<Ex10>",
           .result = "Ex10"},
          {.name = "LinkPairsSourcesAlone",
           .parameters = {{"a", "Bx5"}},
           .body = "%y, %d = tgnn.link_pairs %a : tensor<Bx5> -> tensor<Ex5>, "
                   "tensor<Ex5>",
           .result = "Ex5"},
          {.name = "LinkPairsDestinationsAlone",
           .parameters = {{"a", "Bx5"}},
           .body = "%s, %y = tgnn.link_pairs %a : tensor<Bx5> -> tensor<Ex5>, "
                   "tensor<Ex5>",
           .result = "Ex5"}};
}
INSTANTIATE_TEST_SUITE_P(Shapes, AdjointTest,
                         testing::ValuesIn(shapeSnippets()), nameOf);

std::vector<Snippet> elementwiseSnippets() {
  return {{.name = "Add",
           .parameters = {{"a", "Qx8"}, {"b", "Qx8"}},
           .body = "%y = tgnn.add %a, %b : tensor<Qx8>, tensor<Qx8> -> "
                   "tensor<Qx8>",
           .result = "Qx8"},
          {.name = "AddToItself",
           .parameters = {{"a", "8"}},
           .body = "%y = tgnn.add %a, %a : tensor<8>, tensor<8> -> tensor<8>",
           .result = "8"},
          {.name = "Mul",
           .parameters = {{"a", "Qx8"}, {"b", "Qx8"}},
           .body = "%y = tgnn.mul %a, %b : tensor<Qx8>, tensor<Qx8> -> "
                   "tensor<Qx8>",
           .result = "Qx8"},
          {.name = "MulByItself",
           .parameters = {{"a", "Qx8"}},
           .body = "%y = tgnn.mul %a, %a : tensor<Qx8>, tensor<Qx8> -> "
                   "tensor<Qx8>",
           .result = "Qx8"},
          {.name = "MulByAConstant",
           .parameters = {{"b", "Qx3x4"}},
           .constants = {{"a", "Qx3x4"}},
           .body = "%y = tgnn.mul %a, %b : tensor<Qx3x4>, tensor<Qx3x4> -> "
                   "tensor<Qx3x4>",
           .result = "Qx3x4"},
          {.name = "Relu",
           .parameters = {{"a", "Qx8"}},
           .body = "%y = tgnn.relu %a : tensor<Qx8> -> tensor<Qx8>",
           .result = "Qx8"},
          {.name = "Gelu",
           .parameters = {{"a", "Qx8"}},
           .body = "%t = tgnn.add %a, %a : tensor<Qx8>, tensor<Qx8> -> "
                   "tensor<Qx8>\n"
                   "%y = tgnn.gelu %t : tensor<Qx8> -> tensor<Qx8>",
           .result = "Qx8"},
          {.name = "Scale",
           .parameters = {{"a", "Qx8"}},
           .body = "%y = tgnn.scale %a by -2.5 : tensor<Qx8> -> tensor<Qx8>",
           .result = "Qx8"},
          {.name = "Tanh",
           .parameters = {{"a", "Qx8"}},
           .body = "%y = tgnn.tanh %a : tensor<Qx8> -> tensor<Qx8>",
           .result = "Qx8"},
          {.name = "Sigmoid",
           .parameters = {{"a", "Qx8"}},
           .body = "%y = tgnn.sigmoid %a : tensor<Qx8> -> tensor<Qx8>",
           .result = "Qx8"},
          {.name = "UsedThreeTimes",
           .parameters = {{"a", "Qx8"}},
           .body = "%r = tgnn.relu %a : tensor<Qx8> -> tensor<Qx8>\n"
                   "%m = tgnn.mul %r, %a : tensor<Qx8>, tensor<Qx8> -> "
                   "tensor<Qx8>\n"
                   "%y = tgnn.add %m, %a : tensor<Qx8>, tensor<Qx8> -> "
                   "tensor<Qx8>",
           .result = "Qx8"}};
}
INSTANTIATE_TEST_SUITE_P(Elementwise, AdjointTest,
                         testing::ValuesIn(elementwiseSnippets()), nameOf);

INSTANTIATE_TEST_SUITE_P(SimulatedShapes, AdjointTest,
                         testing::ValuesIn(simulated(shapeSnippets())), nameOf);
INSTANTIATE_TEST_SUITE_P(SimulatedElementwise, AdjointTest,
                         testing::ValuesIn(simulated(elementwiseSnippets())),
                         nameOf);

TEST(GeluTest, IsTheExactForm) {
  for (bool onSimulator : {false, true}) {
    Snippet snippet{.name = "Gelu",
                    .parameters = {{"a", "Qx9"}},
                    .body = "%y = tgnn.gelu %a : tensor<Qx9> -> tensor<Qx9>",
                    .result = "Qx9",
                    .onSimulator = onSimulator};
    auto compiled = CompiledSnippet::compile(snippet);
    ASSERT_TRUE(compiled);
    std::vector<float> &x = compiled->parameter("a");
    std::vector<double> expected;
    for (size_t at = 0; at < x.size(); ++at) {
      x[at] = 0.37f * (static_cast<float>(at) - x.size() / 2);
      expected.push_back(0.5 * x[at] * (1 + std::erf(x[at] / std::sqrt(2.0))));
    }
    compiled->run();
    const std::vector<float> &y = compiled->result();
    expectClose({y.begin(), y.end()}, expected, 3e-7, "gelu");
    // Far from zero it is the identity, or zero; its slope is 1 or 0 then.
    x.assign(x.size(), 40.0f);
    x[1] = -40.0f;
    compiled->run();
    EXPECT_EQ(y[0], 40.0f);
    EXPECT_EQ(y[1], -0.0f);
    EXPECT_EQ(compiled->gradient("a")[1], 0.0);
  }
}

TEST(StopGradientTest, BlocksOneOfTwoPaths) {
  Snippet snippet{.name = "StopGradient",
                  .parameters = {{"a", "Qx8"}},
                  .body = "%s = tgnn.stop_gradient %a : tensor<Qx8> -> "
                          "tensor<Qx8>\n"
                          "%y = tgnn.mul %a, %s : tensor<Qx8>, tensor<Qx8> -> "
                          "tensor<Qx8>",
                  .result = "Qx8"};
  auto compiled = CompiledSnippet::compile(snippet);
  ASSERT_TRUE(compiled);
  compiled->run();
  // Of a·a the blocked half is missing.
  std::vector<double> halves = compiled->differences("a");
  for (double &value : halves)
    value /= 2;
  expectClose(compiled->gradient("a"), halves, 2e-3, "the gradient");
}

TEST(StopGradientTest, LeavesZerosWhereEveryPathIsBlocked) {
  Snippet snippet{.name = "StopGradient",
                  .parameters = {{"a", "Qx8"}, {"b", "Qx8"}},
                  .body = "%s = tgnn.stop_gradient %a : tensor<Qx8> -> "
                          "tensor<Qx8>\n"
                          "%y = tgnn.mul %b, %s : tensor<Qx8>, tensor<Qx8> -> "
                          "tensor<Qx8>",
                  .result = "Qx8"};
  auto compiled = CompiledSnippet::compile(snippet);
  ASSERT_TRUE(compiled);
  compiled->run();
  EXPECT_EQ(compiled->gradient("a"), std::vector<double>(48, 0.0));
  expectClose(compiled->gradient("b"), compiled->differences("b"), 2e-3,
              "the gradient");
}

} // namespace
