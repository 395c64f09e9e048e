//===- HeapUseTest.cpp - Steady steps of the real TGN and the heap --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModel.h"
#include "orcinus/Runtime/Session.h"
#include "test/unit/Graph/TemporaryFolder.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <link.h>

using namespace orcinus;
using namespace orcinus::test;

// All that allocates in the process comes here: operator new, libraries, the
// arena of compiled steps and the OpenMP runtime. What the latter allocates is
// its own business, and counted apart: LLVM's allocates in a parallel region of
// a single thread, and, as Debian builds it, formats a debug message for each
// loop.

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ORCINUS_COUNTS_ALLOCATIONS 0
#else
#define ORCINUS_COUNTS_ALLOCATIONS 1
#endif

static std::atomic<int64_t> allocations{0}, openmpAllocations{0};

/// Where the OpenMP runtime's code lies, once it is loaded.
static std::atomic<uintptr_t> openmpBegin{0}, openmpEnd{0};

static void findOpenMP() {
  dl_iterate_phdr(
      [](dl_phdr_info *info, size_t, void *) {
        if (!std::strstr(info->dlpi_name, "libomp"))
          return 0;
        for (int at = 0; at < info->dlpi_phnum; ++at) {
          const ElfW(Phdr) &segment = info->dlpi_phdr[at];
          if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_X))
            continue;
          openmpBegin = info->dlpi_addr + segment.p_vaddr;
          openmpEnd = openmpBegin + segment.p_memsz;
        }
        return 1;
      },
      nullptr);
}

/// The allocations that the calling thread is still given; negative for all.
static thread_local int64_t allocationsLeft = -1;

#if ORCINUS_COUNTS_ALLOCATIONS
static bool isGiven() {
  if (allocationsLeft == 0)
    return false;
  allocationsLeft -= allocationsLeft > 0;
  return true;
}

static void countFor(void *caller) {
  auto address = reinterpret_cast<uintptr_t>(caller);
  bool isOpenMP = address >= openmpBegin && address < openmpEnd;
  ++(isOpenMP ? openmpAllocations : allocations);
}

extern "C" {
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *malloc(size_t bytes) {
  countFor(__builtin_return_address(0));
  return isGiven() ? __libc_malloc(bytes) : nullptr;
}
void *calloc(size_t count, size_t bytes) {
  countFor(__builtin_return_address(0));
  return __libc_calloc(count, bytes);
}
void *realloc(void *memory, size_t bytes) {
  countFor(__builtin_return_address(0));
  return __libc_realloc(memory, bytes);
}
void *memalign(size_t alignment, size_t bytes) {
  countFor(__builtin_return_address(0));
  return __libc_memalign(alignment, bytes);
}
void *aligned_alloc(size_t alignment, size_t bytes) {
  countFor(__builtin_return_address(0));
  return __libc_memalign(alignment, bytes);
}
int posix_memalign(void **result, size_t alignment, size_t bytes) {
  countFor(__builtin_return_address(0));
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
    if (last)
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
    ASSERT_TRUE(trainer.trainStep().ok());
    findOpenMP();
    ASSERT_NE(openmpBegin, 0u);
    AllocationObserver observer;
    ASSERT_TRUE(trainer.trainEpoch(&observer).ok());
    EXPECT_GT(observer.before, 0) << "nothing was counted";
    EXPECT_EQ(observer.steady, 0) << threads << " threads";
  }
}

// Saving changes nothing: a session whose saving fails for want of memory goes
// on. What is allocated first is the list of what is written; the header's
// JSON, whose destructor allocates, comes later.
TEST(SessionHeapUseTest, SavingWithoutMemoryLeavesTheSessionAsItIs) {
  if (!ORCINUS_COUNTS_ALLOCATIONS)
    GTEST_SKIP() << "a sanitizer owns the allocation functions";
  TemporaryFolder folder;
  auto stream = generatedStream(40, 400);
  CompileOptions options = smallModel("tgn", 1, *stream);
  Trainer trainer = makeTrainer(stream, compileForTest(options), {});
  ASSERT_TRUE(trainer.trainEpoch().ok());
  ASSERT_TRUE(trainer.save(folder.path("run")).ok());
  auto session = Session::open(folder.path("run"), *stream,
                               compileForTest(sessionCompileOptions(options)));
  ASSERT_TRUE(session.ok()) << session.message();
  auto score = [](Session &asked) {
    PairQuery pair{1, 2, asked.now()};
    float logit = 0;
    Status status = asked.score(std::span(&pair, 1), std::span(&logit, 1));
    EXPECT_TRUE(status.ok()) << status.message();
    return logit;
  };
  float before = score(*session);
  std::string path = folder.path("snapshot");
  for (int64_t given : {0, 1, 2, 3}) {
    allocationsLeft = given;
    Status status = session->save(path);
    allocationsLeft = -1;
    EXPECT_EQ(status.code(), StatusCode::OutOfMemory) << status.message();
    EXPECT_EQ(score(*session), before);
  }
  ASSERT_TRUE(session->save(path).ok());
  EXPECT_TRUE(session->restore(path).ok());
}

INSTANTIATE_TEST_SUITE_P(Models, ModelHeapUseTest,
                         testing::Values("tgn", "tgat", "apan", "dyrep"));

} // namespace
