//===- NormalisationKernelsTest.cpp - Layer norm, gates, softmax ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/Kernels/KernelHarness.h"

#include <cmath>

using namespace orcinus::test;

namespace {

double dot(const std::vector<double> &values, const Tensor &weights) {
  double sum = 0;
  for (size_t at = 0; at < values.size(); ++at)
    sum += values[at] * weights.values[at];
  return sum;
}

std::vector<double> layerNorm(const Tensor &x, const Tensor &scale,
                              const Tensor &shift) {
  int64_t width = x.shape[1];
  std::vector<double> result;
  for (int64_t row = 0; row < x.shape[0]; ++row) {
    double mean = 0, variance = 0;
    for (int64_t column = 0; column < width; ++column)
      mean += x(row, column) / static_cast<double>(width);
    for (int64_t column = 0; column < width; ++column)
      variance += std::pow(x(row, column) - mean, 2) / width;
    for (int64_t column = 0; column < width; ++column)
      result.push_back((x(row, column) - mean) / std::sqrt(variance + 1e-5) *
                           scale(column) +
                       shift(column));
  }
  return result;
}

TEST_P(KernelTest, LayerNorm) {
  for (int64_t width : widths)
    for (int64_t rows : queryCounts) {
      Tensor x = randomTensor({rows, width}, 1);
      x.strided = width == 103;
      for (float &value : x.values)
        value = 3 * value + 5;
      Tensor scale = randomTensor({width}, 2), shift = randomTensor({width}, 3);
      Tensor y({rows, width}), statistics({rows, 2});
      run("layer_norm", "", {&x, &scale, &shift}, {&y, &statistics});
      expectNear(y, layerNorm(x, scale, shift), 1e-4);
    }
}

TEST_P(KernelTest, LayerNormGradients) {
  for (int64_t width : {6, 16, 100, 103, 300})
    for (int64_t rows : queryCounts) {
      Tensor x = randomTensor({rows, width}, 1);
      Tensor scale = randomTensor({width}, 2), shift = randomTensor({width}, 3);
      Tensor dy = randomTensor({rows, width}, 4);
      x.strided = dy.strided = width == 16;
      Tensor y({rows, width}), statistics({rows, 2});
      run("layer_norm", "", {&x, &scale, &shift}, {&y, &statistics});
      Tensor dx({rows, width}), dScale({width}), dShift({width});
      run("layer_norm_grad", "", {&x, &scale, &statistics, &dy}, {&dx});
      run("layer_norm_parameter_grad", "", {&x, &statistics, &dy},
          {&dScale, &dShift});
      auto loss = [&] { return dot(layerNorm(x, scale, shift), dy); };
      expectDerivative(loss, x, dx, 10);
      expectDerivative(loss, scale, dScale, 10);
      expectDerivative(loss, shift, dShift, 10);
    }
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

std::vector<double> gruGates(const Tensor &a, const Tensor &c,
                             const Tensor &h) {
  int64_t width = h.shape[1];
  std::vector<double> result;
  for (int64_t row = 0; row < h.shape[0]; ++row)
    for (int64_t at = 0; at < width; ++at) {
      double r = sigmoid(a(row, at) + c(row, at));
      double z = sigmoid(a(row, width + at) + c(row, width + at));
      double n = std::tanh(a(row, 2 * width + at) + r * c(row, 2 * width + at));
      result.push_back((1 - z) * n + z * h(row, at));
    }
  return result;
}

TEST_P(KernelTest, GruGates) {
  for (int64_t width : {1, 6, 16, 100, 103})
    for (int64_t rows : queryCounts) {
      Tensor a = randomTensor({rows, 3 * width}, 1);
      Tensor c = randomTensor({rows, 3 * width}, 2);
      Tensor h = randomTensor({rows, width}, 3);
      a.strided = h.strided = width == 6;
      Tensor out({rows, width});
      run("gru_gates", "", {&a, &c, &h}, {&out});
      expectNear(out, gruGates(a, c, h));

      Tensor gradient = randomTensor({rows, width}, 4);
      Tensor da({rows, 3 * width}), dc({rows, 3 * width}), dh({rows, width});
      run("gru_gates_grad", "", {&a, &c, &h, &gradient}, {&da, &dc, &dh});
      auto loss = [&] { return dot(gruGates(a, c, h), gradient); };
      expectDerivative(loss, a, da, 12);
      expectDerivative(loss, c, dc, 12);
      expectDerivative(loss, h, dh, 12);
    }
}

TEST_P(KernelTest, GruGatesSaturate) {
  Tensor a({2, 3}), c({2, 3}), h({2, 1});
  a.values = {200, 200, 200, -200, -200, -200};
  h.values = {0.25f, 0.5f};
  Tensor out({2, 1});
  run("gru_gates", "", {&a, &c, &h}, {&out});
  expectNear(out, {0.25, -1});
}

std::vector<double> neighbourSoftmax(const Tensor &scores,
                                     const Indices &counts, double scale) {
  std::vector<double> result;
  for (int64_t query = 0; query < scores.shape[0]; ++query)
    for (int64_t head = 0; head < scores.shape[1]; ++head) {
      double sum = 0;
      for (int64_t j = 0; j < counts(query); ++j)
        sum += std::exp(scale * scores(query, head, j));
      for (int64_t j = 0; j < scores.shape[2]; ++j)
        result.push_back(j < counts(query)
                             ? std::exp(scale * scores(query, head, j)) / sum
                             : 0);
    }
  return result;
}

TEST_P(KernelTest, NeighbourSoftmax) {
  for (int64_t neighbours : {1, 10, 37})
    for (int64_t heads : {1, 2})
      for (int64_t queries : queryCounts) {
        Tensor scores = randomTensor({queries, heads, neighbours}, 1);
        Indices counts = randomIndices({queries}, neighbours + 1, 2);
        Tensor out({queries, heads, neighbours});
        run("neighbour_softmax", "scale = 3.0 : f32", {&scores, &counts},
            {&out});
        expectNear(out, neighbourSoftmax(scores, counts, 3));

        Tensor gradient = randomTensor({queries, heads, neighbours}, 3);
        Tensor dScores({queries, heads, neighbours});
        run("neighbour_softmax_grad", "scale = 3.0 : f32", {&out, &gradient},
            {&dScores});
        expectDerivative(
            [&] { return dot(neighbourSoftmax(scores, counts, 3), gradient); },
            scores, dScores);

        Indices all({queries});
        std::ranges::fill(all.values, int32_t(neighbours));
        run("neighbour_softmax", "scale = 3.0 : f32", {&scores}, {&out});
        expectNear(out, neighbourSoftmax(scores, all, 3));
      }
}

} // namespace
