//===- ArenaTest.cpp - The arena of compiled steps ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Memory/Arena.h"

#include "runtime/Abi/Abi.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <thread>
#include <vector>

using namespace orcinus;

namespace {

TEST(ArenaTest, BlocksAreAlignedAndApart) {
  Arena arena;
  std::mt19937 random(1);
  struct Block {
    unsigned char *memory;
    size_t bytes;
    unsigned char mark;
  };
  std::vector<Block> blocks;
  for (int round = 0; round != 3000; ++round) {
    if (!blocks.empty() && random() % 2) {
      size_t place = random() % blocks.size();
      for (size_t byte = 0; byte != blocks[place].bytes; ++byte)
        ASSERT_EQ(blocks[place].memory[byte], blocks[place].mark);
      Arena::release(blocks[place].memory);
      blocks[place] = blocks.back();
      blocks.pop_back();
      continue;
    }
    size_t bytes = random() % (size_t(1) << (random() % 18));
    auto *memory = static_cast<unsigned char *>(arena.allocate(bytes));
    ASSERT_EQ(reinterpret_cast<uintptr_t>(memory) % 64, 0u);
    blocks.push_back({memory, bytes, static_cast<unsigned char>(random())});
    std::memset(memory, blocks.back().mark, bytes);
  }
  for (Block &block : blocks)
    Arena::release(block.memory);
}

/// As a library does that is closed.
TEST(ArenaTest, WhatThreadsWithoutOneShareIsGivenBack) {
  Arena &shared = Arena::current();
  void *released = shared.allocate(1000);
  ASSERT_NE(shared.allocate(2000), nullptr);
  Arena::release(released);
  EXPECT_GT(shared.reservedBytes(), 0u);
  Arena::discardShared();
  EXPECT_EQ(shared.reservedBytes(), 0u);
  EXPECT_EQ(shared.blocksInUse(), 0u);
}

TEST(ArenaTest, EverySizeHasRoom) {
  Arena arena;
  for (size_t bytes = 0; bytes < 5000; ++bytes) {
    void *memory = arena.allocate(bytes);
    std::memset(memory, 0xff, bytes);
    // The next block's header must be untouched for its release to work.
    void *next = arena.allocate(bytes);
    std::memset(memory, 0xff, bytes);
    Arena::release(next);
    Arena::release(memory);
  }
}

TEST(ArenaTest, SteadyStepsTakeNothingFromTheHeap) {
  Arena arena;
  std::mt19937 random(2);
  auto step = [&] {
    std::vector<void *> blocks;
    for (int block = 0; block != 50; ++block)
      blocks.push_back(arena.allocate((block + 1) * 40000 +
                                      random() % ((block + 1) * 2000)));
    for (void *block : blocks)
      Arena::release(block);
  };
  for (int round = 0; round != 20; ++round)
    step();
  int64_t before = arena.heapAllocations();
  for (int round = 0; round != 200; ++round)
    step();
  EXPECT_EQ(arena.heapAllocations(), before);
  EXPECT_EQ(arena.blockAllocations(), 220 * 50);
}

TEST(ArenaTest, TheScopeMakesItCurrent) {
  Arena outer, inner;
  ArenaScope outerScope(outer);
  {
    ArenaScope innerScope(inner);
    orcinus_rt_free(orcinus_rt_allocate(100));
    EXPECT_EQ(inner.blockAllocations(), 1);
  }
  orcinus_rt_free(orcinus_rt_allocate(100));
  EXPECT_EQ(outer.blockAllocations(), 1);
  EXPECT_EQ(inner.blockAllocations(), 1);
}

TEST(ArenaTest, ThreadsWithoutAScopeShareOne) {
  Arena arena;
  ArenaScope scope(arena);
  void *block = nullptr;
  std::thread([&] { block = orcinus_rt_allocate(1000); }).join();
  EXPECT_EQ(arena.blockAllocations(), 0);
  std::memset(block, 1, 1000);
  orcinus_rt_free(block);
  orcinus_rt_free(nullptr);
}

TEST(ArenaTest, BlocksMayBeFreedByAnotherThread) {
  Arena arena;
  std::vector<std::thread> threads;
  for (int thread = 0; thread != 4; ++thread)
    threads.emplace_back([&] {
      for (int round = 0; round != 2000; ++round) {
        void *block = arena.allocate(64 + round);
        std::memset(block, 1, 64 + round);
        Arena::release(block);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(arena.blockAllocations(), 8000);
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
TEST(ArenaTest, AddressSanitizerKnowsWhatIsInUse) {
  Arena arena;
  constexpr size_t bytes = 101;
  auto *block = static_cast<volatile char *>(arena.allocate(bytes));
  block[0] = 1;
  block[bytes - 1] = 1;
  EXPECT_DEATH(block[bytes] = 1, "use-after-poison");
  EXPECT_DEATH(block[-1] = 1, "use-after-poison");
  Arena::release(const_cast<char *>(block));
  EXPECT_DEATH(block[0] = 1, "use-after-poison");
  EXPECT_EQ(arena.allocate(bytes), block);
  block[0] = 1;
  block[bytes - 1] = 1;
}
#endif
#endif

} // namespace
