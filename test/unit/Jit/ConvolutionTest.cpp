//===- ConvolutionTest.cpp - Compiled convolutions against plain loops ----===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SumOfProducts.h"
#include "TestProgram.h"

#include "gtest/gtest.h"

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// Schedules that take every part of the nest; odd tiles and blocks leave
/// remainders everywhere.
const std::vector<std::string> plainSchedules = {
    "",
    "tile_rows = 3, panel_vectors = 2, row_tasks = 1",
    "tile_rows = 5, panel_vectors = 1, row_tasks = 2, row_block = 7",
    "tile_rows = 4, panel_vectors = 2, vector_lanes = 4, reduction_block = 3",
    "tile_rows = 2, panel_vectors = 1, unroll = 9, column_tasks = 3",
    "tile_rows = 6, panel_vectors = 1, reduction_block = 2, column_block = 16, "
    "unroll = 2, tile_order = 1",
};

const std::vector<std::string> leftPackingSchedules = {
    "tile_rows = 4, panel_vectors = 2, pack_left = 1",
    "tile_rows = 3, panel_vectors = 1, vector_lanes = 4, pack_left = 1, "
    "row_block = 10, left_padding = 0, row_tasks = 2, column_tasks = 2",
    "tile_rows = 6, panel_vectors = 2, pack_left = 1, reduction_block = 5, "
    "row_block = 12, column_block = 16, unroll = 2, tile_order = 1",
};

const std::vector<std::string> rightPackingSchedules = {
    "tile_rows = 4, panel_vectors = 2, pack_right = 1",
    "tile_rows = 5, panel_vectors = 1, vector_lanes = 8, pack_right = 1, "
    "row_tasks = 2, column_tasks = 2, reduction_block = 4",
};

const std::vector<std::string> packingSchedules = {
    "tile_rows = 5, panel_vectors = 2, pack_right = 1, pack_left = 1, "
    "row_tasks = 2, row_block = 9",
};

/// Which operands schedules may copy.
enum class Packs { Right, Both };

void checkSchedules(SumOfProducts sum, Packs packs, int threads) {
  // The host's schedules mean nothing to a GPU.
  if (threads == simulatedGpu)
    return checkSums({sum}, threads);
  std::vector<SumOfProducts> all;
  auto add = [&](const std::vector<std::string> &list) {
    for (const std::string &schedule : list) {
      sum.schedule = schedule;
      all.push_back(sum);
    }
  };
  add(plainSchedules);
  add(rightPackingSchedules);
  if (packs == Packs::Both) {
    add(leftPackingSchedules);
    add(packingSchedules);
  }
  checkSums(all, threads);
}

class ConvolutionTest : public testing::TestWithParam<int> {};

TEST_P(ConvolutionTest, OneDimension) {
  checkSchedules({"n, x * 2 + k, c",
                  "k, c, f",
                  "n, x, f",
                  {{"n", 2}, {"x", 11}, {"k", 3}, {"c", 7}, {"f", 37}}},
                 Packs::Both, GetParam());
}

TEST_P(ConvolutionTest, TwoDimensions) {
  checkSchedules(
      {"n, y + p, x + q, c",
       "p, q, c, f",
       "n, y, x, f",
       {{"n", 1}, {"y", 5}, {"x", 7}, {"p", 3}, {"q", 3}, {"c", 5}, {"f", 33}}},
      Packs::Both, GetParam());
}

TEST_P(ConvolutionTest, StridesAndDilations) {
  checkSchedules({"n, y * 2 + p, x * 3 + q * 2, c",
                  "p, q, c, f",
                  "n, y, x, f",
                  {{"n", 2},
                   {"y", 4},
                   {"x", 5},
                   {"p", 3},
                   {"q", 2},
                   {"c", 18},
                   {"f", 20}}},
                 Packs::Both, GetParam());
}

TEST_P(ConvolutionTest, OnePixelFilters) {
  checkSchedules({"n, y + p, x + q, c",
                  "p, q, c, f",
                  "n, y, x, f",
                  {{"n", 1},
                   {"y", 6},
                   {"x", 7},
                   {"p", 1},
                   {"q", 1},
                   {"c", 19},
                   {"f", 24}}},
                 Packs::Both, GetParam());
}

