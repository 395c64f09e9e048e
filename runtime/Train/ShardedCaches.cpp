//===- ShardedCaches.cpp - Caches of batches that are cut -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/ShardedCaches.h"

#include "runtime/Train/RowExchange.h"

#include <algorithm>
#include <cassert>
#include <cstring>

using namespace orcinus;

void ShardedCaches::KeySet::clear() {
  index.clear(/*byTime=*/false);
  count = 0;
}

int32_t ShardedCaches::KeySet::insert(int32_t key) {
  // The index appends a key that is new.
  if (static_cast<size_t>(count) == keys.size())
    keys.resize(std::max<size_t>(64, 2 * keys.size()));
  return index.insert(key, /*time=*/{}, keys.data(), /*times=*/nullptr, count);
}

//===----------------------------------------------------------------------===//
// Keys
//===----------------------------------------------------------------------===//

/// The numbers of `counts`, in words.
static constexpr size_t countWords = sizeof(ReuseCounts) / sizeof(int32_t);

void ShardedCaches::take(const StepTables *shard) {
  size_t begin = ownWords.size();
  ownWords.push_back(0);
  if (shard) {
    ownWords.resize(ownWords.size() + countWords);
    std::memcpy(ownWords.data() + begin + 1, &shard->reuse(),
                sizeof(ReuseCounts));
    for (const CacheOffer &offer : shard->offers()) {
      for (size_t number :
           {static_cast<size_t>(offer.cache), offer.readKeys.size(),
            offer.computedKeys.size(), static_cast<size_t>(offer.targets)})
        ownWords.push_back(static_cast<int32_t>(number));
      for (const auto *keys :
           {&offer.readKeys, &offer.readSlots, &offer.computedKeys})
        ownWords.insert(ownWords.end(), keys->begin(), keys->end());
    }
  }
  ownWords[begin] = static_cast<int32_t>(ownWords.size() - begin - 1);
}

/// Reads what a shard offers out of its words.
void ShardedCaches::readOffers(std::span<const int32_t> words, int64_t shard) {
  if (words.empty())
    return;
  ReuseCounts ofShard;
  std::memcpy(&ofShard, words.data(), sizeof(ReuseCounts));
  counts += ofShard;
  words = words.subspan(countWords);
  auto takeKeys = [&](size_t count) {
    std::span<const int32_t> keys = words.first(count);
    words = words.subspan(count);
    return keys;
  };
  while (!words.empty()) {
    std::span<const int32_t> numbers = takeKeys(4);
    Offer offer;
    offer.shard = shard;
    offer.cache = static_cast<size_t>(numbers[0]);
    offer.targets = static_cast<size_t>(numbers[3]);
    offer.readKeys = takeKeys(static_cast<size_t>(numbers[1]));
    offer.readSlots = takeKeys(static_cast<size_t>(numbers[1]));
    offer.computedKeys = takeKeys(static_cast<size_t>(numbers[2]));
    offers.push_back(offer);
  }
}

/// Fills `offers` with those of all shards, in order.
Status ShardedCaches::gatherOffers() {
  std::span<const int32_t> words = ownWords;
  if (processes) {
    if (Status status = processes->gather(std::as_bytes(std::span(ownWords)),
                                          gathered, offsets);
        !status.ok())
      return status;
    words = {reinterpret_cast<const int32_t *>(gathered.data()),
             gathered.size() / sizeof(int32_t)};
  }
  offers.clear();
  counts = ReuseCounts();
  gatheredBytes.keyBytes += static_cast<int64_t>(words.size_bytes());
  for (int64_t shard = 0; shard != layout.shards; ++shard) {
    auto count = static_cast<size_t>(words.front());
    readOffers(words.subspan(1, count), shard);
    words = words.subspan(1 + count);
  }
  assert(words.empty() && "each process sends the shards that it has");
  return Status();
}

