//===- PlanStatistics.h - What reuse does in an epoch -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REUSE_PLANSTATISTICS_H
#define ORCINUS_REUSE_PLANSTATISTICS_H

#include "orcinus/Reuse/ReuseCounts.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace orcinus {

/// What `orcinus plan` reports.
struct PlanStatistics {
  int64_t trainEvents = 0;
  int64_t batches = 0;
  /// Over all caches.
  ReuseCounts counts;
  /// caches[l-1] is M^l.
  std::vector<ReuseCounts> caches;
  /// Where one memory was divided among them, as of MemorySavings.
  std::vector<int32_t> capacities;
  double dividedSavings = 0.0;
  std::optional<double> sharedSavings;
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
