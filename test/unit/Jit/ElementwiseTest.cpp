//===- ElementwiseTest.cpp - Elementwise loops against plain ones ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// (threads, rows)
class ElementwiseTest
    : public testing::TestWithParam<std::tuple<int, int64_t>> {
protected:
  int threads() const { return std::get<0>(GetParam()); }
  int64_t rows() const { return std::get<1>(GetParam()); }

  void run(const std::string &text, std::vector<MemRef> arguments) {
    std::unique_ptr<Executable> executable = compile(text, threads());
    ASSERT_TRUE(executable);
    auto function = executable->packedFunction("f");
    ASSERT_TRUE(function.ok()) << function.message();
    std::vector<void *> pointers;
    for (MemRef &argument : arguments)
      pointers.push_back(argument.descriptor());
    call(*function, pointers.data(), threads());
    expectAllFreed();
  }
};

TEST_P(ElementwiseTest, FlatInPlace) {
  auto x = numbers(rows() * 100, 1), y = numbers(rows() * 100, 2);
  auto before = y;
  run(R"(
    func.func @f(%x: memref<?x100xf32>, %y: memref<?x100xf32>) {
      %half = arith.constant 0.5 : f32
      linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>,
          affine_map<(i, j) -> (i, j)>],
          iterator_types = ["parallel", "parallel"]}
          ins(%x : memref<?x100xf32>) outs(%y : memref<?x100xf32>) {
      ^bb0(%a: f32, %b: f32):
        %scaled = arith.mulf %a, %half : f32
        %sum = arith.addf %scaled, %b : f32
        linalg.yield %sum : f32
      }
      return
    })",
      {{x.data(), {rows(), 100}}, {y.data(), {rows(), 100}}});
  for (size_t at = 0; at < y.size(); ++at)
    ASSERT_EQ(y[at], x[at] * 0.5f + before[at]);
}

TEST_P(ElementwiseTest, BroadcastsAndIndices) {
  auto x = numbers(rows() * 37, 1), rowScale = numbers(rows(), 2),
       bias = numbers(37, 3);
  std::vector<float> y(rows() * 37);
  run(R"(
    func.func @f(%x: memref<?x37xf32>, %scale: memref<?xf32>,
                 %bias: memref<37xf32>, %y: memref<?x37xf32>) {
      linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>,
          affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (j)>,
          affine_map<(i, j) -> (i, j)>],
          iterator_types = ["parallel", "parallel"]}
          ins(%x, %scale, %bias : memref<?x37xf32>, memref<?xf32>,
              memref<37xf32>) outs(%y : memref<?x37xf32>) {
      ^bb0(%a: f32, %s: f32, %c: f32, %unused: f32):
        %column = linalg.index 1 : index
        %integer = arith.index_cast %column : index to i32
        %float = arith.sitofp %integer : i32 to f32
        %squared = arith.mulf %s, %s : f32
        %scaled = arith.mulf %a, %squared : f32
        %sum = arith.addf %scaled, %c : f32
        %positive = arith.cmpf ogt, %sum, %s : f32
        %chosen = arith.select %positive, %sum, %float : f32
        linalg.yield %chosen : f32
      }
      return
    })",
      {{x.data(), {rows(), 37}},
       {rowScale.data(), {rows()}},
       {bias.data(), {37}},
       {y.data(), {rows(), 37}}});
  for (int64_t i = 0; i < rows(); ++i)
    for (int64_t j = 0; j < 37; ++j) {
      float sum = x[i * 37 + j] * (rowScale[i] * rowScale[i]) + bias[j];
      ASSERT_FLOAT_EQ(y[i * 37 + j], sum > rowScale[i] ? sum : float(j));
    }
}

