//===- CacheIndex.h - Which slot of a cache holds what ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_PREPARE_CACHEINDEX_H
#define RUNTIME_PREPARE_CACHEINDEX_H

#include "orcinus/Reuse/CacheReplacer.h"
#include "runtime/Abi/MemrefDescriptor.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace orcinus {

/// The index side of a cache of embeddings: the map from keys to slots, which
/// compiled programs read and change (docs/abi.md), and who decides what
/// changes. The dense side, the rows, belongs to the step functions. Never
/// moves: programs are given its arrays.
class CacheIndex {
public:
  /// The slot of a key that is not cached, and of one that never was.
  static constexpr int32_t notCached = -1;
  static constexpr int32_t neverCached = -2;

  /// An empty cache for keys below `keyCount`.
  CacheIndex(NeighbourTime key, bool recomputesMisses, int64_t keyCount,
             std::unique_ptr<CacheReplacer> replacer);
  CacheIndex(const CacheIndex &) = delete;
  CacheIndex &operator=(const CacheIndex &) = delete;

  /// Forgets everything, as at an epoch's start.
  void reset();

  NeighbourTime key() const { return keyedBy; }
  /// Whether a neighbour that is neither fresh nor cached is computed; else it
  /// reads zeros.
  bool recomputesMisses() const { return recomputes; }
  /// Rows of the dense side: one a slot and, where a miss reads zeros, one that
  /// stays zero behind them.
  int64_t rowCount() const {
    return static_cast<int64_t>(writtenAt.size()) + !recomputes;
  }
  int32_t zeroRow() const { return static_cast<int32_t>(writtenAt.size()); }

  /// Batches since reset().
  int32_t batch() const { return batches; }
  void endBatch() { ++batches; }

  int32_t slot(int32_t ofKey) const { return slotOf[ofKey]; }
  int32_t age(int32_t ofSlot) const { return batches - writtenAt[ofSlot]; }

  CacheReplacer &replacer() { return *decides; }

  /// Changes the map, as compiled programs do: first evictions, of keys that
  /// may not be cached, then what the current batch writes.
  void change(std::span<const int32_t> evictedKeys,
              std::span<const int32_t> writtenKeys,
              std::span<const int32_t> writtenSlots);

  /// The arrays `slot_of` (part 0) and `written_at` (part 1) for compiled
  /// code; null for another part.
  const MemrefDescriptor *part(int32_t number) const;

private:
  NeighbourTime keyedBy;
  bool recomputes;
  std::unique_ptr<CacheReplacer> decides;
  int32_t batches = 0;
  /// By key.
  std::vector<int32_t> slotOf;
  /// By slot; means nothing for a slot that was never written.
  std::vector<int32_t> writtenAt;
  MemrefDescriptor slotOfDescriptor, writtenAtDescriptor;
};

} // namespace orcinus

#endif // RUNTIME_PREPARE_CACHEINDEX_H
