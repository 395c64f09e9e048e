//===- SimulatedKernelsTest.cpp - Right kernels compute what they should --===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelTexts.h"
#include "SimulatedProgram.h"

#include "gtest/gtest.h"

#include <numeric>
#include <random>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// Small whole numbers, so that sums are exact in any order.
std::vector<float> wholeNumbers(int64_t count) {
  std::mt19937 generator(1);
  std::vector<float> values(count);
  for (float &value : values)
    value = static_cast<float>(generator() % 9) - 4;
  return values;
}

/// Runs `check` on what each of 20 orders gives, with and without checks, in
/// which no launch reports anything.
template <typename Run>
void forAllOrders(const std::string &text, Run run) {
  for (bool check : {false, true}) {
    SimulatedProgram program(text, {.check = check});
    for (uint64_t seed = 0; seed <= 20; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      run([&](std::vector<void *> arguments) {
        Status status =
            program.run(std::move(arguments), {.check = check, .seed = seed});
        EXPECT_TRUE(status.ok()) << status.message();
      });
    }
  }
}

TEST(SimulatedKernels, TiledProduct) {
  constexpr int64_t m = 19, n = 26, k = 21;
  std::vector<float> a = wholeNumbers(m * k), b = wholeNumbers(k * n);
  std::vector<float> expected(m * n);
  for (int64_t row = 0; row < m; ++row)
    for (int64_t column = 0; column < n; ++column)
      for (int64_t at = 0; at < k; ++at)
        expected[row * n + column] += a[row * k + at] * b[at * n + column];
  forAllOrders(matmulText, [&](auto run) {
    std::vector<float> c(m * n, -1);
    MemRef memrefA(a.data(), {m, k}), memrefB(b.data(), {k, n}),
        memrefC(c.data(), {m, n});
    run({memrefA.descriptor(), memrefB.descriptor(), memrefC.descriptor()});
    EXPECT_EQ(c, expected);
  });
}

TEST(SimulatedKernels, SumByShuffles) {
  constexpr int64_t blocks = 3, threads = 256;
  std::vector<float> x = wholeNumbers(blocks * threads), expected;
  for (int64_t block = 0; block < blocks; ++block)
    expected.push_back(std::accumulate(x.begin() + block * threads,
                                       x.begin() + (block + 1) * threads, 0.f));
  forAllOrders(reductionText, [&](auto run) {
    std::vector<float> sums(blocks, -1);
    MemRef memrefX(x.data(), {blocks * threads}),
        memrefSums(sums.data(), {blocks});
    run({memrefX.descriptor(), memrefSums.descriptor()});
    EXPECT_EQ(sums, expected);
  });
}

TEST(SimulatedKernels, HistogramByAtomics) {
  std::mt19937 generator(2);
  std::vector<int32_t> x(1000), expected(16);
  for (int32_t &value : x)
    ++expected[value = generator() % 16];
  forAllOrders(histogramText, [&](auto run) {
    std::vector<int32_t> bins(16, -1);
    MemRef memrefX(x.data(), {1000}), memrefBins(bins.data(), {16});
    run({memrefX.descriptor(), memrefBins.descriptor()});
    EXPECT_EQ(bins, expected);
  });
}

