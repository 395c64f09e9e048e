//===- GatherKernelsTest.cpp - Rows by index ------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/Kernels/KernelHarness.h"

#include <numeric>

using namespace orcinus::test;

namespace {

TEST_P(KernelTest, Gather) {
  for (int64_t width : widths)
    for (int64_t queries : queryCounts) {
      Tensor table = randomTensor({9, width}, 1);
      table.strided = width == 103;
      Indices index = randomIndices({queries}, 9, 2);
      Tensor out({queries, width});
      run("gather", "", {&table, &index}, {&out});
      for (int64_t query = 0; query < queries; ++query)
        for (int64_t column = 0; column < width; ++column)
          ASSERT_EQ(out(query, column), table(index(query), column));
    }
}

TEST_P(KernelTest, GatherOfNeighbours) {
  Tensor table = randomTensor({9, 6}, 1);
  Indices index = randomIndices({7, 10}, 9, 2);
  Tensor out({7, 10, 6});
  run("gather", "", {&table, &index}, {&out});
  for (int64_t query = 0; query < 7; ++query)
    for (int64_t neighbour = 0; neighbour < 10; ++neighbour)
      for (int64_t column = 0; column < 6; ++column)
        ASSERT_EQ(out(query, neighbour, column),
                  table(index(query, neighbour), column));
}

TEST_P(KernelTest, GatherGradient) {
  for (int64_t width : widths)
    for (int64_t queries : queryCounts) {
      constexpr int64_t neighbours = 10, rows = 30;
      Tensor gradient = randomTensor({queries, neighbours, width}, 1);
      gradient.strided = width == 6;
      Indices index = randomIndices({queries, neighbours}, rows - 1, 2);
      Inverse inverse =
          invert(index, rows, [](int64_t at) { return at % 3 != 0; });
      Tensor out({rows, width});
      run("gather_grad", "", {&gradient, &inverse.offsets, &inverse.references},
          {&out});
      std::vector<double> expected(rows * width);
      for (int64_t at = 0; at < queries * neighbours; ++at)
        for (int64_t column = 0; at % 3 != 0 && column < width; ++column)
          expected[index.values[at] * width + column] +=
              gradient.values[at * width + column];
      expectNear(out, expected);
    }
}

TEST_P(KernelTest, MeanRows) {
  for (int64_t width : widths)
    for (int64_t count : queryCounts) {
      constexpr int64_t rows = 30;
      Tensor values = randomTensor({count, width}, 1);
      values.strided = width == 6;
      // The last row is given none.
      Indices index = randomIndices({count}, rows - 1, 2);
      Inverse inverse =
          invert(index, rows, [](int64_t at) { return at % 3 != 0; });
      Tensor out({rows, width});
      run("mean_rows", "", {&values, &inverse.offsets, &inverse.references},
          {&out});
      std::vector<double> expected(rows * width);
      std::vector<int64_t> given(rows);
      for (int64_t at = 0; at < count; ++at)
        given[index.values[at]] += at % 3 != 0;
      for (int64_t at = 0; at < count; ++at)
        for (int64_t column = 0; at % 3 != 0 && column < width; ++column)
          expected[index.values[at] * width + column] +=
              values.values[at * width + column] / given[index.values[at]];
      expectNear(out, expected);
    }
}

TEST_P(KernelTest, ReplaceRows) {
  for (int64_t width : widths)
    for (int64_t count : queryCounts) {
      constexpr int64_t tableRows = 210;
      Tensor table = randomTensor({tableRows, width}, 1);
      Tensor values = randomTensor({count, width}, 2);
      table.strided = values.strided = width == 16;
      Indices rows({count});
      rows.dynamic = true;
      std::iota(rows.values.begin(), rows.values.end(), 3);
      Tensor out({tableRows, width});
      run("replace_rows", "", {&table, &rows, &values}, {&out});
      for (int64_t row = 0; row < tableRows; ++row)
        for (int64_t column = 0; column < width; ++column)
          ASSERT_EQ(out(row, column), row >= 3 && row < 3 + count
                                          ? values(row - 3, column)
                                          : table(row, column));
    }
}

TEST_P(KernelTest, WriteRows) {
  Tensor values = randomTensor({4, 100}, 1);
  Tensor buffer = randomTensor({20, 100}, 2), before = buffer;
  Indices rows({4});
  rows.dynamic = true;
  rows.values = {1, 5, 6, 19};
  runText(
      [](const std::vector<std::string> &types) {
        return "tgnn.write_rows %a0, %a1, %a2 : " + types[0] + ", " + types[1] +
               ", " + types[2];
      },
      {&values, &rows, &buffer});
  for (int64_t at = 0; at < 4; ++at)
    for (int64_t column = 0; column < 100; ++column)
      before(rows(at), column) = values(at, column);
  EXPECT_EQ(buffer.values, before.values);
}

} // namespace
