//===- HeapUseTest.cpp - Steady steps of the real TGN and the heap --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

using namespace orcinus;
using namespace orcinus::test;

// All that allocates in the process comes here: operator new, libraries, the
// arena of compiled steps and the OpenMP runtime.

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ORCINUS_COUNTS_ALLOCATIONS 0
#else
#define ORCINUS_COUNTS_ALLOCATIONS 1
#endif

static std::atomic<int64_t> allocations{0};

#if ORCINUS_COUNTS_ALLOCATIONS
extern "C" {
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *malloc(size_t bytes) {
  ++allocations;
  return __libc_malloc(bytes);
}
void *calloc(size_t count, size_t bytes) {
  ++allocations;
  return __libc_calloc(count, bytes);
}
void *realloc(void *memory, size_t bytes) {
  ++allocations;
  return __libc_realloc(memory, bytes);
}
void *memalign(size_t alignment, size_t bytes) {
  ++allocations;
  return __libc_memalign(alignment, bytes);
}
void *aligned_alloc(size_t alignment, size_t bytes) {
  ++allocations;
  return __libc_memalign(alignment, bytes);
}
int posix_memalign(void **result, size_t alignment, size_t bytes) {
  ++allocations;
  *result = __libc_memalign(alignment, bytes);
  return *result ? 0 : ENOMEM;
}
}
#endif

namespace {

/// Counts what is allocated between the steps of an epoch.
struct AllocationObserver : TrainingObserver {
  void onBatch(const Progress &progress) override {
    if (progress.phase != Progress::Phase::Train)
      return;
    int64_t now = allocations;
    // The buffers of the first half may still grow.
    int64_t &sum = progress.batch > progress.batches / 2 ? steady : before;
    if (progress.batch > 1)
      sum += now - last;
    last = now;
  }
  int64_t last = 0, before = 0, steady = 0;
};

class ModelHeapUseTest : public testing::TestWithParam<const char *> {};

TEST_P(ModelHeapUseTest, ASteadyTrainingStepAllocatesNothing) {
  if (!ORCINUS_COUNTS_ALLOCATIONS)
    GTEST_SKIP() << "a sanitizer owns the allocation functions";
  auto stream = generatedStream(300, 20000);
  auto model = compileForTest(smallModel(GetParam(), 2, *stream, 0.4f));
  ASSERT_TRUE(model);
  for (int threads : {1, 2}) {
    TrainOptions options;
    options.threads = threads;
    Trainer trainer = makeTrainer(stream, model, options);
    AllocationObserver observer;
    ASSERT_TRUE(trainer.trainEpoch(&observer).ok());
    EXPECT_GT(observer.before, 0) << "nothing was counted";
    EXPECT_EQ(observer.steady, 0) << threads << " threads";
  }
}

INSTANTIATE_TEST_SUITE_P(Models, ModelHeapUseTest,
                         testing::Values("tgn", "tgat"));

} // namespace
