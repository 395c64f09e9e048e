//===- HeapUseTest.cpp - Steady steps and the heap ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeModel.h"
#include "orcinus/Graph/Generator.h"
#include "orcinus/Runtime/Trainer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

using namespace orcinus;

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)

TEST(HeapUseTest, ASteadyTrainingStepAllocatesNothing) {
  GTEST_SKIP() << "a sanitizer owns the allocation functions";
}

#else

// A program of its own: it replaces operator new, to count.

static std::atomic<int64_t> allocations{0};

static void *countedAllocate(size_t bytes, size_t alignment) {
  ++allocations;
  void *memory = std::aligned_alloc(alignment, (bytes + alignment - 1) /
                                                   alignment * alignment);
  if (!memory)
    throw std::bad_alloc();
  return memory;
}

void *operator new(size_t bytes) { return countedAllocate(bytes, 16); }
void *operator new(size_t bytes, std::align_val_t alignment) {
  return countedAllocate(bytes, static_cast<size_t>(alignment));
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, size_t) noexcept { std::free(memory); }
void operator delete(void *memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void *memory, size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace {

/// Remembers what was allocated between the steps of an epoch.
struct AllocationObserver : TrainingObserver {
  void onBatch(const Progress &progress) override {
    if (progress.phase != Progress::Phase::Train)
      return;
    int64_t now = allocations;
    // The buffers of this epoch's first half may still grow.
    if (progress.batch > progress.batches / 2)
      steady += now - last;
    last = now;
  }
  int64_t last = 0;
  int64_t steady = 0;
};

TEST(HeapUseTest, ASteadyTrainingStepAllocatesNothing) {
  GeneratorOptions generator;
  generator.nodes = 300;
  generator.events = 20000;
  auto stream = generateEventStream(generator);
  ASSERT_TRUE(stream.ok());
  TrainOptions options;
  options.threads = 1;
  auto trainer =
      Trainer::create(std::make_shared<EventStream>(std::move(*stream)),
                      test::makeFakeModel(), options);
  ASSERT_TRUE(trainer.ok());
  AllocationObserver observer;
  ASSERT_TRUE(trainer->trainEpoch(&observer).ok());
  EXPECT_EQ(observer.steady, 0);
}

} // namespace

#endif
