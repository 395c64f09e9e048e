//===- ReuseCounts.h - What was read from where ------------------*- C++
//-*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REUSE_REUSECOUNTS_H
#define ORCINUS_REUSE_REUSECOUNTS_H

#include <cstdint>

namespace orcinus {

/// The reads of one cache, or of several together, in one epoch, planned or
/// trained (Orca, section 3). Plans leave out the negatives, which training
/// reads and counts too.
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
  /// Σ_t |U_t|: distinct out-of-batch neighbours that are not cached and are
  /// computed; 0 where they read zeros.
  int64_t recomputed = 0;
  /// Distinct out-of-batch neighbours that had not been cached before in the
  /// epoch.
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

} // namespace orcinus

#endif // ORCINUS_REUSE_REUSECOUNTS_H