TEST(SimulatedKernels, SubgroupsOf64) {
  SimulatedProgram program(R"(
module attributes {gpu.container_module} {
gpu.module @kernels {
  gpu.func @sums(%x: memref<?xf32>, %down: memref<?xi32>, %who: memref<?x3xi32>) kernel {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %me = gpu.thread_id x
    %value = memref.load %x[%me] : memref<?xf32>
    %sum = gpu.subgroup_reduce add %value : (f32) -> f32
    memref.store %sum, %x[%me] : memref<?xf32>
    %number = arith.index_cast %me : index to i32
    %three = arith.constant 3 : i32
    %sixteen = arith.constant 16 : i32
    %below, %valid = gpu.shuffle down %number, %three, %sixteen : i32
    %none = arith.constant -1 : i32
    %shown = arith.select %valid, %below, %none : i32
    memref.store %shown, %down[%me] : memref<?xi32>
    %lane = gpu.lane_id
    %subgroup = gpu.subgroup_id : index
    %size = gpu.subgroup_size : index
    %lane32 = arith.index_cast %lane : index to i32
    %subgroup32 = arith.index_cast %subgroup : index to i32
    %size32 = arith.index_cast %size : index to i32
    memref.store %lane32, %who[%me, %c0] : memref<?x3xi32>
    memref.store %subgroup32, %who[%me, %c1] : memref<?x3xi32>
    memref.store %size32, %who[%me, %c2] : memref<?x3xi32>
    gpu.return
  }
}
func.func @main(%x: memref<?xf32>, %down: memref<?xi32>, %who: memref<?x3xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  gpu.launch_func @kernels::@sums
      blocks in (%c1, %c1, %c1) threads in (%n, %c1, %c1)
      args(%x : memref<?xf32>, %down : memref<?xi32>, %who : memref<?x3xi32>)
  return
}
}
)",
                           {.subgroupSize = 64});
  std::vector<float> x(128);
  std::iota(x.begin(), x.end(), 0.f);
  std::vector<int32_t> down(128), who(128 * 3);
  MemRef memrefX(x.data(), {128}), memrefDown(down.data(), {128}),
      memrefWho(who.data(), {128, 3});
  Status status = program.run(
      {memrefX.descriptor(), memrefDown.descriptor(), memrefWho.descriptor()});
  ASSERT_TRUE(status.ok()) << status.message();
  for (int32_t me = 0; me < 128; ++me) {
    EXPECT_EQ(x[me], me < 64 ? 2016.f : 6112.f);
    EXPECT_EQ(down[me], me % 16 < 13 ? me + 3 : -1);
    EXPECT_EQ(who[me * 3], me % 64);
    EXPECT_EQ(who[me * 3 + 1], me / 64);
    EXPECT_EQ(who[me * 3 + 2], 64);
  }
}

TEST(SimulatedKernels, PrivateMemoryScalarsAndTables) {
  SimulatedProgram program(R"(
module attributes {gpu.container_module} {
memref.global "private" constant @table : memref<2xf32> = dense<[7.0, 8.0]>
gpu.module @kernels {
  memref.global "private" constant @table : memref<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]>
  gpu.func @scale(%x: memref<?xf32, 1>, %factor: f32, %n: index)
      private(%mine: memref<4xf32, #gpu.address_space<private>>) kernel {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    %table = memref.get_global @table : memref<4xf32>
    scf.for %i = %c0 to %c4 step %c1 {
      %value = memref.load %table[%i] : memref<4xf32>
      %scaled = arith.mulf %value, %factor : f32
      memref.store %scaled, %mine[%i] : memref<4xf32, #gpu.address_space<private>>
    }
    %me = gpu.global_id x
    %inside = arith.cmpi ult, %me, %n : index
    cf.cond_br %inside, ^inside, ^end
  ^inside:
    %which = arith.remui %me, %c4 : index
    %value = memref.load %mine[%which] : memref<4xf32, #gpu.address_space<private>>
    memref.store %value, %x[%me] : memref<?xf32, 1>
    cf.br ^end
  ^end:
    gpu.return
  }
}
func.func @main(%x: memref<?xf32>, %factor: f32, %times: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %device = memref.memory_space_cast %x : memref<?xf32> to memref<?xf32, 1>
  // Launches in a loop must not eat up the stack.
  scf.for %i = %c0 to %times step %c1 {
    gpu.launch_func @kernels::@scale
        blocks in (%c3, %c1, %c1) threads in (%c4, %c1, %c1)
        args(%device : memref<?xf32, 1>, %factor : f32, %n : index)
  }
  return
}
}
)",
                           {.check = true});
  std::vector<float> x(10);
  MemRef memrefX(x.data(), {10});
  float factor = 10;
  for (bool check : {false, true}) {
    int64_t times = check ? 1 : 200000;
    std::fill(x.begin(), x.end(), 0.f);
    Status status =
        program.run({memrefX.descriptor(), &factor, &times}, {.check = check});
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(x, (std::vector<float>{10, 20, 30, 40, 10, 20, 30, 40, 10, 20}));
  }
}

} // namespace
