//===- RowChainTest.cpp - Chains of ops, row by row -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// Rows of all leading dimensions, and columns.
struct Rows {
  std::vector<int64_t> leading;
  int64_t columns;

  int64_t count() const {
    int64_t rows = 1;
    for (int64_t extent : leading)
      rows *= extent;
    return rows;
  }
  std::vector<int64_t> shape() const {
    std::vector<int64_t> all = leading;
    all.push_back(columns);
    return all;
  }
};

std::string typeOf(const std::vector<int64_t> &shape) {
  std::string type = "memref<";
  for (int64_t extent : shape)
    type += std::to_string(extent) + "x";
  return type + "f32>";
}

/// The programs' text, with the maps and types of `rows`: #all and #row, !all
/// and !row, and PARALLEL and REDUCED for iterator types.
std::string instantiate(std::string text, const Rows &rows,
                        const std::string &schedule) {
  std::string dimensions, row, parallel;
  for (size_t at = 0; at < rows.leading.size(); ++at) {
    std::string name = "r" + std::to_string(at);
    row += (at ? ", " : "") + name;
    parallel += "\"parallel\", ";
  }
  dimensions = row + ", c";
  auto replace = [&](const std::string &from, const std::string &to) {
    for (size_t at; (at = text.find(from)) != std::string::npos;)
      text.replace(at, from.size(), to);
  };
  replace("PARALLEL", parallel + "\"parallel\"");
  replace("REDUCED", parallel + "\"reduction\"");
  replace("SCHEDULE", "eto.schedule = #eto.schedule<" + schedule + ">");
  return "#all = affine_map<(" + dimensions + ") -> (" + dimensions + ")>\n" +
         "#row = affine_map<(" + dimensions + ") -> (" + row + ")>\n" +
         "#column = affine_map<(" + dimensions + ") -> (c)>\n" +
         "!all = " + typeOf(rows.shape()) + "\n!row = " + typeOf(rows.leading) +
         "\n!column = " + typeOf({rows.columns}) + "\n" + text;
}