/// Of a target the last shard's row is the latest; what several recomputed is
/// the first one's.
void ShardedCaches::mergeRows(const Offer &offer, bool ofTargets) {
  Merged &into = merged[offer.cache];
  size_t first = ofTargets ? 0 : offer.targets;
  size_t end = ofTargets ? offer.targets : offer.computedKeys.size();
  for (size_t row = first; row != end; ++row) {
    auto number =
        static_cast<size_t>(into.computed.insert(offer.computedKeys[row]));
    bool isNew = number == into.places.size();
    if (isNew)
      into.places.emplace_back();
    if (isNew || ofTargets)
      into.places[number] = {offer.shard, static_cast<int64_t>(row)};
  }
}

/// Asks the cache's replacer and applies what it says.
void ShardedCaches::decide(size_t cache, std::span<const int32_t> events) {
  CacheIndex &index = *state.cacheIndexes[cache];
  Merged &batch = merged[cache];
  CacheAccess access;
  access.batch = index.batch();
  access.events = events;
  access.readKeys = batch.read.all();
  access.readSlots = batch.readSlots;
  access.computedKeys = batch.computed.all();
  CacheChanges &changes = batch.changes;
  index.replacer().replace(access, changes);
  batch.written.clear();
  for (size_t write = 0; write != changes.writtenKeys.size(); ++write) {
    int32_t number = batch.computed.find(changes.writtenKeys[write]);
    if (number < 0)
      continue;
    size_t place = batch.written.size();
    changes.writtenKeys[place] = changes.writtenKeys[write];
    changes.writtenSlots[place] = changes.writtenSlots[write];
    batch.written.push_back(batch.places[number]);
  }
  changes.writtenKeys.resize(batch.written.size());
  changes.writtenSlots.resize(batch.written.size());
  gatheredBytes.rowBytes += static_cast<int64_t>(
      batch.written.size() * rowSize(cache) * sizeof(float));
  index.change(changes.evictedKeys, changes.writtenKeys, changes.writtenSlots);
  index.endBatch();
}

