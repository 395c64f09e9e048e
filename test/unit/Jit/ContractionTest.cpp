//===- ContractionTest.cpp - Compiled contractions against plain loops ----===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include "gtest/gtest.h"

#include <array>
#include <cmath>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// Loops over every combination of the dimensions' values.
class Odometer {
public:
  explicit Odometer(const std::map<char, int64_t> &extents) : extents(extents) {
    for (auto [dimension, extent] : extents) {
      values[dimension] = 0;
      done |= extent == 0;
    }
  }

  bool atEnd() const { return done; }

  void next() {
    for (auto &[dimension, value] : values) {
      if (++value < extents.at(dimension))
        return;
      value = 0;
    }
    done = true;
  }

  int64_t offset(const std::string &operand) const {
    int64_t offset = 0;
    for (char dimension : operand)
      offset = offset * extents.at(dimension) + values.at(dimension);
    return offset;
  }

private:
  const std::map<char, int64_t> &extents;
  std::map<char, int64_t> values;
  bool done = false;
};

std::vector<double> expected(const Contraction &contraction,
                             const std::vector<float> &left,
                             const std::vector<float> &right,
                             const std::vector<float> &before,
                             const std::vector<float> &bias) {
  std::vector<double> result(before.size(), 0.0);
  for (size_t at = 0; at < result.size(); ++at) {
    if (contraction.start == Contraction::Accumulate)
      result[at] = before[at];
    else if (contraction.start == Contraction::Bias)
      result[at] = bias[at % bias.size()];
  }
  for (Odometer at(contraction.extents); !at.atEnd(); at.next())
    result[at.offset(contraction.result)] +=
        double(left[at.offset(contraction.left)]) *
        right[at.offset(contraction.right)];
  return result;
}

void check(Executable &executable, const std::string &name,
           const Contraction &contraction, int threads) {
  auto function = executable.packedFunction(name);
  ASSERT_TRUE(function.ok()) << function.message();
  std::vector<float> left = numbers(contraction.sizeOf(contraction.left), 1);
  std::vector<float> right = numbers(contraction.sizeOf(contraction.right), 2);
  std::vector<float> result =
      numbers(contraction.sizeOf(contraction.result), 3);
  std::vector<float> bias =
      numbers(contraction.extents.at(contraction.result.back()), 4);
  std::vector<double> wanted = expected(contraction, left, right, result, bias);
  // One more element shows a store beyond the end.
  result.push_back(42);

  MemRef a(left.data(), contraction.shapeOf(contraction.left));
  MemRef b(right.data(), contraction.shapeOf(contraction.right));
  MemRef c(result.data(), contraction.shapeOf(contraction.result));
  MemRef d(bias.data(), {static_cast<int64_t>(bias.size())});
  void *arguments[] = {a.descriptor(), b.descriptor(), c.descriptor(),
                       d.descriptor()};
  call(*function, arguments, threads);
  double tolerance = 1e-4;
  for (size_t at = 0; at < wanted.size(); ++at)
    ASSERT_NEAR(result[at], wanted[at], tolerance)
        << contraction.left << "," << contraction.right << "->"
        << contraction.result << " of " << contraction.typeOf(contraction.left)
        << " at " << at;
  EXPECT_EQ(result.back(), 42);
}

/// Compiles all of `contractions` as one program and checks each.
void checkAll(const std::vector<Contraction> &contractions, int threads) {
  std::string text;
  for (size_t at = 0; at < contractions.size(); ++at)
    text += contractions[at].functionText("f" + std::to_string(at));
  std::unique_ptr<Executable> executable = compile(text, threads);
  ASSERT_TRUE(executable);
  for (size_t at = 0; at < contractions.size(); ++at)
    check(*executable, "f" + std::to_string(at), contractions[at], threads);
  expectAllFreed();
}

class ContractionTest : public testing::TestWithParam<int> {};

TEST_P(ContractionTest, DynamicRows) {
  // One function serves all row counts; each gets its own copy here.
  std::vector<Contraction> all;
  for (int64_t rows : {0, 1, 3, 5, 6, 7, 64, 100, 601, 700})
    all.push_back({"mk",
                   "kn",
                   "mn",
                   {{'m', rows}, {'n', 100}, {'k', 206}},
                   "m",
                   Contraction::Bias});
  checkAll(all, GetParam());
}

