//===- ElementwiseKernelsTest.cpp - Element by element --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/Kernels/KernelHarness.h"

#include <cmath>

using namespace orcinus::test;

namespace {

TEST_P(KernelTest, MaskRows) {
  for (int64_t width : widths)
    for (int64_t rows : queryCounts) {
      Tensor x = randomTensor({rows, width}, 1);
      x.strided = width == 6;
      Indices counts = randomIndices({rows}, 3, 2);
      Tensor out({rows, width});
      run("mask_rows", "", {&x, &counts}, {&out});
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t column = 0; column < width; ++column)
          ASSERT_EQ(out(row, column), counts(row) ? x(row, column) : 0.0f);
    }
}

TEST_P(KernelTest, DropoutDrawsByElement) {
  constexpr int64_t seed = 0x123456789abcdef, salt = 7;
  for (int64_t width : widths)
    for (int64_t rows : queryCounts) {
      Tensor x = randomTensor({rows, 2, width}, 1);
      x.strided = width == 103;
      Tensor out({rows, 2, width});
      run("dropout", "rate = 0.4 : f32, salt = 7 : i64", {&x, seed}, {&out});
      std::vector<double> expected;
      for (size_t at = 0; at < x.values.size(); ++at)
        expected.push_back(x.values[at] * dropoutFactor(at, seed, salt, 0.4f));
      expectNear(out, expected);
    }
}

TEST_P(KernelTest, DropoutKeepsItsRate) {
  constexpr int64_t rows = 2000, width = 100;
  Tensor x({rows, width}), out({rows, width}), other({rows, width});
  for (float &value : x.values)
    value = 1;
  run("dropout", "rate = 0.1 : f32, salt = 1 : i64", {&x, int64_t{5}}, {&out});
  run("dropout", "rate = 0.1 : f32, salt = 1 : i64", {&x, int64_t{6}},
      {&other});
  int64_t dropped = 0, both = 0;
  for (size_t at = 0; at < out.values.size(); ++at) {
    dropped += out.values[at] == 0;
    both += out.values[at] == 0 && other.values[at] == 0;
  }
  double total = rows * width;
  EXPECT_NEAR(dropped / total, 0.1, 0.003);
  EXPECT_NEAR(both / total, 0.01, 0.001);
}

TEST_P(KernelTest, DropoutOfNothing) {
  Tensor x = randomTensor({7, 100}, 1), out({7, 100});
  run("dropout", "rate = 0.0 : f32, salt = 1 : i64", {&x, int64_t{5}}, {&out});
  EXPECT_EQ(out.values, x.values);
}

/// Phases stay small: what a large one's rounding does to a cosine is no matter
/// of this kernel.
Tensor timeDeltas(std::vector<int64_t> shape) {
  Tensor deltas = randomTensor(std::move(shape), 1);
  deltas.dynamic = true;
  for (float &delta : deltas.values)
    delta *= 20;
  return deltas;
}

std::vector<double> timeEncode(const Tensor &deltas, const Tensor &frequencies,
                               const Tensor &phases) {
  std::vector<double> result;
  for (float delta : deltas.values)
    for (int64_t at = 0; at < frequencies.shape[0]; ++at)
      result.push_back(
          std::cos(static_cast<double>(frequencies(at)) * delta + phases(at)));
  return result;
}

TEST_P(KernelTest, TimeEncode) {
  for (int64_t width : widths)
    for (int64_t rows : queryCounts) {
      Tensor frequencies = randomTensor({width}, 2);
      Tensor phases = randomTensor({width}, 3);
      Tensor flat = timeDeltas({rows}), nested = timeDeltas({rows, 10});
      Tensor out({rows, width}), nestedOut({rows, 10, width});
      run("time_encode", "", {&flat, &frequencies, &phases}, {&out});
      run("time_encode", "", {&nested, &frequencies, &phases}, {&nestedOut});
      expectNear(out, timeEncode(flat, frequencies, phases));
      expectNear(nestedOut, timeEncode(nested, frequencies, phases));
    }
}

TEST_P(KernelTest, TimeEncodeGradient) {
  for (int64_t width : {1, 6, 100, 103})
    for (int64_t rows : queryCounts)
      for (bool nested : {false, true}) {
        std::vector<int64_t> shape{rows};
        if (nested)
          shape.push_back(10);
        Tensor deltas = timeDeltas(shape);
        shape.push_back(width);
        Tensor gradient = randomTensor(shape, 4);
        Tensor frequencies = randomTensor({width}, 2);
        Tensor phases = randomTensor({width}, 3);
        Tensor dFrequencies({width}), dPhases({width});
        run("time_encode_grad", "", {&deltas, &frequencies, &phases, &gradient},
            {&dFrequencies, &dPhases});
        std::vector<double> byFrequency(width), byPhase(width);
        for (size_t at = 0; at < gradient.values.size(); ++at) {
          int64_t column = at % width;
          double delta = deltas.values[at / width];
          double change =
              -gradient.values[at] *
              std::sin(frequencies(column) * delta + phases(column));
          byFrequency[column] += change * delta;
          byPhase[column] += change;
        }
        // Thousands of terms of up to 20 cancel.
        expectNear(dFrequencies, byFrequency, 1e-3);
        expectNear(dPhases, byPhase, 1e-4);
      }
}

} // namespace
