//===- EngineTest.cpp - Threads, barriers and shuffles --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestKernel.h"

#include "gtest/gtest.h"

#include <numeric>
#include <set>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// Writes the thread's number in the launch at the place that its ids say.
void numberThreads(void **params, SimulatorThread *self) {
  auto *numbers = argument<int32_t *>(params, 0);
  int32_t x = self->blockId[0] * self->blockDim[0] + self->threadId[0];
  int32_t y = self->blockId[1] * self->blockDim[1] + self->threadId[1];
  int32_t z = self->blockId[2] * self->blockDim[2] + self->threadId[2];
  int32_t width = self->gridDim[0] * self->blockDim[0];
  int32_t height = self->gridDim[1] * self->blockDim[1];
  ++numbers[(z * height + y) * width + x];
}

TEST(SimulatorEngine, EachThreadRunsOnce) {
  for (int32_t collective : {0, 1})
    for (uint64_t seed : {0, 7}) {
      SimulatedKernel kernel{&numberThreads, "numbers", 0, 32, collective};
      std::vector<int32_t> counts(3 * 2 * 2 * 5 * 4 * 2);
      int32_t *data = counts.data();
      void *params[] = {&data};
      Simulator simulator({.seed = seed});
      Status status = simulator.launch(kernel, {3, 2, 2}, {5, 4, 2}, 0, params);
      ASSERT_TRUE(status.ok()) << status.message();
      EXPECT_EQ(counts, std::vector<int32_t>(counts.size(), 1));
    }
}

// Each stack serves a thread of every block.
TEST(SimulatorEngine, StacksServeAnyNumberOfBlocks) {
  SimulatedKernel kernel = collectiveKernel(&numberThreads);
  constexpr int32_t blocks = 50000;
  std::vector<int32_t> counts(blocks);
  int32_t *data = counts.data();
  void *params[] = {&data};
  Simulator simulator({});
  Status status =
      simulator.launch(kernel, {blocks, 1, 1}, {1, 1, 1}, 0, params);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(counts, std::vector<int32_t>(counts.size(), 1));
}

void recordOrder(void **params, SimulatorThread *self) {
  argument<std::vector<int32_t> *>(params, 0)->push_back(
      self->blockId[0] * self->blockDim[0] + self->threadId[0]);
}

std::vector<int32_t> orderOf(uint64_t seed, int32_t collective) {
  SimulatedKernel kernel{&recordOrder, "order", 0, 32, collective};
  std::vector<int32_t> order;
  auto *pointer = &order;
  void *params[] = {&pointer};
  Simulator simulator({.seed = seed});
  EXPECT_TRUE(simulator.launch(kernel, {4, 1, 1}, {16, 1, 1}, 0, params).ok());
  return order;
}

TEST(SimulatorEngine, SeedsAreOrders) {
  std::vector<int32_t> sorted(64);
  std::iota(sorted.begin(), sorted.end(), 0);
  for (int32_t collective : {0, 1}) {
    EXPECT_EQ(orderOf(0, collective), sorted);
    std::set<std::vector<int32_t>> orders;
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      std::vector<int32_t> order = orderOf(seed, collective);
      EXPECT_EQ(order, orderOf(seed, collective));
      orders.insert(order);
      EXPECT_TRUE(std::is_permutation(order.begin(), order.end(),
                                      sorted.begin(), sorted.end()));
    }
    EXPECT_EQ(orders.size(), 5u);
  }
}

/// Reverses the block's numbers through workgroup memory, many times over.
void reverseRepeatedly(void **params, SimulatorThread *self) {
  auto *numbers = argument<int32_t *>(params, 0);
  int32_t *shared = workgroupInts(self);
  int32_t me = self->threadId[0], count = self->blockDim[0];
  int32_t value = numbers[self->blockId[0] * count + me];
  for (int round = 0; round < 9; ++round) {
    shared[me] = value;
    orcinus_sim_barrier(self, "k:1:1");
    value = shared[count - 1 - me];
    orcinus_sim_barrier(self, "k:2:1");
  }
  numbers[self->blockId[0] * count + me] = value;
}

TEST(SimulatorEngine, BarriersSeparate) {
  for (int64_t threads : {1, 2, 33, 1024})
    for (uint64_t seed : {0, 1, 2}) {
      SimulatedKernel kernel =
          collectiveKernel(&reverseRepeatedly, 4 * threads);
      std::vector<int32_t> numbers(3 * threads), expected;
      std::iota(numbers.begin(), numbers.end(), 0);
      for (int64_t block = 0; block < 3; ++block)
        for (int64_t at = threads; at-- > 0;)
          expected.push_back(block * threads + at);
      int32_t *data = numbers.data();
      void *params[] = {&data};
      Simulator simulator({.seed = seed});
      Status status =
          simulator.launch(kernel, {3, 1, 1}, {threads, 1, 1}, 0, params);
      ASSERT_TRUE(status.ok()) << status.message();
      EXPECT_EQ(numbers, expected);
    }
}

struct ShuffleTask {
  ShuffleMode mode;
  int32_t offset;
  int32_t width;
  std::vector<std::pair<int32_t, bool>> results;
};

void shuffleOnce(void **params, SimulatorThread *self) {
  auto *task = argument<ShuffleTask *>(params, 0);
  int32_t me = self->threadId[0];
  task->results[me] =
      shuffle(self, task->mode, 100 + me, task->offset, task->width);
}