TEST_P(ContractionTest, Columns) {
  std::vector<Contraction> all;
  for (int64_t columns : {1, 2, 3, 8, 15, 16, 17, 31, 33, 100, 206, 300})
    all.push_back({"mk",
                   "kn",
                   "mn",
                   {{'m', 37}, {'n', columns}, {'k', 19}},
                   columns % 2 ? "m" : "",
                   Contraction::Zero});
  checkAll(all, GetParam());
}

TEST_P(ContractionTest, EverythingDynamic) {
  std::vector<Contraction> all;
  for (int64_t columns : {0, 1, 17, 64, 100})
    all.push_back({"mk",
                   "kn",
                   "mn",
                   {{'m', 37}, {'n', columns}, {'k', 300}},
                   "mnk",
                   Contraction::Accumulate});
  checkAll(all, GetParam());
}

TEST_P(ContractionTest, WeightGradient) {
  std::vector<Contraction> all;
  for (int64_t rows : {0, 1, 255, 256, 257, 700})
    for (auto start : {Contraction::Zero, Contraction::Accumulate})
      all.push_back({"km",
                     "kn",
                     "mn",
                     {{'m', 206}, {'n', 100}, {'k', rows}},
                     "k",
                     start});
  checkAll(all, GetParam());
}

// Extents of zero that the compiler knows.
TEST_P(ContractionTest, StaticZero) {
  std::vector<Contraction> all;
  for (char empty : {'b', 'm', 'n', 'k'}) {
    std::map<char, int64_t> extents{{'b', 2}, {'m', 33}, {'n', 40}, {'k', 600}};
    extents[empty] = 0;
    for (auto start :
         {Contraction::Zero, Contraction::Accumulate, Contraction::Bias}) {
      all.push_back({"bmk", "bkn", "bmn", extents, "", start});
      all.push_back({"bmk", "bnk", "bmn", extents, "", start});
      all.push_back({"bmk", "bkn", "bmn", extents, "", start,
                     "#eto.schedule<tile_rows = 4, panel_vectors = 2, "
                     "reduction_block = 64, row_block = 8, column_block = 16, "
                     "row_tasks = 2, pack_left = 1, pack_right = 1>"});
    }
  }
  // A dimension of both operands and the result is a depthwise one.
  for (char empty : {'m', 'n', 'k'}) {
    std::map<char, int64_t> extents{{'m', 33}, {'n', 40}, {'k', 9}};
    extents[empty] = 0;
    all.push_back({"mkn", "kn", "mn", extents, ""});
  }
  checkAll(all, GetParam());
}

// Rows that are one run of the left operand alone; sums are long enough to
// divide them.
TEST_P(ContractionTest, TurnedResult) {
  std::vector<Contraction> all;
  for (auto start :
       {Contraction::Zero, Contraction::Accumulate, Contraction::Bias})
    for (const char *result : {"stbn", "sbtn", "tbsn"})
      all.push_back({"bstk",
                     "kn",
                     result,
                     {{'b', 6}, {'s', 5}, {'t', 3}, {'n', 24}, {'k', 48}},
                     "",
                     start});
  checkAll(all, GetParam());
}

// A task that no columns are left for adds nothing to the result.
TEST_P(ContractionTest, MoreTasksThanPanels) {
  std::vector<Contraction> all;
  for (int64_t columns : {1, 24, 32, 33, 100})
    for (const char *pack : {"0", "1"})
      all.push_back({"mk",
                     "kn",
                     "mn",
                     {{'m', 9}, {'n', columns}, {'k', 4}},
                     "m",
                     Contraction::Accumulate,
                     "#eto.schedule<tile_rows = 4, panel_vectors = 2, "
                     "column_tasks = 4, pack_right = " +
                         std::string(pack) + ">"});
  checkAll(all, GetParam());
}

/// Products of rows below, at and beyond the bounds 16 and 32.
std::vector<Contraction> dispatched(Contraction::Start start,
                                    const std::string &dispatch) {
  std::vector<Contraction> all;
  for (int64_t rows : {0, 5, 16, 17, 32, 33, 100})
    all.push_back({"mk",
                   "kn",
                   "mn",
                   {{'m', rows}, {'n', 40}, {'k', 30}},
                   "m",
                   start,
                   dispatch});
  return all;
}

