//===- MemoryDivision.h - What each cache gets of a memory ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REUSE_MEMORYDIVISION_H
#define ORCINUS_REUSE_MEMORYDIVISION_H

#include "orcinus/Graph/EventStream.h"
#include "orcinus/Graph/TemporalGraph.h"
#include "orcinus/Reuse/ReuseDistance.h"
#include "orcinus/Reuse/ReusePlanner.h"
#include "orcinus/Reuse/SharedCapacityPlanner.h"
#include "orcinus/Support/Status.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace orcinus {

/// One memory for the caches of all layers.
struct MemoryRequest {
  /// Bytes of embeddings; negative to give each cache the policy's capacity.
  int64_t bytes = -1;
  /// By layer, from M^1: the bytes of an embedding, and what recomputing one
  /// costs, in any unit. Empty for 400 bytes, and for the layer's number: an
  /// embedding of layer l needs its node's of all layers below.
  std::vector<int64_t> embeddingBytes;
  std::vector<double> costs;
};

/// Shares of all recomputation of what the targets read.
struct MemorySavings {
  /// Of the policy with the age limit that was planned for.
  double divided = 0.0;
  /// What a choice among all layers' embeddings at every moment would save at
  /// least; only where the policy is MRD and there is no age limit.
  std::optional<double> shared;
};

/// A memory to be divided among the caches of a training. Every layer is taken
/// to read the targets' neighbours: what recomputed embeddings read besides
/// follows from the division.
class MemoryDivision {
public:
  /// For the training on `events`, whose adjacency is `graph`. Errors: options
  /// that planReuse refuses, a memory in which not one embedding of each cache
  /// has room, sizes or costs of another number than caches.
  static StatusOr<MemoryDivision> create(const EventStream &stream,
                                         const TemporalGraph &graph,
                                         std::span<const int32_t> events,
                                         const MemoryRequest &memory,
                                         const ReusePlanOptions &options);

  /// The rows of each cache, from M^1, by the best static split with MRD in
  /// each (planStaticSplit), which together take no more bytes than there are.
  /// None has more rows than there are keys. What the split leaves over, less
  /// than one of its steps, brings each layer up to what MRD has use for, and
  /// the rest goes to the lowest layer first, which has the reads that were not
  /// known. Errors: a size below one, a negative cost.
  StatusOr<std::vector<int32_t>> rows() const;

  /// What caches of so many rows save. Errors: another number of capacities
  /// than of caches.
  StatusOr<MemorySavings> savings(std::span<const int32_t> capacities) const;

private:
  MemoryDivision() = default;

  PolicyOptions policy;
  /// The memory, and what embeddings take and cost, by layer.
  SharedCapacityOptions shared;
  AccessTrace trace;
  ReuseDistances distances;
  /// What could be reused in all layers.
  std::vector<IntervalItem> items;
  /// The most entries that MRD has use for at a time, alike in each layer.
  int64_t peak = 0;
};

} // namespace orcinus

#endif // ORCINUS_REUSE_MEMORYDIVISION_H
