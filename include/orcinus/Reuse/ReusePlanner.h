//===- ReusePlanner.h - Planning a training run's caches --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REUSE_REUSEPLANNER_H
#define ORCINUS_REUSE_REUSEPLANNER_H

#include "orcinus/Graph/EventStream.h"
#include "orcinus/Graph/TemporalGraph.h"
#include "orcinus/Reuse/AccessTrace.h"
#include "orcinus/Reuse/PlanStatistics.h"
#include "orcinus/Reuse/ReplacementPolicy.h"
#include "orcinus/Reuse/ReusePlan.h"
#include "orcinus/Support/Status.h"

#include <cstdint>
#include <span>
#include <vector>

namespace orcinus {

/// A training run as far as its caches go.
struct ReusePlanOptions {
  /// The policy of every cache; its capacity is per cache.
  PolicyOptions policy;
  /// Of each cache, from M^1, in place of the policy's; empty to use that.
  std::vector<int32_t> capacities;
  /// Events a batch.
  int64_t batchSize = 200;
  /// Neighbours a query samples (k).
  int32_t neighbours = 10;
  /// Whether a neighbour that is not cached is computed, and may then be cached
  /// itself; else only targets are.
  bool recomputesMisses = true;
  /// Whether neighbours have embeddings of their own, apart from those of the
  /// batch's targets (buildAccessTrace); of no account for keys of events.
  bool separate = false;
  /// When the model embeds neighbours.
  NeighbourTime neighbourTime = NeighbourTime::Query;
  /// Layers of the model (L): it has caches M^1 to M^{L-1}.
  int32_t layers = 2;
  /// Whether ReusePlan::traces and ReusePlan::caches are wanted beside the
  /// statistics.
  bool keepDecisions = true;
};

/// What every batch of an epoch computes, reads, evicts and writes: made once
/// and used in every epoch, which starts with empty caches.
struct ReusePlan {
  /// traces[l-1] and caches[l-1] belong to M^l; empty unless kept.
  std::vector<AccessTrace> traces;
  std::vector<CachePlan> caches;
  PlanStatistics statistics;
};

/// Errors: no event, fewer than two layers, a batch size or neighbour count
/// below one, a negative capacity or age limit.
Status checkPlanOptions(std::span<const int32_t> events,
                        const ReusePlanOptions &options);

/// Plans the training on `events` (indices into `stream`, ascending), whose
/// adjacency is `graph` (Orca, sections 2 and 3). From the top cache down: the
/// policy runs over the cache's trace, and what it leaves uncached joins the
/// targets of the cache below.
///
/// With the MRD policy the unique hits of each cache are the most that any
/// policy reaches on its trace. O(T (|B| c + |U|) log m) with c = k + 1 for T
/// batches: no work per batch grows with |V|.
///
/// Errors: those of checkPlanOptions.
StatusOr<ReusePlan> planReuse(const EventStream &stream,
                              const TemporalGraph &graph,
                              std::span<const int32_t> events,
                              const ReusePlanOptions &options);

} // namespace orcinus

#endif // ORCINUS_REUSE_REUSEPLANNER_H