// Each number of rows is executed by its own schedule.
TEST_P(ContractionTest, Dispatch) {
  checkAll(dispatched(Contraction::Bias,
                      "#eto.dispatch<loop 0, <tile_rows = 2> to 16, <tile_rows "
                      "= 5, row_block = 10> to 32, <tile_rows = 3, row_tasks = "
                      "2>>"),
           GetParam());
}

TEST_P(ContractionTest, TransposedRight) {
  std::vector<Contraction> all;
  for (int64_t rows : {0, 1, 9, 600})
    for (int64_t columns : {1, 5, 16, 100, 206})
      all.push_back({"mk",
                     "nk",
                     "mn",
                     {{'m', rows}, {'n', columns}, {'k', 35}},
                     "m",
                     Contraction::Zero});
  checkAll(all, GetParam());
}

TEST_P(ContractionTest, SwappedOperands) {
  checkAll({{"kn", "mk", "mn", {{'m', 50}, {'n', 40}, {'k', 30}}, "m"},
            {"nk", "mk", "mn", {{'m', 50}, {'n', 40}, {'k', 30}}, "m"}},
           GetParam());
}

TEST_P(ContractionTest, Batched) {
  std::map<char, int64_t> extents{{'h', 2}, {'q', 61}, {'i', 103}, {'o', 50}};
  checkAll({{"qi", "hio", "qho", extents, "q"},
            {"qho", "hio", "qi", extents, "q"},
            {"qi", "qho", "hio", extents, "q"},
            {"qhi", "hio", "qho", extents, "q", Contraction::Bias},
            {"hqi", "hio", "hqo", extents, "q"},
            {"hqi", "hoi", "hqo", extents, "q", Contraction::Accumulate}},
           GetParam());
}

TEST_P(ContractionTest, Attention) {
  // Scores and weighted sums of ten neighbours a query, per head.
  std::map<char, int64_t> extents{{'q', 61}, {'h', 2}, {'j', 10}, {'d', 106}};
  checkAll({{"qhd", "qjd", "qhj", extents, "q"},
            {"qhj", "qjd", "qhd", extents, "q"},
            {"qhj", "qhd", "qjd", extents, "q"}},
           GetParam());
}

TEST_P(ContractionTest, MatrixTimesVector) {
  checkAll({{"mk", "k", "m", {{'m', 77}, {'k', 100}}, "m"},
            {"k", "kn", "n", {{'n', 77}, {'k', 100}}, ""},
            {"mk", "kn", "mn", {{'m', 77}, {'n', 1}, {'k', 100}}, "m"}},
           GetParam());
}

INSTANTIATE_TEST_SUITE_P(Threads, ContractionTest,
                         testing::Values(1, 2, 3, simulatedGpu));

/// Schedules for GPUs: tiles that the threads' pieces do not fill evenly, whose
/// depth holds vectors of four, two and one; one and two of each operand; and
/// reductions whose parts begin anywhere.
const std::vector<std::string> gpuSchedules = {
    "stages = 1",
    "stages = 2",
    "block_rows = 16, block_columns = 48, block_reduction = 12, thread_columns "
    "= 12, stages = 1",
    "block_rows = 32, block_columns = 96, block_reduction = 4, thread_rows = "
    "8, thread_columns = 8, stages = 2, reduction_parts = 3",
    "block_rows = 32, block_columns = 32, block_reduction = 6, stages = 2",
    "block_rows = 32, block_columns = 32, block_reduction = 5, stages = 1, "
    "reduction_parts = 2",
    "block_rows = 20, block_columns = 44, block_reduction = 16, stages = 2, "
    "reduction_parts = 4",
    "block_rows = 128, block_columns = 64, thread_rows = 8, block_reduction = "
    "32, thread_columns = 8, stages = 1",
};

/// Checks `contraction` by all of these, from one start after the other.
void checkOnGpu(Contraction contraction) {
  std::vector<Contraction> all;
  for (const std::string &schedule : gpuSchedules) {
    contraction.schedule = "#eto.schedule<" + schedule + ">";
    contraction.start = static_cast<Contraction::Start>(all.size() % 3);
    all.push_back(contraction);
  }
  checkAll(all, scheduledGpu);
}