TEST_P(ElementwiseTest, RowAndColumnSums) {
  auto x = numbers(rows() * 100, 1);
  std::vector<float> bySum(rows(), 2), byColumn(100, 3), largest(rows(), -5);
  run(R"(
    func.func @f(%x: memref<?x100xf32>, %rows: memref<?xf32>,
                 %columns: memref<100xf32>, %largest: memref<?xf32>) {
      linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>,
          affine_map<(i, j) -> (i)>],
          iterator_types = ["parallel", "reduction"]}
          ins(%x : memref<?x100xf32>) outs(%rows : memref<?xf32>) {
      ^bb0(%a: f32, %sum: f32):
        %square = arith.mulf %a, %a : f32
        %next = arith.addf %sum, %square : f32
        linalg.yield %next : f32
      }
      linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>,
          affine_map<(i, j) -> (j)>],
          iterator_types = ["reduction", "parallel"]}
          ins(%x : memref<?x100xf32>) outs(%columns : memref<100xf32>) {
      ^bb0(%a: f32, %sum: f32):
        %next = arith.addf %a, %sum : f32
        linalg.yield %next : f32
      }
      linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>,
          affine_map<(i, j) -> (i)>],
          iterator_types = ["parallel", "reduction"]}
          ins(%x : memref<?x100xf32>) outs(%largest : memref<?xf32>) {
      ^bb0(%a: f32, %most: f32):
        %next = arith.maximumf %a, %most : f32
        linalg.yield %next : f32
      }
      return
    })",
      {{x.data(), {rows(), 100}},
       {bySum.data(), {rows()}},
       {byColumn.data(), {100}},
       {largest.data(), {rows()}}});
  std::vector<double> columns(100, 3);
  for (int64_t i = 0; i < rows(); ++i) {
    double sum = 2;
    float most = -5;
    for (int64_t j = 0; j < 100; ++j) {
      sum += double(x[i * 100 + j]) * x[i * 100 + j];
      columns[j] += x[i * 100 + j];
      most = std::max(most, x[i * 100 + j]);
    }
    ASSERT_NEAR(bySum[i], sum, 1e-4);
    ASSERT_EQ(largest[i], most);
  }
  for (int64_t j = 0; j < 100; ++j)
    ASSERT_NEAR(byColumn[j], columns[j], 1e-3);
}

TEST_P(ElementwiseTest, TotalOfUnknownLength) {
  auto x = numbers(rows() * 7, 1);
  std::vector<float> total{1};
  run(R"(
    func.func @f(%x: memref<?xf32>, %total: memref<f32>) {
      linalg.generic {indexing_maps = [affine_map<(i) -> (i)>,
          affine_map<(i) -> ()>], iterator_types = ["reduction"]}
          ins(%x : memref<?xf32>) outs(%total : memref<f32>) {
      ^bb0(%a: f32, %sum: f32):
        %next = arith.addf %a, %sum : f32
        linalg.yield %next : f32
      }
      return
    })",
      {{x.data(), {rows() * 7}}, {total.data(), {}}});
  double sum = 1;
  for (float value : x)
    sum += value;
  EXPECT_NEAR(total[0], sum, 1e-3);
}

TEST_P(ElementwiseTest, GatheredRows) {
  auto table = numbers(50 * 100, 1);
  std::vector<int32_t> row(rows());
  for (int64_t i = 0; i < rows(); ++i)
    row[i] = (i * 7) % 50;
  std::vector<float> y(rows() * 100);
  run(R"(
    func.func @f(%table: memref<50x100xf32>, %row: memref<?xi32>,
                 %y: memref<?x100xf32>) {
      linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>,
          affine_map<(i, j) -> (i, j)>],
          iterator_types = ["parallel", "parallel"]}
          ins(%row : memref<?xi32>) outs(%y : memref<?x100xf32>) {
      ^bb0(%r: i32, %unused: f32):
        %at = arith.index_cast %r : i32 to index
        %column = linalg.index 1 : index
        %value = memref.load %table[%at, %column] : memref<50x100xf32>
        linalg.yield %value : f32
      }
      return
    })",
      {{table.data(), {50, 100}},
       {row.data(), {rows()}},
       {y.data(), {rows(), 100}}});
  for (int64_t i = 0; i < rows(); ++i)
    for (int64_t j = 0; j < 100; ++j)
      ASSERT_EQ(y[i * 100 + j], table[row[i] * 100 + j]);
}

