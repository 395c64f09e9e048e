//===- ShardedCaches.h - Caches of batches that are cut ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_SHARDEDCACHES_H
#define RUNTIME_TRAIN_SHARDEDCACHES_H

#include "orcinus/Reuse/CacheReplacer.h"
#include "orcinus/Reuse/ReuseCounts.h"
#include "runtime/Prepare/RowIndex.h"
#include "runtime/Train/DeviceRows.h"
#include "runtime/Train/Invocation.h"
#include "runtime/Train/ShardLayout.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace orcinus {

/// Keeps the caches of several processes alike where each process looks up and
/// computes some shards of a batch: the index in all of them, and the rows,
/// too, unless each process has some slots alone. In a batch's order: take() of
/// each own shard, settle(), keepRows() of each own shard, commit(),
/// writeCutRows().
class ShardedCaches {
public:
  /// `processes` may be null for one alone.
  ShardedCaches(ModelState &state, ShardLayout layout,
                std::shared_ptr<Communicator> processes)
      : state(state), layout(layout), processes(std::move(processes)),
        merged(state.cacheIndexes.size()) {}

  /// Takes what the next shard of this process read and computed; null for one
  /// that did not look anything up.
  void take(const StepTables *shard);

  /// Gathers the keys of all shards, decides what the caches keep, and changes
  /// their maps. `events` are the batch's.
  Status settle(std::span<const int32_t> events);

  /// Takes what the next shard of this process has computed for caches, null as
  /// above.
  void keepRows(const Invocation *shard);

  /// Gathers the rows that the caches keep, through `others`, which is null for
  /// one alone, and writes them, unless each process has some slots alone. It
  /// may be called by another thread, until whose end nothing else but take()
  /// and reuse() is.
  Status commit(Communicator *others);

  /// Where each process has some slots alone, says what was committed becomes
  /// of them: by the thread that settles rows, before the next batch.
  void writeCutRows();

  /// From here on, rows are gathered and written on a device; null for the
  /// host.
  void storeBy(DeviceRows *rows) { deviceRows = rows; }

  /// The bytes that all processes together bring to the gatherings of keys and
  /// of rows, in all batches so far, whether or not there are several.
  struct Gathered {
    int64_t keyBytes = 0;
    int64_t rowBytes = 0;
  };
  const Gathered &gatheredSoFar() const { return gatheredBytes; }

  /// What all shards of the last batch that was settled read.
  const ReuseCounts &reuse() const { return counts; }

private:
  /// Where a row is: in what a shard offers of a cache.
  struct Place {
    int64_t shard = 0;
    int64_t row = 0;
  };
  /// Keys, each once, in order of their first appearance.
  class KeySet {
  public:
    void clear();
    /// The key's number.
    int32_t insert(int32_t key);
    int32_t find(int32_t key) const { return index.find(key, keys.data()); }
    std::span<const int32_t> all() const {
      return std::span(keys).first(count);
    }

  private:
    RowIndex index;
    std::vector<int32_t> keys;
    int32_t count = 0;
  };
  /// What a batch read and computed of one cache.
  struct Merged {
    KeySet read, computed;
    /// By number of the key.
    std::vector<int32_t> readSlots;
    std::vector<Place> places;
    CacheChanges changes;
    /// Of each write, where its row is.
    std::vector<Place> written;
  };
  /// What a shard offers of a cache, as it was gathered.
  struct Offer {
    int64_t shard = 0;
    size_t cache = 0;
    size_t targets = 0;
    std::span<const int32_t> readKeys, readSlots, computedKeys;
  };

  Status gatherOffers();
  void readOffers(std::span<const int32_t> words, int64_t shard);
  void mergeRows(const Offer &offer, bool ofTargets);
  void decide(size_t cache, std::span<const int32_t> events);
  bool isCut() const;
  size_t processOf(Place place) const {
    return static_cast<size_t>(layout.processOf(place.shard));
  }
  template <typename Use>
  void eachWrite(Use use) const;
  template <typename Put>
  void eachCommitted(Put put);
  Status commitOnDevice();
  size_t rowSize(size_t cache) const;
  std::span<const float> ownRow(size_t cache, Place place) const;

  ModelState &state;
  ShardLayout layout;
  std::shared_ptr<Communicator> processes;

  /// What this process offers, as words: of each shard how many words follow,
  /// its counts, and of each lookup the cache, the numbers of its keys, and
  /// these.
  std::vector<int32_t> ownWords;
  /// The same of all processes, and where each one's begins.
  std::vector<std::byte> gathered;
  std::vector<size_t> offsets;
  std::vector<Offer> offers;
  std::vector<Merged> merged;
  ReuseCounts counts;
  Gathered gatheredBytes;
  /// By own shard and cache: the rows that it computed. The first `keptShards`
  /// are of this batch.
  std::vector<std::vector<std::vector<float>>> kept;
  size_t keptShards = 0;
  std::vector<float> rows;
  std::vector<size_t> cursors;
  DeviceRows *deviceRows = nullptr;
  /// What a device writes: by process and cache.
  std::vector<RowRun> runs;
  std::vector<int32_t> slots;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_SHARDEDCACHES_H