constexpr const char *softmax = R"(
func.func @f(%x: !all, %y: !all) {
  %least = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %largest = memref.alloc() : !row
  linalg.fill ins(%least : f32) outs(%largest : !row)
  linalg.generic {indexing_maps = [#all, #row], iterator_types = [REDUCED],
      SCHEDULE} ins(%x : !all) outs(%largest : !row) {
  ^bb0(%a: f32, %b: f32):
    %m = arith.maximumf %b, %a : f32
    linalg.yield %m : f32
  }
  %exponentials = memref.alloc() : !all
  linalg.generic {indexing_maps = [#all, #row, #all],
      iterator_types = [PARALLEL]}
      ins(%x, %largest : !all, !row) outs(%exponentials : !all) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.subf %a, %b : f32
    %e = math.exp %d : f32
    linalg.yield %e : f32
  }
  %sum = memref.alloc() : !row
  linalg.fill ins(%zero : f32) outs(%sum : !row)
  linalg.generic {indexing_maps = [#all, #row], iterator_types = [REDUCED]}
      ins(%exponentials : !all) outs(%sum : !row) {
  ^bb0(%a: f32, %b: f32):
    %m = arith.addf %b, %a : f32
    linalg.yield %m : f32
  }
  linalg.generic {indexing_maps = [#all, #row, #all],
      iterator_types = [PARALLEL]}
      ins(%exponentials, %sum : !all, !row) outs(%y : !all) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.divf %a, %b : f32
    linalg.yield %d : f32
  }
  return
}
)";

/// Reads the result of an earlier op of the chain twice, and a vector that is
/// the same for all rows; the rows' sums are a result, too.
constexpr const char *centredAndSummed = R"(
func.func @f(%x: !all, %bias: !column, %y: !all, %sum: !row) {
  %zero = arith.constant 0.0 : f32
  %shifted = memref.alloc() : !all
  linalg.generic {indexing_maps = [#all, #column, #all],
      iterator_types = [PARALLEL], SCHEDULE}
      ins(%x, %bias : !all, !column) outs(%shifted : !all) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.addf %a, %b : f32
    linalg.yield %d : f32
  }
  linalg.fill ins(%zero : f32) outs(%sum : !row)
  linalg.generic {indexing_maps = [#all, #row], iterator_types = [REDUCED]}
      ins(%shifted : !all) outs(%sum : !row) {
  ^bb0(%a: f32, %b: f32):
    %m = arith.addf %b, %a : f32
    linalg.yield %m : f32
  }
  linalg.generic {indexing_maps = [#all, #all, #row, #all],
      iterator_types = [PARALLEL]}
      ins(%shifted, %x, %sum : !all, !all, !row) outs(%y : !all) {
  ^bb0(%a: f32, %b: f32, %c: f32, %e: f32):
    %p = arith.mulf %a, %b : f32
    %d = arith.subf %p, %c : f32
    linalg.yield %d : f32
  }
  return
}
)";

const std::vector<std::string> schedules = {
    "",
    "row_block = 1, row_tasks = 2",
    "row_block = 3, row_tasks = 3, unroll = 1",
    "row_block = 4, unroll = 3, vector_lanes = 4",
    "row_block = 7, unroll = 4, vector_lanes = 1",
};

const std::vector<Rows> shapes = {{{1}, 1},        {{13}, 37},  {{2, 5}, 16},
                                  {{3, 2, 7}, 70}, {{64}, 515}, {{0}, 64},
                                  {{5}, 0},        {{2, 0}, 7}, {{0, 3}, 7}};

class RowChainTest : public testing::TestWithParam<int> {
protected:
  void run(const std::string &text, std::vector<MemRef> arguments) {
    std::unique_ptr<Executable> executable = compile(text, GetParam());
    ASSERT_TRUE(executable);
    auto function = executable->packedFunction("f");
    ASSERT_TRUE(function.ok()) << function.message();
    std::vector<void *> pointers;
    for (MemRef &argument : arguments)
      pointers.push_back(argument.descriptor());
    (*function)(pointers.data());
    expectAllFreed();
  }
};

TEST_P(RowChainTest, Softmax) {
  for (const Rows &rows : shapes) {
    for (const std::string &schedule : schedules) {
      std::vector<float> x = numbers(rows.count() * rows.columns, 1);
      std::vector<float> y(x.size() + 1, 42);
      run(instantiate(softmax, rows, schedule),
          {{x.data(), rows.shape()}, {y.data(), rows.shape()}});
      for (int64_t row = 0; row < rows.count(); ++row) {
        double sum = 0;
        for (int64_t column = 0; column < rows.columns; ++column)
          sum += std::exp(double(x[row * rows.columns + column]));
        for (int64_t column = 0; column < rows.columns; ++column) {
          int64_t at = row * rows.columns + column;
          ASSERT_NEAR(y[at], std::exp(double(x[at])) / sum, 1e-6)
              << schedule << " at " << at;
        }
      }
      EXPECT_EQ(y.back(), 42);
    }
  }
}

TEST_P(RowChainTest, SeveralReadersAndResults) {
  for (const Rows &rows : shapes) {
    for (const std::string &schedule : schedules) {
      std::vector<float> x = numbers(rows.count() * rows.columns, 1);
      std::vector<float> bias = numbers(rows.columns, 2);
      std::vector<float> y(x.size()), sums(rows.count(), 7);
      run(instantiate(centredAndSummed, rows, schedule),
          {{x.data(), rows.shape()},
           {bias.data(), {rows.columns}},
           {y.data(), rows.shape()},
           {sums.data(), rows.leading}});
      for (int64_t row = 0; row < rows.count(); ++row) {
        double sum = 0;
        for (int64_t column = 0; column < rows.columns; ++column)
          sum += double(x[row * rows.columns + column]) + bias[column];
        ASSERT_NEAR(sums[row], sum, 1e-4) << schedule << " at " << row;
        for (int64_t column = 0; column < rows.columns; ++column) {
          int64_t at = row * rows.columns + column;
          ASSERT_NEAR(y[at], (double(x[at]) + bias[column]) * x[at] - sum, 1e-4)
              << schedule << " at " << at;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, RowChainTest, testing::Values(1, 2));

} // namespace
