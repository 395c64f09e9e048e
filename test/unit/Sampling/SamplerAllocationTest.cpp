//===- SamplerAllocationTest.cpp - Sampling allocates nothing -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In a file of its own because it replaces the allocation functions of the
// whole program, which sanitizers replace too.
//
//===----------------------------------------------------------------------===//

#include "../TestStreams.h"
#include "orcinus/Sampling/NegativeSampler.h"
#include "orcinus/Sampling/NeighbourSampler.h"

#include <atomic>
#include <gtest/gtest.h>
#include <new>
#include <vector>

using namespace orcinus;

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)

TEST(SamplerAllocation, AllocatesNothing) {
  GTEST_SKIP() << "a sanitizer owns the allocation functions";
}

#else

static std::atomic<int64_t> allocations = 0;

void *operator new(size_t size) {
  ++allocations;
  if (void *memory = std::malloc(size))
    return memory;
  throw std::bad_alloc();
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, size_t) noexcept { std::free(memory); }

TEST(SamplerAllocation, AllocatesNothing) {
  EventStream stream = test::makeRandomStream(20, 500, 1);
  TemporalGraph graph = TemporalGraph::build(stream);
  constexpr size_t queries = 100, k = 20;
  std::vector<int32_t> nodes(queries, 3), neighbours(queries * k),
      events(queries * k), counts(queries);
  std::vector<Timestamp> times(queries, stream.time.back()),
      eventTimes(queries * k);
  std::vector<float> timeDeltas(queries * k);
  NegativeSampler negatives(stream, std::vector<int32_t>{1, 2, 3}, 0);
  int64_t before = allocations;
  for (SamplingPolicy policy :
       {SamplingPolicy::Recent, SamplingPolicy::Uniform})
    for (int threads : {1, 2})
      sampleNeighbours(graph, nodes, times, k, policy, 1, threads,
                       {neighbours, events, eventTimes, timeDeltas, counts});
  sampleNeighboursByInterval(
      graph, nodes, times, k, 1, 1, 2,
      {neighbours, events, eventTimes, timeDeltas, counts});
  negatives.sample(0, neighbours, neighbours);
  EXPECT_EQ(allocations, before);
}

#endif