TEST_P(ConvolutionTest, ThreeDimensions) {
  checkSchedules({"n, z + o, y + p, x * 2 + q, c",
                  "o, p, q, c, f",
                  "n, z, y, x, f",
                  {{"n", 1},
                   {"z", 3},
                   {"y", 4},
                   {"x", 5},
                   {"o", 2},
                   {"p", 3},
                   {"q", 3},
                   {"c", 3},
                   {"f", 17}}},
                 Packs::Both, GetParam());
}

TEST_P(ConvolutionTest, Grouped) {
  checkSchedules({"n, y + p, x + q, g, c",
                  "g, f, p, q, c",
                  "n, y, x, g, f",
                  {{"n", 1},
                   {"y", 4},
                   {"x", 9},
                   {"p", 3},
                   {"q", 3},
                   {"g", 3},
                   {"c", 4},
                   {"f", 18}}},
                 Packs::Both, GetParam());
}

TEST_P(ConvolutionTest, Depthwise) {
  checkSchedules(
      {"n, y * 2 + p, x + q, c",
       "p, q, c",
       "n, y, x, c",
       {{"n", 2}, {"y", 3}, {"x", 8}, {"p", 3}, {"q", 3}, {"c", 37}}},
      Packs::Right, GetParam());
}

// The phases of a transposed convolution of stride 2 and kernel 4: an output
// pixel 2y + r meets the taps of its own phase only.
TEST_P(ConvolutionTest, Transposed) {
  checkSchedules({"n, y + r + a, x + s + b, c",
                  "r, a, s, b, c, f",
                  "n, y, r, x, s, f",
                  {{"n", 1},
                   {"y", 4},
                   {"r", 2},
                   {"x", 5},
                   {"s", 2},
                   {"a", 2},
                   {"b", 2},
                   {"c", 6},
                   {"f", 19}}},
                 Packs::Both, GetParam());
}

// Channels outermost: the columns are pixels, and windows slide along them.
TEST_P(ConvolutionTest, ChannelsFirst) {
  checkSchedules({"n, c, y + p, x + q",
                  "f, c, p, q",
                  "n, f, y, x",
                  {{"n", 2},
                   {"y", 4},
                   {"x", 21},
                   {"p", 3},
                   {"q", 2},
                   {"c", 5},
                   {"f", 10}}},
                 Packs::Both, GetParam());
}

// The same with a stride: columns are gathered into panels.
TEST_P(ConvolutionTest, ChannelsFirstStrided) {
  checkSchedules({"n, c, y * 2 + p, x * 2 + q",
                  "f, c, p, q",
                  "n, f, y, x",
                  {{"n", 2},
                   {"y", 4},
                   {"x", 21},
                   {"p", 3},
                   {"q", 2},
                   {"c", 5},
                   {"f", 10}}},
                 Packs::Both, GetParam());
}

// Operands that have the reductions in different orders: what is contiguous in
// the left one need not be the last of the right one's.
TEST_P(ConvolutionTest, ReductionsInOtherOrders) {
  const std::map<std::string, int64_t> sizes = {
      {"i", 21}, {"j", 40}, {"k", 5}, {"l", 17}, {"m", 3}};
  for (const char *left :
       {"i, k, l, m", "i, m, l, k", "k, i, m, l", "m, l, i, k"})
    for (const char *right : {"l, m, k, j", "j, k, m, l"})
      checkSchedules({left, right, "i, j", sizes}, Packs::Both, GetParam());
}

// Filters whose channels are outermost, of an image whose channels are
// innermost.
TEST_P(ConvolutionTest, ChannelsFirstFilters) {
  for (const char *filters : {"c, p, q, f", "c, q, p, f"})
    checkSchedules({"n, y + p, x + q, c",
                    filters,
                    "n, y, x, f",
                    {{"n", 2},
                     {"y", 3},
                     {"x", 5},
                     {"p", 3},
                     {"q", 2},
                     {"c", 35},
                     {"f", 33}}},
                   Packs::Both, GetParam());
  // One reduction slides along another in the innermost dimension.
  checkSchedules({"x, c + d",
                  "d, c, f",
                  "x, f",
                  {{"x", 13}, {"c", 9}, {"d", 6}, {"f", 33}}},
                 Packs::Both, GetParam());
}