// The lanes that do not exist hold zeros, by which nothing may be divided.
TEST_P(ElementwiseTest, IntegerDivisions) {
  std::vector<int32_t> x(rows() * 37), y(37), quotient(x.size()),
      remainder(x.size());
  for (size_t at = 0; at < x.size(); ++at)
    x[at] = int32_t(at * 7919 % 1000) - 500;
  for (size_t at = 0; at < y.size(); ++at)
    y[at] = int32_t(at) - 37;
  run(R"(
    func.func @f(%x: memref<?x37xi32>, %y: memref<37xi32>,
                 %q: memref<?x37xi32>, %r: memref<?x37xi32>) {
      linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>,
          affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>,
          affine_map<(i, j) -> (i, j)>],
          iterator_types = ["parallel", "parallel"]}
          ins(%x, %y : memref<?x37xi32>, memref<37xi32>)
          outs(%q, %r : memref<?x37xi32>, memref<?x37xi32>) {
      ^bb0(%a: i32, %b: i32, %c: i32, %d: i32):
        %quotient = arith.divsi %a, %b : i32
        %remainder = arith.remsi %a, %b : i32
        linalg.yield %quotient, %remainder : i32, i32
      }
      return
    })",
      {{x.data(), {rows(), 37}},
       {y.data(), {37}},
       {quotient.data(), {rows(), 37}},
       {remainder.data(), {rows(), 37}}});
  for (size_t at = 0; at < x.size(); ++at) {
    ASSERT_EQ(quotient[at], x[at] / y[at % 37]);
    ASSERT_EQ(remainder[at], x[at] % y[at % 37]);
  }
}

// An extent of zero that the compiler knows.
TEST_P(ElementwiseTest, StaticZero) {
  std::vector<float> x, totals = numbers(5, 1), before = totals;
  run(R"(
    func.func @f(%x: memref<5x0xf32>, %totals: memref<5xf32>,
                 %t: memref<0x5xf32>) {
      linalg.reduce {arith.addf} ins(%x : memref<5x0xf32>)
          outs(%totals : memref<5xf32>) dimensions = [1]
      linalg.transpose ins(%x : memref<5x0xf32>) outs(%t : memref<0x5xf32>)
          permutation = [1, 0]
      linalg.exp ins(%x : memref<5x0xf32>) outs(%x : memref<5x0xf32>)
      return
    })",
      {{x.data(), {5, 0}}, {totals.data(), {5}}, {x.data(), {0, 5}}});
  EXPECT_EQ(totals, before);
}

TEST_P(ElementwiseTest, TransposeFillCopyBroadcast) {
  auto x = numbers(rows() * 3 * 37, 1), bias = numbers(37, 2);
  std::vector<float> transposed(x.size()), copied(x.size()), filled(rows());
  std::vector<float> spread(rows() * 37);
  run(R"(
    func.func @f(%x: memref<?x3x37xf32>, %t: memref<3x37x?xf32>,
                 %c: memref<?x3x37xf32>, %z: memref<?xf32>,
                 %b: memref<37xf32>, %s: memref<?x37xf32>) {
      %seven = arith.constant 7.0 : f32
      linalg.transpose ins(%x : memref<?x3x37xf32>)
          outs(%t : memref<3x37x?xf32>) permutation = [1, 2, 0]
      linalg.copy ins(%x : memref<?x3x37xf32>) outs(%c : memref<?x3x37xf32>)
      linalg.fill ins(%seven : f32) outs(%z : memref<?xf32>)
      linalg.broadcast ins(%b : memref<37xf32>) outs(%s : memref<?x37xf32>)
          dimensions = [0]
      return
    })",
      {{x.data(), {rows(), 3, 37}},
       {transposed.data(), {3, 37, rows()}},
       {copied.data(), {rows(), 3, 37}},
       {filled.data(), {rows()}},
       {bias.data(), {37}},
       {spread.data(), {rows(), 37}}});
  EXPECT_EQ(copied, x);
  EXPECT_EQ(filled, std::vector<float>(rows(), 7));
  for (int64_t i = 0; i < rows(); ++i)
    for (int64_t j = 0; j < 3 * 37; ++j) {
      ASSERT_EQ(transposed[j * rows() + i], x[i * 3 * 37 + j]);
      if (j < 37) {
        ASSERT_EQ(spread[i * 37 + j], bias[j]);
      }
    }
}

INSTANTIATE_TEST_SUITE_P(ThreadsAndRows, ElementwiseTest,
                         testing::Combine(testing::Values(1, 2, simulatedGpu),
                                          testing::Values(0, 1, 5, 17, 600)));

} // namespace