/// Extents of rows, columns and the reduction that are multiples of 4, of 2 and
/// of neither, each with each.
class GpuContractionTest
    : public testing::TestWithParam<std::array<int64_t, 3>> {
protected:
  static std::map<char, int64_t> extents() {
    auto [rows, columns, reduction] = GetParam();
    return {{'m', rows}, {'n', columns}, {'k', reduction}};
  }
};

TEST_P(GpuContractionTest, Plain) {
  checkOnGpu({"mk", "kn", "mn", extents(), ""});
}

TEST_P(GpuContractionTest, DynamicRows) {
  checkOnGpu({"mk", "kn", "mn", extents(), "m"});
}

TEST_P(GpuContractionTest, TransposedLeft) {
  checkOnGpu({"km", "kn", "mn", extents(), "k"});
}

TEST_P(GpuContractionTest, TransposedRight) {
  checkOnGpu({"mk", "nk", "mn", extents(), "m"});
}

TEST_P(GpuContractionTest, BothTransposed) {
  checkOnGpu({"km", "nk", "mn", extents(), ""});
}

TEST_P(GpuContractionTest, Batched) {
  std::map<char, int64_t> batches = extents();
  batches['h'] = 2;
  checkOnGpu({"hmk", "hkn", "hmn", batches, ""});
  checkOnGpu({"mhk", "hnk", "mhn", batches, "m"});
}

// Each number of rows has its own schedule, one of which cuts the reduction and
// one of which is the default. Were two executed, sums would be there twice.
TEST(GpuDispatchTest, TakesWhatTheRowsAskFor) {
  for (auto start :
       {Contraction::Zero, Contraction::Bias, Contraction::Accumulate})
    checkAll(dispatched(start,
                        "#eto.dispatch<loop 0, <block_rows = 16, block_columns "
                        "= 32> to 16, <block_rows = 32, block_columns = 32, "
                        "reduction_parts = 3, stages = 2> to 32, <>>"),
             scheduledGpu);
}

// Views whose rows begin where four, two and one element lie together.
TEST(GpuViewsTest, BeginAnywhere) {
  constexpr int64_t m = 20, n = 32, k = 40, row = 3, rows = 30, columns = 100;
  const std::map<std::string, int64_t> starts = {
      {"fours", 36}, {"twos", 34}, {"ones", 33}};
  std::string text;
  for (const auto &[name, from] : starts) {
    std::string type = "memref<20x40xf32, strided<[100, 1], offset: " +
                       std::to_string(row * columns + from) + ">>";
    text += "func.func @" + name +
            "(%all: memref<30x100xf32>, %b: memref<40x32xf32>,"
            "         %c: memref<20x32xf32>) {"
            "  %a = memref.subview %all[3, " +
            std::to_string(from) +
            "] [20, 40] [1, 1] : memref<30x100xf32> to " + type +
            "  linalg.matmul ins(%a, %b : " + type +
            ", memref<40x32xf32>) outs(%c : memref<20x32xf32>)"
            "  return"
            "}";
  }
  std::unique_ptr<Executable> executable = compile(text, scheduledGpu);
  ASSERT_TRUE(executable);
  for (const auto &[name, from] : starts) {
    SCOPED_TRACE(name);
    auto function = executable->packedFunction(name);
    ASSERT_TRUE(function.ok()) << function.message();
    std::vector<float> all = numbers(rows * columns, 1);
    std::vector<float> right = numbers(k * n, 2);
    std::vector<float> result(m * n, 0);
    MemRef a(all.data(), {rows, columns}), b(right.data(), {k, n});
    MemRef c(result.data(), {m, n});
    void *arguments[] = {a.descriptor(), b.descriptor(), c.descriptor()};
    call(*function, arguments, scheduledGpu);
    for (int64_t at = 0; at < m * n; ++at) {
      double wanted = 0;
      for (int64_t depth = 0; depth < k; ++depth)
        wanted += double(all[(row + at / n) * columns + from + depth]) *
                  right[depth * n + at % n];
      ASSERT_NEAR(result[at], wanted, 1e-4) << at;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Extents, GpuContractionTest,
                         testing::Values(std::array<int64_t, 3>{44, 52, 36},
                                         std::array<int64_t, 3>{44, 50, 33},
                                         std::array<int64_t, 3>{37, 52, 38},
                                         std::array<int64_t, 3>{42, 51, 36}));

} // namespace
