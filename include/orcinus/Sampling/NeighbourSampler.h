//===- NeighbourSampler.h - Temporal neighbourhood sampling -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_SAMPLING_NEIGHBOURSAMPLER_H
#define ORCINUS_SAMPLING_NEIGHBOURSAMPLER_H

#include "orcinus/Graph/TemporalGraph.h"

#include <cstdint>
#include <span>

namespace orcinus {

/// How the k neighbours of a query (node, time) are chosen among the entries
/// strictly before its time.
enum class SamplingPolicy {
  /// The k most recent ones, ties by event index; deterministic (eq. 1).
  Recent,
  /// k drawn uniformly with replacement, sorted by (time, event index).
  Uniform,
  /// Those of Recent, the latest first: a place says how recent its neighbour
  /// is, however many there are.
  Latest,
};

/// Where the sampler writes: each span holds queries × k elements, row-major,
/// but for `counts`, which holds one a query. Of a row, the first `count`
/// elements are valid and in ascending order of (time, event index), with
/// Latest in descending order; the rest are set to zero.
struct NeighbourhoodView {
  std::span<int32_t> nodes;
  std::span<int32_t> events;
  /// The times of the events.
  std::span<Timestamp> times;
  /// Query time minus event time in seconds, positive, computed in double.
  std::span<float> timeDeltas;
  std::span<int32_t> counts;
};

/// Samples k neighbours of each query (nodes[i], times[i]) into `result`,
/// dividing the queries over `threads` threads. `seed` is used by the uniform
/// policy alone; the result depends on the query's index and `seed`, never on
/// the thread count. Allocates nothing.
void sampleNeighbours(const TemporalGraph &graph,
                      std::span<const int32_t> nodes,
                      std::span<const Timestamp> times, int32_t k,
                      SamplingPolicy policy, uint64_t seed, int threads,
                      const NeighbourhoodView &result);

/// Draws k neighbours of each query with replacement among its n entries before
/// its time, entry i (from 1, ascending) with a probability proportional to
/// exp(p_i), p_i = exp(scale · t_i) / Σ_{j ≤ i} exp(scale · t_j), times in
/// seconds: of a large scale, an entry that came long after those before it is
/// drawn more often. `scale` is 0 or more. Sorted as by Uniform. This is
/// DyGLib's `time_interval_aware`, CAW's sampling in another form (Wang et al.
/// 2021, section 4.1). Takes the time of all n entries; otherwise as
/// `sampleNeighbours`.
void sampleNeighboursByInterval(const TemporalGraph &graph,
                                std::span<const int32_t> nodes,
                                std::span<const Timestamp> times, int32_t k,
                                double scale, uint64_t seed, int threads,
                                const NeighbourhoodView &result);

} // namespace orcinus

#endif // ORCINUS_SAMPLING_NEIGHBOURSAMPLER_H
