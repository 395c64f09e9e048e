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
#include <cmath>
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

namespace {

/// Sorted draws from [0, 1), one after the other: the next of those that are
/// left is above the last by the smallest of as many.
class SortedDraws {
public:
  SortedDraws(uint64_t seed, uint64_t first, int32_t count)
      : seed(seed), counter(first), left(count) {
    advance();
  }

  bool done() const { return left < 0; }
  double value() const { return 1 - above; }

  void advance() {
    if (left > 0)
      above *= std::pow(
          1 - unitFromBits(randomBits(
                  seed, randomStream("neighbours by interval"), counter++)),
          1.0 / left);
    --left;
  }

private:
  uint64_t seed, counter;
  int32_t left;
  double above = 1;
};

} // namespace

/// Goes over the weights exp(p_i) of [begin, end), with p_i = 1 / S_i and
/// S_i = 1 + S_{i-1} exp(-scale · (t_i - t_{i-1})).
template <typename Visit>
static void forEachWeight(const TemporalGraph &graph, int64_t begin,
                          int64_t end, double scale, Visit visit) {
  double sum = 0;
  for (int64_t entry = begin; entry != end; ++entry) {
    if (entry != begin)
      sum *= std::exp(-scale * graph.timeScale().difference(
                                   graph.time(entry), graph.time(entry - 1)));
    sum += 1;
    visit(entry, std::exp(1 / sum));
  }
}

/// Writes k entries drawn by their weights; returns k, or 0 where there is
/// none.
static int32_t sampleByInterval(const TemporalGraph &graph, int64_t begin,
                                int64_t end, Timestamp queryTime, int32_t k,
                                double scale, uint64_t seed, size_t query,
                                NeighbourhoodRow row) {
  if (begin == end)
    return 0;
  double total = 0;
  forEachWeight(graph, begin, end, scale,
                [&](int64_t, double weight) { total += weight; });
  SortedDraws draws(seed, query * static_cast<size_t>(k), k);
  size_t slot = 0;
  double sum = 0;
  forEachWeight(graph, begin, end, scale, [&](int64_t entry, double weight) {
    sum += weight;
    for (; !draws.done() && draws.value() * total < sum; draws.advance())
      row.set(slot++, graph, entry, queryTime);
  });
  // Where rounding left some behind the last.
  for (; !draws.done(); draws.advance())
    row.set(slot++, graph, end - 1, queryTime);
  return k;
}

/// `sample(query, begin, end, row)` for each query, dividing the queries over
/// threads.
template <typename Sample>
static void
forEachQuery(const TemporalGraph &graph, std::span<const int32_t> nodes,
             std::span<const Timestamp> times, int32_t k, int threads,
             const NeighbourhoodView &result, Sample sample) {
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
    int32_t count = sample(query, begin, end, row);
    row.clear(static_cast<size_t>(count), width);
    result.counts[query] = count;
  }
}

void orcinus::sampleNeighbours(const TemporalGraph &graph,
                               std::span<const int32_t> nodes,
                               std::span<const Timestamp> times, int32_t k,
                               SamplingPolicy policy, uint64_t seed,
                               int threads, const NeighbourhoodView &result) {
  forEachQuery(
      graph, nodes, times, k, threads, result,
      [&](size_t query, int64_t begin, int64_t end, NeighbourhoodRow row) {
        switch (policy) {
        case SamplingPolicy::Recent:
          return sampleRecent(graph, begin, end, times[query], k, row);
        case SamplingPolicy::Uniform:
          return sampleUniform(graph, begin, end, times[query], k, seed, query,
                               row);
        case SamplingPolicy::Latest:
          return sampleLatest(graph, begin, end, times[query], k, row);
        }
        return 0;
      });
}

void orcinus::sampleNeighboursByInterval(const TemporalGraph &graph,
                                         std::span<const int32_t> nodes,
                                         std::span<const Timestamp> times,
                                         int32_t k, double scale, uint64_t seed,
                                         int threads,
                                         const NeighbourhoodView &result) {
  forEachQuery(
      graph, nodes, times, k, threads, result,
      [&](size_t query, int64_t begin, int64_t end, NeighbourhoodRow row) {
        return sampleByInterval(graph, begin, end, times[query], k, scale, seed,
                                query, row);
      });
}
