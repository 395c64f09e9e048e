//===- MixerTest.cpp - Mixer blocks against an oracle ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The encoder of GraphMixer (Cong et al. 2023) as DyGLib has it: two blocks,
// each of a perceptron over the tokens of every channel, whose normalisation is
// over tokens, and one over the channels of every token; then the mean over all
// tokens. The oracle is in double and shares nothing with the compiler.
//
//===----------------------------------------------------------------------===//

#include "AutodiffHarness.h"

#include <cmath>

using namespace orcinus::test;

namespace {

constexpr int64_t queries = 6, tokenCount = 8, channelCount = 6;

/// Parameters of the perceptron `name` over rows of `width`, by `hidden`.
std::vector<Variable> perceptronParameters(const std::string &name,
                                           int64_t width, int64_t hidden) {
  std::string w = std::to_string(width), h = std::to_string(hidden);
  return {{name + "_scale", w},         {name + "_shift", w},
          {name + "_in", w + "x" + h},  {name + "_in_bias", h},
          {name + "_out", h + "x" + w}, {name + "_out_bias", w}};
}

/// `%result` = dropout-free perceptron of the normalised rows `%rows`.
std::string perceptron(const std::string &name, const std::string &rows,
                       const std::string &result, int64_t width,
                       int64_t hidden) {
  std::string w = std::to_string(width), h = std::to_string(hidden);
  std::string vector = "tensor<" + w + ">", wide = "tensor<" + h + ">";
  std::string in = "tensor<?x" + w + "xf32>", mid = "tensor<?x" + h + "xf32>";
  std::string n = "%" + name;
  return n + "_n, " + n + "_s = tgnn.layer_norm(" + rows + ", " + n +
         "_scale, " + n + "_shift) : (" + in + ", " + vector + ", " + vector +
         ") -> (" + in + ", tensor<?x2xf32>)\n" + n + "_h = tgnn.linear " + n +
         "_n, " + n + "_in, " + n + "_in_bias : " + in + ", tensor<" + w + "x" +
         h + ">, " + wide + " -> " + mid + "\n" + n + "_a = tgnn.gelu " + n +
         "_h : " + mid + " -> " + mid + "\n" + result + " = tgnn.linear " + n +
         "_a, " + n + "_out, " + n + "_out_bias : " + mid + ", tensor<" + h +
         "x" + w + ">, " + vector + " -> " + in + "\n";
}

/// Blocks over the tokens %x, and their mean token or all of them.
Snippet mixer(int blocks, bool hasMean) {
  std::string k = std::to_string(tokenCount), d = std::to_string(channelCount);
  std::string tokens = "tensor<Qx" + k + "x" + d + ">",
              channels = "tensor<Qx" + d + "x" + k + ">",
              tokenRows = "tensor<?x" + d + "xf32>",
              channelRows = "tensor<?x" + k + "xf32>";
  Snippet snippet;
  snippet.name = "Mixer";
  snippet.parameters = {{"x", "Qx" + k + "x" + d}};
  std::string current = "%x";
  for (int block = 1; block <= blocks; ++block) {
    std::string b = std::to_string(block), t = "t" + b, c = "c" + b;
    for (const auto &parameters :
         {perceptronParameters(t, tokenCount, tokenCount / 2),
          perceptronParameters(c, channelCount, 2 * channelCount)})
      snippet.parameters.insert(snippet.parameters.end(), parameters.begin(),
                                parameters.end());
    snippet.body +=
        "%turned" + b + " = tgnn.transpose " + current + " : " + tokens +
        " -> " + channels + "\n%rows" + b + " = tgnn.reshape %turned" + b +
        " to [" + k + "] : " + channels + " -> " + channelRows + "\n" +
        perceptron(t, "%rows" + b, "%change" + b, tokenCount, tokenCount / 2) +
        "%back" + b + " = tgnn.reshape %change" + b + " to [" + d + ", " + k +
        "] : " + channelRows + " -> " + channels + "\n%turned_back" + b +
        " = tgnn.transpose %back" + b + " : " + channels + " -> " + tokens +
        "\n%mixed" + b + " = tgnn.add " + current + ", %turned_back" + b +
        " : " + tokens + ", " + tokens + " -> " + tokens + "\n%by_token" + b +
        " = tgnn.reshape %mixed" + b + " to [" + d + "] : " + tokens + " -> " +
        tokenRows + "\n" +
        perceptron(c, "%by_token" + b, "%more" + b, channelCount,
                   2 * channelCount) +
        "%sum" + b + " = tgnn.add %by_token" + b + ", %more" + b + " : " +
        tokenRows + ", " + tokenRows + " -> " + tokenRows + "\n%tokens" + b +
        " = tgnn.reshape %sum" + b + " to [" + k + ", " + d +
        "] : " + tokenRows + " -> " + tokens + "\n";
    current = "%tokens" + b;
  }
  if (hasMean) {
    snippet.body += "%y = tgnn.mean_tokens(" + current + ") : (" + tokens +
                    ") -> tensor<Qx" + d + ">";
    snippet.result = "Qx" + d;
  } else {
    // Itself, by another name.
    snippet.body += "%turned = tgnn.transpose " + current + " : " + tokens +
                    " -> " + channels +
                    "\n%y = tgnn.transpose %turned : " + channels + " -> " +
                    tokens;
    snippet.result = "Qx" + k + "x" + d;
  }
  return snippet;
}

using Row = std::vector<double>;

/// row · weight + bias.
Row linear(const Row &row, const std::vector<float> &weight,
           const std::vector<float> &bias) {
  Row result(bias.begin(), bias.end());
  for (size_t column = 0; column < bias.size(); ++column)
    for (size_t at = 0; at < row.size(); ++at)
      result[column] += row[at] * weight[at * bias.size() + column];
  return result;
}

Row perceptronOf(CompiledSnippet &compiled, const std::string &name, Row row) {
  double mean = 0, variance = 0;
  for (double value : row)
    mean += value / row.size();
  for (double value : row)
    variance += (value - mean) * (value - mean) / row.size();
  const std::vector<float> &scale = compiled.parameter(name + "_scale"),
                           &shift = compiled.parameter(name + "_shift");
  for (size_t at = 0; at < row.size(); ++at)
    row[at] =
        (row[at] - mean) / std::sqrt(variance + 1e-5) * scale[at] + shift[at];
  row = linear(row, compiled.parameter(name + "_in"),
               compiled.parameter(name + "_in_bias"));
  for (double &value : row)
    value *= (1 + std::erf(value / std::sqrt(2.0))) / 2;
  return linear(row, compiled.parameter(name + "_out"),
                compiled.parameter(name + "_out_bias"));
}

/// The mean token of one query's tokens [k][d] after the blocks.
Row mixed(CompiledSnippet &compiled, std::vector<Row> tokens, int blocks) {
  for (int block = 1; block <= blocks; ++block) {
    std::vector<Row> before = tokens;
    for (int64_t channel = 0; channel < channelCount; ++channel) {
      Row column;
      for (const Row &token : before)
        column.push_back(token[channel]);
      Row change = perceptronOf(compiled, "t" + std::to_string(block), column);
      for (int64_t token = 0; token < tokenCount; ++token)
        tokens[token][channel] += change[token];
    }
    for (Row &token : tokens) {
      Row change = perceptronOf(compiled, "c" + std::to_string(block), token);
      for (int64_t channel = 0; channel < channelCount; ++channel)
        token[channel] += change[channel];
    }
  }
  Row mean(channelCount);
  for (const Row &token : tokens)
    for (int64_t channel = 0; channel < channelCount; ++channel)
      mean[channel] += token[channel] / tokenCount;
  return mean;
}

class MixerTest : public testing::TestWithParam<bool> {};

TEST_P(MixerTest, ComputesWhatDyglibs) {
  Snippet snippet = mixer(/*blocks=*/2, /*hasMean=*/true);
  snippet.onSimulator = GetParam();
  auto compiled = CompiledSnippet::compile(snippet);
  ASSERT_TRUE(compiled);
  compiled->run();
  const std::vector<float> &x = compiled->parameter("x");
  std::vector<double> expected;
  for (int64_t query = 0; query < queries; ++query) {
    std::vector<Row> tokens;
    for (int64_t token = 0; token < tokenCount; ++token) {
      auto begin = x.begin() + (query * tokenCount + token) * channelCount;
      tokens.emplace_back(begin, begin + channelCount);
    }
    Row mean = mixed(*compiled, tokens, /*blocks=*/2);
    expected.insert(expected.end(), mean.begin(), mean.end());
  }
  const std::vector<float> &y = compiled->result();
  expectClose({y.begin(), y.end()}, expected, 1e-5, "the mean token");
}

INSTANTIATE_TEST_SUITE_P(Targets, MixerTest, testing::Bool(),
                         [](const auto &info) {
                           return info.param ? "Simulator" : "Host";
                         });

TEST(MixerGradientTest, IsTheDerivative) {
  expectGradients(mixer(/*blocks=*/1, /*hasMean=*/false));
}

} // namespace
