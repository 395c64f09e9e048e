//===- PlanStatistics.h - What reuse does in an epoch -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REUSE_PLANSTATISTICS_H
#define ORCINUS_REUSE_PLANSTATISTICS_H

#include <cstdint>
#include <string>
#include <vector>

namespace orcinus {

/// The reads of one cache, or of several together, in one epoch (Orca,
/// section 3).
struct ReuseCounts {
  /// Sampled neighbours, with repeats: in-batch and out-of-batch ones.
  int64_t reads = 0;
  int64_t inBatchReads = 0;
  int64_t outOfBatchReads = 0;
  /// Distinct out-of-batch neighbours of each batch: Σ_t |O_t|.
  int64_t uniqueOutOfBatchReads = 0;
  /// Out-of-batch reads out of the cache, with repeats.
  int64_t hits = 0;
  /// Distinct ones of each batch: Σ_t |O_t ∩ M_{t-1}|.
  int64_t uniqueHits = 0;
  /// Σ_t |U_t|: distinct out-of-batch neighbours that are not cached.
  int64_t recomputed = 0;
  /// Of these, the ones that had not been cached before in the epoch.
  int64_t cold = 0;
  /// The sum and the maximum over the hits, with repeats, of their ages at
  /// reuse in batches: what the previous batch computed has age 1.
  int64_t ageSum = 0;
  int64_t maxAge = 0;

  /// 0 without any hit.
  double meanAge() const {
    return hits == 0 ? 0.0
                     : static_cast<double>(ageSum) / static_cast<double>(hits);
  }

  /// Adds the counts of another cache; takes the greater maximum age.
  ReuseCounts &operator+=(const ReuseCounts &other);
  bool operator==(const ReuseCounts &) const = default;
};

/// What `orcinus plan` reports.
struct PlanStatistics {
  int64_t trainEvents = 0;
  int64_t batches = 0;
  /// Over all caches.
  ReuseCounts counts;
  /// caches[l-1] is M^l.
  std::vector<ReuseCounts> caches;
  /// Seconds of planning: traces, reuse distances and replacement.
  double planSeconds = 0.0;
};

/// The statistics over all caches as one line of JSON:
/// {"train_events":…,"batches":…,"reads":…,"in_batch_reads":…,
///  "out_of_batch_reads":…,"unique_out_of_batch_reads":…,"hits":…,
///  "unique_hits":…,"recomputed":…,"mean_age":…,"max_age":…,"plan_seconds":…}.
std::string toJson(const PlanStatistics &statistics);

/// The statistics for a person, in several lines, each cache apart where there
/// is more than one.
std::string toText(const PlanStatistics &statistics);

} // namespace orcinus

#endif // ORCINUS_REUSE_PLANSTATISTICS_H
