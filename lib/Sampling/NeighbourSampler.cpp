//===- NeighbourSampler.cpp - Temporal neighbourhood sampling -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Sampling/NeighbourSampler.h"

#include "orcinus/Support/CounterRng.h"

#include <algorithm>
#include <cassert>
#include <limits>

using namespace orcinus;

namespace {

/// One row of a `NeighbourhoodView`, the neighbourhood of one query.
struct NeighbourhoodRow {
  NeighbourhoodRow(const NeighbourhoodView &view, size_t query, size_t width)
      : nodes(view.nodes.data() + query * width),
        events(view.events.data() + query * width),
        times(view.times.data() + query * width),
        timeDeltas(view.timeDeltas.data() + query * width) {}

  void set(size_t slot, const TemporalGraph &graph, int64_t entry,
           Timestamp queryTime) {
    nodes[slot] = graph.neighbour(entry);
    events[slot] = graph.event(entry);
    times[slot] = graph.time(entry);
    timeDeltas[slot] = static_cast<float>(
        graph.timeScale().difference(queryTime, graph.time(entry)));
  }

  void clear(size_t first, size_t last) {
    std::fill(nodes + first, nodes + last, 0);
    std::fill(events + first, events + last, 0);
    std::fill(times + first, times + last, Timestamp());
    std::fill(timeDeltas + first, timeDeltas + last, 0.0f);
  }

  int32_t *nodes;
  int32_t *events;
  Timestamp *times;
  float *timeDeltas;
};

} // namespace

/// Writes the last entries of [begin, end), at most k; returns how many.
static int32_t sampleRecent(const TemporalGraph &graph, int64_t begin,
                            int64_t end, Timestamp queryTime, int32_t k,
                            NeighbourhoodRow row) {
  int32_t count = static_cast<int32_t>(std::min<int64_t>(k, end - begin));
  for (int32_t slot = 0; slot < count; ++slot)
    row.set(static_cast<size_t>(slot), graph, end - count + slot, queryTime);
  return count;
}

/// As sampleRecent(), from the last entry on.
static int32_t sampleLatest(const TemporalGraph &graph, int64_t begin,
                            int64_t end, Timestamp queryTime, int32_t k,
                            NeighbourhoodRow row) {
  int32_t count = static_cast<int32_t>(std::min<int64_t>(k, end - begin));
  for (int32_t slot = 0; slot < count; ++slot)
    row.set(static_cast<size_t>(slot), graph, end - 1 - slot, queryTime);
  return count;
}

/// Writes k entries drawn from [begin, end); returns k, or 0 if that is empty.
static int32_t sampleUniform(const TemporalGraph &graph, int64_t begin,
                             int64_t end, Timestamp queryTime, int32_t k,
                             uint64_t seed, size_t query,
                             NeighbourhoodRow row) {
  if (begin == end)
    return 0;
  assert(end - begin <= std::numeric_limits<int32_t>::max() &&
         "a neighbour list is counted in 32 bits");
  size_t width = static_cast<size_t>(k);
  // The row itself holds the draws until they are sorted, so that nothing has
  // to be allocated.
  for (size_t slot = 0; slot < width; ++slot)
    row.events[slot] = static_cast<int32_t>(
        randomBelow(seed, randomStream("uniform neighbours"),
                    query * width + slot, static_cast<uint64_t>(end - begin)));
  std::sort(row.events, row.events + width);
  for (size_t slot = 0; slot < width; ++slot)
    row.set(slot, graph, begin + row.events[slot], queryTime);
  return k;
}

void orcinus::sampleNeighbours(const TemporalGraph &graph,
                               std::span<const int32_t> nodes,
                               std::span<const Timestamp> times, int32_t k,
                               SamplingPolicy policy, uint64_t seed,
                               int threads, const NeighbourhoodView &result) {
  size_t width = static_cast<size_t>(k);
  assert(times.size() == nodes.size() && "one time a query");
  assert(result.nodes.size() == nodes.size() * width &&
         result.events.size() == nodes.size() * width &&
         result.times.size() == nodes.size() * width &&
         result.timeDeltas.size() == nodes.size() * width &&
         result.counts.size() == nodes.size() && "one row a query");
#pragma omp parallel for num_threads(std::max(threads, 1))                     \
    schedule(static) if (threads > 1)
  for (size_t query = 0; query < nodes.size(); ++query) {
    int64_t begin = graph.offset(nodes[query]);
    int64_t end = graph.endBefore(nodes[query], times[query]);
    NeighbourhoodRow row(result, query, width);
    int32_t count = 0;
    switch (policy) {
    case SamplingPolicy::Recent:
      count = sampleRecent(graph, begin, end, times[query], k, row);
      break;
    case SamplingPolicy::Uniform:
      count =
          sampleUniform(graph, begin, end, times[query], k, seed, query, row);
      break;
    case SamplingPolicy::Latest:
      count = sampleLatest(graph, begin, end, times[query], k, row);
      break;
    }
    row.clear(static_cast<size_t>(count), width);
    result.counts[query] = count;
  }
}
