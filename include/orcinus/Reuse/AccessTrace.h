//===- AccessTrace.h - Which embeddings training reads and when -*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Training batches are chronological and the recent sampler is deterministic:
// what every batch of a run computes and reads is known before training (Orca,
// section 3). A trace says it for one cache.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REUSE_ACCESSTRACE_H
#define ORCINUS_REUSE_ACCESSTRACE_H

#include "orcinus/Graph/EventStream.h"
#include "orcinus/Graph/TemporalGraph.h"
#include "orcinus/Reuse/EmbeddingKey.h"

#include <cstdint>
#include <span>
#include <vector>

namespace orcinus {

/// An out-of-batch neighbour of a batch.
struct NeighbourReads {
  /// The node, or in general the embedding's key (EmbeddingKey.h).
  int32_t node = 0;
  /// How many sampled neighbours are this node.
  int32_t reads = 0;
  /// The event of the latest query that reads it. A recomputed neighbour is
  /// embedded at this event's time, as of several embeddings of one node the
  /// latest is kept (Orca, section 2). An event's key says its own time.
  int32_t lastReader = 0;

  bool operator==(const NeighbourReads &) const = default;
};

/// What each batch does with one cache M^l, l < L: the nodes whose
/// (l+1)-embeddings it computes (its targets, whose l-embeddings it needs and
/// computes too), and the l-embeddings of their sampled neighbours that it
/// reads. A neighbour that is a target itself is an in-batch read; of the
/// others (O_t) each distinct node is stored once.
///
/// A node stands for its embedding. Where neighbours are embedded at their
/// event's time, the keys of EmbeddingKey.h take the place of nodes: a batch
/// then computes two keys an event, each for the first and only time unless it
/// is recomputed.
struct AccessTrace {
  /// Nodes, or keys, are below this.
  int32_t nodeCount = 0;
  /// Batch t has targets [targetOffsets[t], targetOffsets[t+1]).
  std::vector<int64_t> targetOffsets{0};
  /// Distinct within a batch, in order of first appearance.
  std::vector<int32_t> targets;
  /// Batch t has neighbours [neighbourOffsets[t], neighbourOffsets[t+1]).
  std::vector<int64_t> neighbourOffsets{0};
  /// O_t: distinct within a batch, in order of the first read.
  std::vector<NeighbourReads> neighbours;
  /// One a batch: sampled neighbours that are targets of it, with repeats.
  std::vector<int64_t> inBatchReads;

  int64_t batchCount() const {
    return static_cast<int64_t>(inBatchReads.size());
  }
  std::span<const int32_t> batchTargets(int64_t batch) const {
    return {targets.data() + targetOffsets[batch],
            targets.data() + targetOffsets[batch + 1]};
  }
  std::span<const NeighbourReads> batchNeighbours(int64_t batch) const {
    return {neighbours.data() + neighbourOffsets[batch],
            neighbours.data() + neighbourOffsets[batch + 1]};
  }
};

/// The trace of the top cache M^{L-1}: consecutive batches of `batchSize` of
/// `events` (indices into `stream`, ascending), which are those that `graph`
/// holds. The targets B_t of a batch are its events' endpoints. Each endpoint
/// of each event is a query at the event's time, which reads its `neighbours`
/// most recent neighbours in `graph` strictly before that time (eq. 1).
/// Negatives are not planned.
///
/// With `separate` the embeddings of targets serve no neighbour, and none is
/// kept: the trace has no targets, and all reads are out of batch. Embeddings
/// keyed by event are those of targets whatever it says.
///
/// O(reads), of which each costs a step in a hash table of the batch's nodes:
/// no work grows with |V|. `batchSize` and `neighbours` must be positive.
AccessTrace buildAccessTrace(const EventStream &stream,
                             const TemporalGraph &graph,
                             std::span<const int32_t> events, int64_t batchSize,
                             int32_t neighbours,
                             NeighbourTime neighbourTime = NeighbourTime::Query,
                             bool separate = false);

/// The trace of the cache M^{l-1} below a cache M^l whose trace is `upper`,
/// where `recomputed[i]` says that upper.neighbours[i] was not cached: the
/// step of Orca's recursion (section 2) from B to B' = B ∪ U. The targets are
/// the upper targets, then the recomputed neighbours in order; a recomputed
/// neighbour is one query at its last reader's time.
AccessTrace
buildLowerAccessTrace(const EventStream &stream, const TemporalGraph &graph,
                      const AccessTrace &upper,
                      std::span<const uint8_t> recomputed, int32_t neighbours,
                      NeighbourTime neighbourTime = NeighbourTime::Query,
                      bool separate = false);

} // namespace orcinus

#endif // ORCINUS_REUSE_ACCESSTRACE_H
