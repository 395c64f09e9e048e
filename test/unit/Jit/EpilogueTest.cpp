//===- EpilogueTest.cpp - What follows products, against plain loops ------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

using namespace orcinus;
using namespace orcinus::test;

namespace {

std::string replaced(std::string text, const std::string &from,
                     const std::string &to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos;
       at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

//===----------------------------------------------------------------------===//
// A product with a bias, an activation and a residual
//===----------------------------------------------------------------------===//

/// y = f(relu(x·w + b + c)) + r in two ops, b along the columns and c along the
/// rows.
constexpr const char *layerText = R"(
#id = affine_map<(m, n) -> (m, n)>
#column = affine_map<(m, n) -> (n)>
#row = affine_map<(m, n) -> (m)>
func.func @f(%x: memref<MxKxf32>, %w: memref<KxNxf32>, %b: memref<Nxf32>,
             %c: memref<Mxf32>, %r: memref<MxNxf32>, %y: memref<MxNxf32>) {
  %zero = arith.constant 0.0 : f32
  %sums = memref.alloc() : memref<MxNxf32>
  START
  linalg.matmul {eto.schedule = #eto.schedule<SCHEDULE>}
    ins(%x, %w : memref<MxKxf32>, memref<KxNxf32>) outs(%sums : memref<MxNxf32>)
  linalg.generic {indexing_maps = [#id, #row, #id],
      iterator_types = ["parallel", "parallel"]}
      ins(%sums, %c : memref<MxNxf32>, memref<Mxf32>)
      outs(%sums : memref<MxNxf32>) {
  ^bb0(%s: f32, %a: f32, %o: f32):
    %t = arith.addf %s, %a : f32
    %u = arith.maximumf %t, %zero : f32
    linalg.yield %u : f32
  }
  linalg.generic {indexing_maps = [#id, #id, #id],
      iterator_types = ["parallel", "parallel"]}
      ins(%sums, %r : memref<MxNxf32>, memref<MxNxf32>)
      outs(OUT : memref<MxNxf32>) {
  ^bb0(%s: f32, %a: f32, %o: f32):
    FUNCTION
    %u = arith.addf %t, %a : f32
    linalg.yield %u : f32
  }
  return
}
)";

struct Layer {
  int64_t rows, columns, steps;
  std::string schedule;
  bool starts = true, longFunction = false, inPlace = false;
};

std::string textOf(const Layer &layer) {
  std::string text = replaced(layerText, "SCHEDULE", layer.schedule);
  text = replaced(text, "START",
                  layer.starts
                      ? "linalg.broadcast ins(%b : memref<Nxf32>) outs(%sums "
                        ": memref<MxNxf32>) dimensions = [0]"
                      : "linalg.fill ins(%zero : f32) outs(%sums : "
                        "memref<MxNxf32>)");
  text = replaced(text, "FUNCTION",
                  layer.longFunction ? "%t = math.tanh %s : f32"
                                     : "%t = arith.mulf %s, %s : f32");
  // The residual's own memory.
  text = replaced(text, "OUT", layer.inPlace ? "%r" : "%y");
  text = replaced(text, "MxKx",
                  std::to_string(layer.rows) + "x" +
                      std::to_string(layer.steps) + "x");
  text = replaced(text, "KxNx",
                  std::to_string(layer.steps) + "x" +
                      std::to_string(layer.columns) + "x");
  text = replaced(text, "MxNx",
                  std::to_string(layer.rows) + "x" +
                      std::to_string(layer.columns) + "x");
  text = replaced(text, "<Mx", "<" + std::to_string(layer.rows) + "x");
  return replaced(text, "<Nx", "<" + std::to_string(layer.columns) + "x");
}

void check(const Layer &layer, int threads) {
  SCOPED_TRACE(layer.schedule);
  std::unique_ptr<Executable> executable = compile(textOf(layer), threads);
  ASSERT_TRUE(executable);
  auto function = executable->packedFunction("f");
  ASSERT_TRUE(function.ok()) << function.message();
  auto [rows, columns, steps] =
      std::tuple(layer.rows, layer.columns, layer.steps);
  std::vector<float> x = numbers(rows * steps, 1);
  std::vector<float> w = numbers(steps * columns, 2);
  std::vector<float> b = numbers(columns, 3), c = numbers(rows, 4);
  std::vector<float> r = numbers(rows * columns, 5);
  std::vector<float> y(rows * columns + 1, 42);
  std::vector<double> wanted(rows * columns);
  for (int64_t m = 0; m < rows; ++m)
    for (int64_t n = 0; n < columns; ++n) {
      double sum = c[m] + (layer.starts ? b[n] : 0.0f);
      for (int64_t k = 0; k < steps; ++k)
        sum += double(x[m * steps + k]) * w[k * columns + n];
      sum = std::max(sum, 0.0);
      wanted[m * columns + n] =
          (layer.longFunction ? std::tanh(sum) : sum * sum) +
          r[m * columns + n];
    }
  MemRef memrefs[] = {{x.data(), {rows, steps}},   {w.data(), {steps, columns}},
                      {b.data(), {columns}},       {c.data(), {rows}},
                      {r.data(), {rows, columns}}, {y.data(), {rows, columns}}};
  void *arguments[6];
  for (size_t at = 0; at < 6; ++at)
    arguments[at] = memrefs[at].descriptor();
  call(*function, arguments, threads);
  const std::vector<float> &result = layer.inPlace ? r : y;
  for (size_t at = 0; at < wanted.size(); ++at)
    ASSERT_NEAR(result[at], wanted[at], 1e-4 * std::max(1.0, wanted[at]))
        << "at " << at;
  EXPECT_EQ(y.back(), 42);
  expectAllFreed();
}

class EpilogueTest : public testing::TestWithParam<int> {};

TEST_P(EpilogueTest, InAllSchedules) {
  for (const char *schedule :
       {"", "tile_rows = 5, panel_vectors = 2",
        "tile_rows = 4, panel_vectors = 2, reduction_block = 16",
        "tile_rows = 3, panel_vectors = 1, tile_order = 1, row_block = 6",
        "tile_rows = 4, panel_vectors = 2, pack_left = 1, reduction_block = 20",
        "tile_rows = 4, panel_vectors = 2, pack_right = 1, column_block = 32",
        "tile_rows = 4, panel_vectors = 2, row_tasks = 2, column_tasks = 2",
        "tile_rows = 2, panel_vectors = 1, unroll = 4, vector_lanes = 4"})
    for (bool longFunction : {false, true})
      for (bool inPlace : {false, true})
        check({19, 45, 50, schedule, /*starts=*/longFunction != inPlace,
               longFunction, inPlace},
              GetParam());
}

TEST_P(EpilogueTest, OfFewRowsOrSteps) {
  for (auto [rows, columns, steps] :
       {std::array<int64_t, 3>{1, 70, 33}, {12, 1, 5}, {8, 16, 1}, {9, 40, 0}})
    check({rows, columns, steps, "", true, true, false}, GetParam());
}

//===----------------------------------------------------------------------===//
// An attention
//===----------------------------------------------------------------------===//

/// softmax(q·k · 0.25 + mask)·v for each head, as importers write it.
constexpr const char *attentionText = R"(
#q = affine_map<(h, m, n, k) -> (m, h, k)>
#k = affine_map<(h, m, n, k) -> (n, h, k)>
#s = affine_map<(h, m, n, k) -> (h, m, n)>
#w = affine_map<(h, m, d, n) -> (h, m, n)>
#v = affine_map<(h, m, d, n) -> (n, h, d)>
#o = affine_map<(h, m, d, n) -> (m, h, d)>
#all = affine_map<(h, m, n) -> (h, m, n)>
#mask = affine_map<(h, m, n) -> (m, n)>
#row = affine_map<(h, m, n) -> (h, m)>
func.func @f(%q: memref<RxHxDxf32>, %k: memref<CxHxDxf32>,
             %mask: memref<RxCxf32>, %v: memref<CxHxDxf32>,
             %o: memref<RxHxDxf32>) {
  %zero = arith.constant 0.0 : f32
  %scale = arith.constant 0.25 : f32
  %least = arith.constant 0xFF800000 : f32
  %s = memref.alloc() : memref<HxRxCxf32>
  linalg.fill ins(%zero : f32) outs(%s : memref<HxRxCxf32>)
  linalg.generic {indexing_maps = [#q, #k, #s], iterator_types =
      ["parallel", "parallel", "parallel", "reduction"]}
      ins(%q, %k : memref<RxHxDxf32>, memref<CxHxDxf32>)
      outs(%s : memref<HxRxCxf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  }
  %t = memref.alloc() : memref<HxRxCxf32>
  linalg.generic {indexing_maps = [#all, #mask, #all], iterator_types =
      ["parallel", "parallel", "parallel"]}
      ins(%s, %mask : memref<HxRxCxf32>, memref<RxCxf32>)
      outs(%t : memref<HxRxCxf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.mulf %a, %scale : f32
    %y = arith.addf %x, %b : f32
    linalg.yield %y : f32
  }
  %m = memref.alloc() : memref<HxRxf32>
  linalg.fill ins(%least : f32) outs(%m : memref<HxRxf32>)
  linalg.generic {indexing_maps = [#all, #row], iterator_types =
      ["parallel", "parallel", "reduction"]}
      ins(%t : memref<HxRxCxf32>) outs(%m : memref<HxRxf32>) {
  ^bb0(%a: f32, %c: f32):
    %x = arith.maximumf %a, %c : f32
    linalg.yield %x : f32
  }
  %e = memref.alloc() : memref<HxRxCxf32>
  linalg.generic {indexing_maps = [#all, #row, #all], iterator_types =
      ["parallel", "parallel", "parallel"]}
      ins(%t, %m : memref<HxRxCxf32>, memref<HxRxf32>)
      outs(%e : memref<HxRxCxf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.subf %a, %b : f32
    %y = math.exp %x : f32
    linalg.yield %y : f32
  }
  %l = memref.alloc() : memref<HxRxf32>
  linalg.fill ins(%zero : f32) outs(%l : memref<HxRxf32>)
  linalg.generic {indexing_maps = [#all, #row], iterator_types =
      ["parallel", "parallel", "reduction"]}
      ins(%e : memref<HxRxCxf32>) outs(%l : memref<HxRxf32>) {
  ^bb0(%a: f32, %c: f32):
    %x = arith.addf %a, %c : f32
    linalg.yield %x : f32
  }
  %p = memref.alloc() : memref<HxRxCxf32>
  linalg.generic {indexing_maps = [#all, #row, #all], iterator_types =
      ["parallel", "parallel", "parallel"]}
      ins(%e, %l : memref<HxRxCxf32>, memref<HxRxf32>)
      outs(%p : memref<HxRxCxf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.divf %a, %b : f32
    linalg.yield %x : f32
  }
  linalg.fill ins(%zero : f32) outs(%o : memref<RxHxDxf32>)
  linalg.generic {indexing_maps = [#w, #v, #o], iterator_types =
      ["parallel", "parallel", "parallel", "reduction"]}
      ins(%p, %v : memref<HxRxCxf32>, memref<CxHxDxf32>)
      outs(%o : memref<RxHxDxf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  }
  return
}
)";

struct Attention {
  int64_t heads, rows, columns, depth;
};

std::vector<double> expected(const Attention &sizes,
                             const std::vector<float> &q,
                             const std::vector<float> &k,
                             const std::vector<float> &mask,
                             const std::vector<float> &v) {
  auto [heads, rows, columns, depth] = sizes;
  std::vector<double> result(rows * heads * depth);
  for (int64_t h = 0; h < heads; ++h)
    for (int64_t m = 0; m < rows; ++m) {
      std::vector<double> weights(columns);
      double total = 0;
      for (int64_t n = 0; n < columns; ++n) {
        double score = 0;
        for (int64_t d = 0; d < depth; ++d)
          score += double(q[(m * heads + h) * depth + d]) *
                   k[(n * heads + h) * depth + d];
        weights[n] = std::exp(score * 0.25 + mask[m * columns + n]);
        total += weights[n];
      }
      for (int64_t n = 0; n < columns; ++n)
        for (int64_t d = 0; d < depth; ++d)
          result[(m * heads + h) * depth + d] +=
              weights[n] / total * v[(n * heads + h) * depth + d];
    }
  return result;
}

TEST_P(EpilogueTest, AttentionByBlocksOfRows) {
  // Whole blocks, blocks and a rest, one block.
  for (Attention sizes : {Attention{3, 128, 192, 32},
                          {2, 211, 300, 20},
                          {4, 50, 130, 16},
                          {1, 600, 90, 8}}) {
    std::string text =
        replaced(attentionText, "Rx", std::to_string(sizes.rows) + "x");
    text = replaced(text, "Hx", std::to_string(sizes.heads) + "x");
    text = replaced(text, "Cx", std::to_string(sizes.columns) + "x");
    text = replaced(text, "Dx", std::to_string(sizes.depth) + "x");
    std::unique_ptr<Executable> executable = compile(text, GetParam());
    ASSERT_TRUE(executable);
    auto function = executable->packedFunction("f");
    ASSERT_TRUE(function.ok()) << function.message();
    auto [heads, rows, columns, depth] = sizes;
    std::vector<float> q = numbers(rows * heads * depth, 1);
    std::vector<float> k = numbers(columns * heads * depth, 2);
    std::vector<float> mask = numbers(rows * columns, 3);
    std::vector<float> v = numbers(columns * heads * depth, 4);
    std::vector<float> o(rows * heads * depth + 1, 42);
    std::vector<double> wanted = expected(sizes, q, k, mask, v);
    MemRef memrefs[] = {{q.data(), {rows, heads, depth}},
                        {k.data(), {columns, heads, depth}},
                        {mask.data(), {rows, columns}},
                        {v.data(), {columns, heads, depth}},
                        {o.data(), {rows, heads, depth}}};
    void *arguments[5];
    for (size_t at = 0; at < 5; ++at)
      arguments[at] = memrefs[at].descriptor();
    call(*function, arguments, GetParam());
    for (size_t at = 0; at < wanted.size(); ++at)
      ASSERT_NEAR(o[at], wanted[at], 1e-5) << "at " << at;
    EXPECT_EQ(o.back(), 42);
    expectAllFreed();
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, EpilogueTest, testing::Values(1, 2));

} // namespace