Status ShardedCaches::settle(std::span<const int32_t> events) {
  if (Status status = gatherOffers(); !status.ok())
    return status;
  for (Merged &each : merged) {
    each.read.clear();
    each.computed.clear();
    each.readSlots.clear();
    each.places.clear();
  }
  for (bool ofTargets : {true, false})
    for (const Offer &offer : offers)
      mergeRows(offer, ofTargets);
  for (const Offer &offer : offers) {
    Merged &into = merged[offer.cache];
    for (size_t read = 0; read != offer.readKeys.size(); ++read) {
      int32_t number = into.read.insert(offer.readKeys[read]);
      if (static_cast<size_t>(number) == into.readSlots.size())
        into.readSlots.push_back(offer.readSlots[read]);
    }
  }
  for (size_t cache = 0; cache != merged.size(); ++cache)
    decide(cache, events);
  // The next batch is taken once this one's rows were committed.
  ownWords.clear();
  keptShards = 0;
  return Status();
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

void ShardedCaches::keepRows(const Invocation *shard) {
  if (kept.size() == keptShards)
    kept.emplace_back(merged.size());
  std::vector<std::vector<float>> &ofShard = kept[keptShards++];
  for (size_t cache = 0; cache != merged.size(); ++cache) {
    std::span<const float> values;
    // Programs give the rows of caches in the order of these.
    if (shard)
      values = shard->outputs().find("kept", cache).values;
    ofShard[cache].assign(values.begin(), values.end());
  }
}

size_t ShardedCaches::rowSize(size_t cache) const {
  return static_cast<size_t>(state.caches[cache].rowSize());
}

std::span<const float> ShardedCaches::ownRow(size_t cache, Place place) const {
  const auto &values =
      kept[static_cast<size_t>(place.shard - layout.first)][cache];
  size_t width = rowSize(cache);
  return std::span(values).subspan(static_cast<size_t>(place.row) * width,
                                   width);
}

/// Calls use(cache, write, place) for each row that is kept, in the same order
/// in all processes.
template <typename Use>
void ShardedCaches::eachWrite(Use use) const {
  for (size_t cache = 0; cache != merged.size(); ++cache)
    for (size_t write = 0; write != merged[cache].written.size(); ++write)
      use(cache, write, merged[cache].written[write]);
}

/// As commit(), between devices: the rows of each process for each cache lie
/// together, in the order of the writes.
Status ShardedCaches::commitOnDevice() {
  auto caches = merged.size();
  size_t count = static_cast<size_t>(layout.shards / layout.own);
  size_t number = processOf({layout.first, 0});
  runs.assign(count * caches, {});
  eachWrite([&](size_t cache, size_t, Place place) {
    ++runs[processOf(place) * caches + cache].count;
  });
  constexpr size_t alignment = DeviceRows::alignment;
  auto aligned = [](size_t elements) {
    return (elements + alignment - 1) / alignment * alignment;
  };
  offsets.assign(1, 0);
  size_t values = 0, places = 0;
  for (size_t run = 0; run != runs.size(); ++run) {
    RowRun &each = runs[run];
    each.cache = run % caches;
    each.values = values;
    each.slots = places;
    values += aligned(each.count * rowSize(each.cache));
    places += aligned(each.count);
    if (each.cache + 1 == caches)
      offsets.push_back(values * sizeof(float));
  }
  rows.resize(values);
  slots.resize(places);
  cursors.assign(runs.size(), 0);
  eachWrite([&](size_t cache, size_t write, Place place) {
    size_t run = processOf(place) * caches + cache, row = cursors[run]++;
    slots[runs[run].slots + row] = merged[cache].changes.writtenSlots[write];
    if (processOf(place) == number)
      std::ranges::copy(
          ownRow(cache, place),
          rows.begin() +
              static_cast<ptrdiff_t>(runs[run].values + row * rowSize(cache)));
  });
  return deviceRows->store(rows, offsets, slots, runs);
}

Status ShardedCaches::commit(Communicator *others) {
  if (deviceRows)
    return commitOnDevice();
  // The rows of each process, in the order of the writes.
  size_t count = others ? static_cast<size_t>(others->size()) : 1;
  size_t number = others ? static_cast<size_t>(others->rank()) : 0;
  offsets.assign(count + 1, 0);
  eachWrite([&](size_t cache, size_t, Place place) {
    offsets[processOf(place) + 1] += rowSize(cache) * sizeof(float);
  });
  for (size_t each = 0; each != count; ++each)
    offsets[each + 1] += offsets[each];
  rows.resize(offsets[count] / sizeof(float));
  auto next =
      rows.begin() + static_cast<ptrdiff_t>(offsets[number] / sizeof(float));
  eachWrite([&](size_t cache, size_t, Place place) {
    if (processOf(place) == number)
      next = std::ranges::copy(ownRow(cache, place), next).out;
  });
  if (others)
    if (Status status =
            others->gather(std::as_writable_bytes(std::span(rows)), offsets);
        !status.ok())
      return status;
  if (!isCut())
    eachCommitted([&](size_t cache, int32_t slot, std::span<const float> row) {
      std::span<float> values = state.caches[cache].values();
      std::ranges::copy(row,
                        values.subspan(slot * row.size(), row.size()).begin());
    });
  return Status();
}

bool ShardedCaches::isCut() const {
  return state.exchange && state.exchange->cutsCaches();
}

/// Calls put(cache, slot, row) for each row that was gathered.
template <typename Put>
void ShardedCaches::eachCommitted(Put put) {
  cursors = offsets;
  eachWrite([&](size_t cache, size_t write, Place place) {
    size_t &cursor = cursors[processOf(place)];
    size_t width = rowSize(cache);
    put(cache, merged[cache].changes.writtenSlots[write],
        std::span<const float>(rows).subspan(cursor / sizeof(float), width));
    cursor += width * sizeof(float);
  });
}

/// The next batch's rows may be on their way meanwhile: the exchange waits
/// until they are there.
void ShardedCaches::writeCutRows() {
  if (isCut())
    eachCommitted([&](size_t cache, int32_t slot, std::span<const float> row) {
      state.exchange->write(cache, slot, row);
    });
}