TEST(SimulatorEngine, ShufflesMoveWhatTheModeSays) {
  for (int32_t subgroup : {32, 64})
    for (int32_t width : {2, 8, 16, 32, 64})
      for (ShuffleMode mode : {ShuffleMode::Xor, ShuffleMode::Up,
                               ShuffleMode::Down, ShuffleMode::Index})
        for (int32_t offset : {0, 1, 3, 7, 31}) {
          if (width > subgroup)
            continue;
          SimulatedKernel kernel = collectiveKernel(&shuffleOnce, 0, subgroup);
          ShuffleTask task{mode, offset, width, {}};
          task.results.resize(128);
          auto *pointer = &task;
          void *params[] = {&pointer};
          Simulator simulator({.seed = 3});
          Status status =
              simulator.launch(kernel, {1, 1, 1}, {128, 1, 1}, 0, params);
          ASSERT_TRUE(status.ok()) << status.message();
          for (int32_t me = 0; me < 128; ++me) {
            int32_t first = me / width * width;
            int32_t lane = me - first;
            int32_t source = mode == ShuffleMode::Xor    ? lane ^ offset
                             : mode == ShuffleMode::Up   ? lane - offset
                             : mode == ShuffleMode::Down ? lane + offset
                                                         : offset;
            bool valid = source >= 0 && source < width;
            std::pair<int32_t, bool> expected{
                100 + (valid ? first + source : me), valid};
            EXPECT_EQ(task.results[me], expected)
                << "lane " << me << " width " << width << " offset " << offset;
          }
        }
}

/// The first eight threads shuffle alone, then all sum up.
void sumByParts(void **params, SimulatorThread *self) {
  auto *sums = argument<int32_t *>(params, 0);
  int32_t me = self->threadId[0];
  int32_t value = me;
  if (me < 8)
    for (int32_t offset = 4; offset > 0; offset /= 2)
      value += shuffle(self, ShuffleMode::Xor, value, offset, 8, "k:1:1").first;
  orcinus_sim_barrier(self, "k:2:1");
  for (int32_t offset = 16; offset > 0; offset /= 2)
    value += shuffle(self, ShuffleMode::Xor, value, offset, 32, "k:3:1").first;
  sums[me] = value;
}

TEST(SimulatorEngine, PartsOfSubgroupsShuffleAlone) {
  for (uint64_t seed : {0, 1, 2, 3}) {
    SimulatedKernel kernel = collectiveKernel(&sumByParts);
    std::vector<int32_t> sums(64);
    int32_t *data = sums.data();
    void *params[] = {&data};
    Simulator simulator({.seed = seed});
    Status status = simulator.launch(kernel, {1, 1, 1}, {64, 1, 1}, 0, params);
    ASSERT_TRUE(status.ok()) << status.message();
    // 8 lanes of 0 + … + 7, then 8 + … + 31; and 32 + … + 63.
    EXPECT_EQ(sums[5], 8 * 28 + (31 * 32 / 2 - 28));
    EXPECT_EQ(sums[40], 63 * 64 / 2 - 31 * 32 / 2);
  }
}

void fillDynamic(void **params, SimulatorThread *self) {
  char *dynamic = self->workgroup + 16;
  if (self->threadId[0] == 0)
    std::memset(dynamic, 1 + self->blockId[0], self->dynamicBytes);
  orcinus_sim_barrier(self, "k:1:1");
  auto *sums = argument<int32_t *>(params, 0);
  if (self->threadId[0] == 1)
    sums[self->blockId[0]] =
        std::accumulate(dynamic, dynamic + self->dynamicBytes, 0);
}

TEST(SimulatorEngine, LaunchesAddWorkgroupMemory) {
  SimulatedKernel kernel = collectiveKernel(&fillDynamic, 12);
  std::vector<int32_t> sums(2);
  int32_t *data = sums.data();
  void *params[] = {&data};
  Simulator simulator;
  ASSERT_TRUE(simulator.launch(kernel, {2, 1, 1}, {2, 1, 1}, 300, params).ok());
  EXPECT_EQ(sums, (std::vector<int32_t>{300, 600}));
}

TEST(SimulatorEngine, RefusesWhatNoGpuTakes) {
  SimulatedKernel kernel{&numberThreads, "numbers", 1024, 32, 0};
  Simulator simulator;
  auto message = [&](std::array<int64_t, 3> grid, std::array<int64_t, 3> block,
                     int64_t bytes) {
    return simulator.launch(kernel, grid, block, bytes, nullptr).message();
  };
  EXPECT_EQ(message({0, 1, 1}, {32, 1, 1}, 0),
            "kernel 'numbers': no GPU has a grid of 0x1x1 blocks");
  EXPECT_EQ(message({1, 70000, 1}, {32, 1, 1}, 0),
            "kernel 'numbers': no GPU has a grid of 1x70000x1 blocks");
  EXPECT_EQ(message({1, 1, 1}, {64, 32, 1}, 0),
            "kernel 'numbers': no GPU has blocks of 64x32x1 threads");
  EXPECT_EQ(message({1, 1, 1}, {-1, 1, 1}, 0),
            "kernel 'numbers': no GPU has blocks of -1x1x1 threads");
  EXPECT_EQ(message({1, 1, 1}, {32, 1, 1}, int64_t(1) << 40),
            "kernel 'numbers': no GPU has 1024 + 1099511627776 bytes of "
            "workgroup memory a block");
}

} // namespace
