//===- CacheReplacer.h - Which slots a batch writes -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What turns M_{t-1} into M_t while a model trains. A replacer decides; who
// asked it applies the decision to the map from keys to slots and to the rows.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REUSE_CACHEREPLACER_H
#define ORCINUS_REUSE_CACHEREPLACER_H

#include "orcinus/Graph/TemporalGraph.h"
#include "orcinus/Reuse/EmbeddingKey.h"
#include "orcinus/Reuse/ReplacementPolicy.h"
#include "orcinus/Reuse/ReusePlan.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace orcinus {

/// What one batch does with a cache.
struct CacheAccess {
  /// From 0 at an epoch's start.
  int64_t batch = 0;
  /// The batch's events, ascending.
  std::span<const int32_t> events;
  /// The keys that it reads out of the cache, each once, and the slot of each:
  /// `noSlot` where it is not cached or too old.
  std::span<const int32_t> readKeys;
  std::span<const int32_t> readSlots;
  /// The keys whose embeddings it computes, each once: those of its targets,
  /// then those of `readKeys` that it recomputes.
  std::span<const int32_t> computedKeys;
};

/// What becomes of the cache: first the evictions, then the writes. No slot is
/// written twice.
struct CacheChanges {
  /// Keys that leave the cache; one that is not in it is to be ignored.
  std::vector<int32_t> evictedKeys;
  /// Keys that come to the slots `writtenSlots`, one each.
  std::vector<int32_t> writtenKeys;
  std::vector<int32_t> writtenSlots;

  void clear() {
    evictedKeys.clear();
    writtenKeys.clear();
    writtenSlots.clear();
  }
};

/// Decides what a cache keeps. The same accesses give the same decisions.
class CacheReplacer {
public:
  virtual ~CacheReplacer() = default;

  /// Slots are below this.
  virtual int64_t slotCount() const = 0;

  /// Makes M_t of M_{t-1}. `changes` is cleared first. A written key that the
  /// batch did not compute is to be ignored.
  virtual void replace(const CacheAccess &access, CacheChanges &changes) = 0;

  /// Forgets everything, as at an epoch's start.
  virtual void reset() = 0;
};

/// Keeps everything: a key is its own slot.
std::unique_ptr<CacheReplacer> createUnboundedReplacer(int64_t keyCount);

/// Keeps, for keys of events, the embeddings of each node's last `neighbours`
/// neighbours: a ring a node, which is all that recent neighbours read, but for
/// events at one time in two batches. The stream and the graph, which holds the
/// events of all batches, must outlive it.
std::unique_ptr<CacheReplacer> createRingReplacer(const EventStream &stream,
                                                  const TemporalGraph &graph,
                                                  int32_t neighbours);

/// Asks a policy that knows no future.
std::unique_ptr<CacheReplacer>
createOnlineReplacer(const PolicyOptions &options);

/// Follows a plan that was made from `trace`. A batch whose reads are not the
/// trace's (those of negatives are not planned) changes nothing about it.
std::unique_ptr<CacheReplacer> createPlannedReplacer(const AccessTrace &trace,
                                                     const CachePlan &plan,
                                                     int64_t slotCount);

} // namespace orcinus

#endif // ORCINUS_REUSE_CACHEREPLACER_H
