//===- PairScorer.h - What scores pairs of nodes ----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_EVALUATION_PAIRSCORER_H
#define ORCINUS_EVALUATION_PAIRSCORER_H

#include "orcinus/Graph/Timestamp.h"
#include "orcinus/Support/Status.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace orcinus {

/// Questions of one moment: how likely is it that `sources[i]` meets each of
/// its candidates, destinations[offsets[i]] to destinations[offsets[i + 1] -
/// 1], at `times[i]`?
struct PairQueries {
  std::vector<int32_t> sources;
  std::vector<Timestamp> times;
  /// The event of the stream whose moment is asked for. A scorer with a state
  /// answers by the state of that event's batch.
  std::vector<int32_t> events;
  std::vector<int64_t> offsets{0};
  std::vector<int32_t> destinations;

  int64_t queryCount() const { return static_cast<int64_t>(sources.size()); }
  int64_t pairCount() const {
    return static_cast<int64_t>(destinations.size());
  }
  std::span<const int32_t> candidates(int64_t query) const {
    return std::span(destinations)
        .subspan(offsets[query], offsets[query + 1] - offsets[query]);
  }

  void clear();
  /// Adds a query, whose candidates are those added to `destinations` since the
  /// last one.
  void endQuery(int32_t source, Timestamp time, int32_t event);
};

/// Scores pairs by the events that it has been given. Higher is likelier; only
/// the order of scores means something. One thread may use it at a time.
class PairScorer {
public:
  virtual ~PairScorer() = default;

  /// Scores all pairs of `queries` into `scores`, one a candidate, from the
  /// events given so far.
  virtual Status score(const PairQueries &queries,
                       std::span<double> scores) = 0;

  /// Gives the next events, indices into the stream in ascending order.
  virtual Status advance(std::span<const int32_t> events) = 0;

  /// Says that a batch of events has ended, however these were given.
  virtual void endBatch() {}

  /// A copy that goes on from here by itself; null for a scorer that follows
  /// the whole stream on its own and answers by the events that queries name.
  virtual std::unique_ptr<PairScorer> clone() const = 0;
};

} // namespace orcinus

#endif // ORCINUS_EVALUATION_PAIRSCORER_H