// Rows that a copy flattens, of a left operand whose rows are innermost.
TEST_P(ConvolutionTest, LeftTransposed) {
  checkSchedules({"b, k, m",
                  "b, n, k",
                  "b, m, n",
                  {{"b", 3}, {"m", 23}, {"n", 35}, {"k", 21}}},
                 Packs::Both, GetParam());
}

// Weights in panels of 32 columns, the last one padded.
TEST_P(ConvolutionTest, PackedWeights) {
  constexpr int64_t rows = 21, sum = 30, columns = 75, width = 32;
  std::unique_ptr<Executable> executable = compile(R"(
    func.func @f(%x: memref<21x30xf32>, %w: memref<3x30x32xf32>,
                 %y: memref<21x75xf32>) {
      linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>,
          affine_map<(m, n, k) -> (n floordiv 32, k, n mod 32)>,
          affine_map<(m, n, k) -> (m, n)>],
          iterator_types = ["parallel", "parallel", "reduction"],
          eto.schedule = #eto.schedule<tile_rows = 4, panel_vectors = 1,
                              vector_lanes = 8, row_tasks = 2,
                              column_tasks = 2>}
          ins(%x, %w : memref<21x30xf32>, memref<3x30x32xf32>)
          outs(%y : memref<21x75xf32>) {
      ^bb0(%a: f32, %b: f32, %c: f32):
        %product = arith.mulf %a, %b : f32
        %sum = arith.addf %c, %product : f32
        linalg.yield %sum : f32
      }
      return
    })",
                                                   GetParam());
  ASSERT_TRUE(executable);
  auto function = executable->packedFunction("f");
  ASSERT_TRUE(function.ok()) << function.message();
  std::vector<float> x = numbers(rows * sum, 1),
                     w = numbers(3 * sum * width, 2);
  std::vector<float> y(rows * columns, 0.0f);
  MemRef a(x.data(), {rows, sum}), b(w.data(), {3, sum, width}),
      c(y.data(), {rows, columns});
  void *arguments[] = {a.descriptor(), b.descriptor(), c.descriptor()};
  call(*function, arguments, GetParam());
  for (int64_t m = 0; m < rows; ++m) {
    for (int64_t n = 0; n < columns; ++n) {
      double expected = 0;
      for (int64_t k = 0; k < sum; ++k)
        expected += double(x[m * sum + k]) *
                    w[((n / width) * sum + k) * width + n % width];
      ASSERT_NEAR(y[m * columns + n], expected, 1e-4) << m << ", " << n;
    }
  }
}

// Windows whose steps leave vectors of four, two and one whole, along channels
// and along pixels.
TEST(GpuConvolutionTest, Scheduled) {
  std::vector<SumOfProducts> all;
  for (int64_t channels : {8, 6, 3})
    for (int64_t filters : {20, 18})
      for (const char *schedule :
           {"stages = 1, block_rows = 16",
            "stages = 2, block_columns = 32, reduction_parts = 2"}) {
        all.push_back({"n, y * 2 + p, x + q, c",
                       "p, q, c, f",
                       "n, y, x, f",
                       {{"n", 2},
                        {"y", 3},
                        {"x", 4},
                        {"p", 3},
                        {"q", 2},
                        {"c", channels},
                        {"f", filters}},
                       schedule});
        all.push_back({"c, y + p, x + q",
                       "f, c, p, q",
                       "f, y, x",
                       {{"y", 3},
                        {"x", 8},
                        {"p", 2},
                        {"q", 4},
                        {"c", channels},
                        {"f", filters}},
                       schedule});
      }
  checkSums(all, scheduledGpu);
}

INSTANTIATE_TEST_SUITE_P(Threads, ConvolutionTest,
                         testing::Values(1, 2, simulatedGpu));

} // namespace
