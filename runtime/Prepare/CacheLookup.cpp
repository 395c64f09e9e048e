//===- CacheLookup.cpp - What is computed and what is reused --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A lookup goes through three hands. `cacheCandidates` finds out which keys no
// fresh row serves; the compiled program looks their slots up; `cacheResolve`
// gives every neighbour its row and asks the cache's replacer what changes,
// which the program then applies.
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/StepTables.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

using namespace orcinus;

CacheIndex *StepTables::findCache(int32_t cache, const char *caller) {
  if (cache >= 1 && cache <= static_cast<int32_t>(input.caches.size()))
    return input.caches[cache - 1].get();
  fail(fmt::format("{} of cache {}", caller, cache));
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Candidates
//===----------------------------------------------------------------------===//

void StepTables::cacheCandidates(int32_t query, int32_t neighbourhood,
                                 int32_t lookup, int32_t cache, int32_t share) {
  const TableSet *queries = use(query, TableKind::Query, "cache_candidates");
  const TableSet *neighbours =
      use(neighbourhood, TableKind::Neighbourhood, "cache_candidates");
  TableSet *set = define(lookup, TableKind::Frontier);
  const CacheIndex *index = findCache(cache, "cache_candidates");
  if (!queries || !neighbours || !set || !index)
    return;
  if (share < 0 || share > 2)
    return fail(fmt::format("cache_candidates with sharing {}", share));
  set->sharing = static_cast<RowSharing>(share);
  insertTargets(*queries, *neighbours, *set);
  orderTargets(*set);
  assignFreshRows(*queries, *neighbours, index->key(), *set);
  auto keys = set->resize<int32_t>(Component::CandidateKeys, candidates.size());
  std::copy_n(candidateKeys.begin(), candidates.size(), keys.begin());
  auto slots =
      set->resize<int32_t>(Component::CandidateSlots, candidates.size());
  std::fill(slots.begin(), slots.end(), CacheIndex::notCached);
}

/// One row for each distinct (node, time) of the queries, with room for one
/// more for each neighbour.
void StepTables::insertTargets(const TableSet &query,
                               const TableSet &neighbourhood,
                               TableSet &lookup) {
  auto nodes = query.values<int32_t>(Component::Nodes);
  auto times = query.values<Timestamp>(Component::Times);
  int64_t queries = nodes.size();
  int64_t bound =
      queries + neighbourhood.values<int32_t>(Component::Nodes).size();
  int32_t *rowNodes = lookup.resize<int32_t>(Component::Nodes, bound).data();
  Timestamp *rowTimes =
      lookup.resize<Timestamp>(Component::Times, bound).data();
  auto self = lookup.resize<int32_t>(Component::Self, queries);
  lookup.key = FrontierKey::QueryTime;
  lookup.recomputedKeys = query.recomputedKeys;
  lookup.index.clear(/*byTime=*/true);
  int32_t rowCount = 0;
  for (int64_t index = 0; index != queries; ++index)
    self[index] = lookup.index.insert(nodes[index], times[index], rowNodes,
                                      rowTimes, rowCount);
  lookup.resize<int32_t>(Component::Nodes, rowCount);
  lookup.resize<Timestamp>(Component::Times, rowCount);
}

void StepTables::orderTargets(const TableSet &lookup) {
  auto nodes = lookup.values<int32_t>(Component::Nodes);
  auto times = lookup.values<Timestamp>(Component::Times);
  queryOrder.resize(nodes.size());
  std::iota(queryOrder.begin(), queryOrder.end(), 0);
  std::sort(queryOrder.begin(), queryOrder.end(),
            [&](int32_t left, int32_t right) {
              return std::pair(nodes[left], times[left]) <
                     std::pair(nodes[right], times[right]);
            });
}

/// The row of `node` with the latest time that is not after `time`; -1 where
/// there is none.
int32_t StepTables::findTarget(const TableSet &lookup, int32_t node,
                               Timestamp time) const {
  auto nodes = lookup.values<int32_t>(Component::Nodes);
  auto times = lookup.values<Timestamp>(Component::Times);
  auto next = std::upper_bound(
      queryOrder.begin(), queryOrder.end(), std::pair(node, time),
      [&](const std::pair<int32_t, Timestamp> &wanted, int32_t row) {
        return wanted < std::pair(nodes[row], times[row]);
      });
  if (next == queryOrder.begin() || nodes[*(next - 1)] != node)
    return -1;
  return *(next - 1);
}

/// The row of a target that serves a reader at `time` of neighbour `node`; -1
/// where there is none.
int32_t StepTables::findServingTarget(const TableSet &lookup, int32_t node,
                                      Timestamp time) const {
  switch (lookup.sharing) {
  case RowSharing::Paper:
    return findTarget(lookup, node, Timestamp::latest());
  case RowSharing::Causal:
    return findTarget(lookup, node, time);
  case RowSharing::Separate:
    break;
  }
  return -1;
}

/// Gives each neighbour its fresh row, or -1 - c where it is candidate c.
void StepTables::assignFreshRows(const TableSet &query,
                                 const TableSet &neighbourhood,
                                 NeighbourTime key, TableSet &lookup) {
  auto times = query.values<Timestamp>(Component::Times);
  auto neighbours = neighbourhood.values<int32_t>(Component::Nodes);
  auto events = neighbourhood.values<int32_t>(Component::Events);
  auto counts = neighbourhood.values<int32_t>(Component::Counts);
  const auto *eventTimes =
      static_cast<const Timestamp *>(neighbourhood.eventTimes.data());
  const int32_t *rowNodes = lookup.values<int32_t>(Component::Nodes).data();
  const Timestamp *rowTimes = lookup.values<Timestamp>(Component::Times).data();
  int64_t k = neighbourhood.neighboursPerQuery;
  auto rows = lookup.resize<int32_t>(Component::Neighbours, counts.size(), k);
  candidates.clear();
  candidateKeys.resize(neighbours.size());
  candidateIndex.clear(/*byTime=*/false);
  bool isEarliest = lookup.sharing == RowSharing::Causal;
  for (size_t index = 0; index != counts.size(); ++index) {
    int64_t begin = index * k, valid = begin + counts[index];
    for (int64_t flat = begin; flat != valid; ++flat) {
      int32_t node = neighbours[flat];
      Timestamp time =
          key == NeighbourTime::Event ? eventTimes[flat] : times[index];
      rows[flat] = key == NeighbourTime::Event
                       ? lookup.index.find(node, time, rowNodes, rowTimes)
                       : findServingTarget(lookup, node, time);
      if (rows[flat] >= 0)
        ++reuseCounts.inBatchReads;
      else
        rows[flat] =
            -1 - addCandidate(node, events[flat], time, key, isEarliest);
    }
    reuseCounts.reads += counts[index];
    std::fill(rows.begin() + valid, rows.begin() + begin + k, 0);
  }
}

/// Counts one read of an embedding that is not fresh; returns its number.
int32_t StepTables::addCandidate(int32_t node, int32_t event, Timestamp time,
                                 NeighbourTime key, bool isEarliest) {
  auto count = static_cast<int32_t>(candidates.size());
  int32_t number = candidateIndex.insert(
      key == NeighbourTime::Event ? eventKey(*input.stream, event, node) : node,
      /*time=*/{}, candidateKeys.data(), /*times=*/nullptr, count);
  if (number == static_cast<int32_t>(candidates.size()))
    candidates.push_back({node, time, 0, 0});
  Candidate &candidate = candidates[number];
  // Of several readers' times the earliest is causal for all of them.
  candidate.time = isEarliest ? std::min(candidate.time, time)
                              : std::max(candidate.time, time);
  ++candidate.reads;
  return number;
}

const MemrefDescriptor &StepTables::lookupBuffer(int32_t lookup,
                                                 int32_t table) {
  static constexpr Component components[] = {
      Component::CandidateKeys, Component::CandidateSlots,
      Component::EvictedKeys, Component::PushedKeys, Component::PushedSlots};
  static const MemrefDescriptor empty;
  const TableSet *set = use(lookup, TableKind::Frontier, "lookup_buffer");
  if (!set)
    return empty;
  if (table < 0 || table >= static_cast<int32_t>(std::size(components)) ||
      (*set)[components[table]].lastStep() != step) {
    fail(fmt::format("lookup_buffer of table {}, which handle {} does not have",
                     table, lookup));
    return empty;
  }
  return (*set)[components[table]].descriptor();
}

const MemrefDescriptor &StepTables::cacheBuffer(int32_t cache, int32_t part) {
  static const MemrefDescriptor empty;
  const CacheIndex *index = findCache(cache, "cache_buffer");
  const MemrefDescriptor *buffer = index ? index->part(part) : nullptr;
  if (index && !buffer)
    fail(fmt::format("cache_buffer of part {}", part));
  return buffer ? *buffer : empty;
}

int32_t StepTables::cacheBatch(int32_t cache) {
  const CacheIndex *index = findCache(cache, "cache_batch");
  return index ? index->batch() : 0;
}

//===----------------------------------------------------------------------===//
// Resolution
//===----------------------------------------------------------------------===//

void StepTables::cacheResolve(int32_t query, int32_t neighbourhood,
                              int32_t lookup, int32_t cache) {
  const TableSet *queries = use(query, TableKind::Query, "cache_resolve");
  const TableSet *neighbours =
      use(neighbourhood, TableKind::Neighbourhood, "cache_resolve");
  TableSet *set = use(lookup, TableKind::Frontier, "cache_resolve");
  CacheIndex *index = findCache(cache, "cache_resolve");
  if (!queries || !neighbours || !set || !index)
    return;
  if ((*set)[Component::CandidateSlots].lastStep() != step)
    return fail("cache_resolve of a lookup without candidates");
  int64_t rows = placeCandidates(*index, *set);
  listComputedKeys(*index, *set);
  assignCandidateRows(*neighbours, *set);
  invertRows(*neighbours, rows, *set);
  lookupHandles.push_back({query, neighbourhood, lookup});
  if (input.offersRows)
    return listOffer(cache, *set);
  cacheChanges.clear();
  if (!input.keepsCaches)
    askReplacer(*index, *set);
  listChanges(*index, *set);
}

/// Makes a row of the lookup for each candidate that is computed and lists the
/// cached rows that the others read. Returns how many rows neighbours refer to.
int64_t StepTables::placeCandidates(const CacheIndex &cache, TableSet &lookup) {
  auto slots = lookup.values<int32_t>(Component::CandidateSlots);
  auto fresh =
      static_cast<int32_t>(lookup.values<int32_t>(Component::Nodes).size());
  int64_t missing = std::count_if(slots.begin(), slots.end(),
                                  [](int32_t slot) { return slot < 0; });
  int64_t hits = static_cast<int64_t>(slots.size()) - missing;
  bool readsZeros = !cache.recomputesMisses() && missing > 0;
  int32_t freshEnd =
      fresh + static_cast<int32_t>(cache.recomputesMisses() ? missing : 0);
  // The storage has room for a row a neighbour: resizing moves nothing.
  auto nodes = lookup.resize<int32_t>(Component::Nodes, freshEnd);
  auto times = lookup.resize<Timestamp>(Component::Times, freshEnd);
  auto cached =
      lookup.resize<int32_t>(Component::CachedRows, hits + readsZeros);
  int32_t cachedCount = 0;
  for (size_t number = 0; number != candidates.size(); ++number) {
    Candidate &candidate = candidates[number];
    countCandidate(cache, candidate, candidateKeys[number], slots[number]);
    if (slots[number] >= 0) {
      candidate.row = freshEnd + cachedCount;
      cached[cachedCount++] = slots[number];
    } else if (cache.recomputesMisses()) {
      nodes[fresh] = candidate.node;
      times[fresh] = candidate.time;
      candidate.row = fresh++;
      if (cache.key() == NeighbourTime::Event)
        lookup.recomputedKeys.push_back(candidateKeys[number]);
    } else {
      candidate.row = freshEnd + static_cast<int32_t>(hits);
    }
  }
  if (readsZeros)
    cached.back() = cache.zeroRow();
  return freshEnd + static_cast<int64_t>(cached.size());
}

void StepTables::countCandidate(const CacheIndex &cache,
                                const Candidate &candidate, int32_t key,
                                int32_t slot) {
  reuseCounts.outOfBatchReads += candidate.reads;
  ++reuseCounts.uniqueOutOfBatchReads;
  reuseCounts.cold += cache.slot(key) == CacheIndex::neverCached;
  if (slot < 0) {
    reuseCounts.recomputed += cache.recomputesMisses();
    return;
  }
  int64_t age = cache.age(slot);
  reuseCounts.hits += candidate.reads;
  ++reuseCounts.uniqueHits;
  reuseCounts.ageSum += age * candidate.reads;
  reuseCounts.maxAge = std::max(reuseCounts.maxAge, age);
}

/// Gives the readers of candidates their rows.
void StepTables::assignCandidateRows(const TableSet &neighbourhood,
                                     TableSet &lookup) {
  auto counts = neighbourhood.values<int32_t>(Component::Counts);
  int64_t k = neighbourhood.neighboursPerQuery;
  auto rows = lookup.resize<int32_t>(Component::Neighbours, counts.size(), k);
  for (size_t index = 0; index != counts.size(); ++index)
    for (int64_t flat = index * k, end = flat + counts[index]; flat != end;
         ++flat)
      if (rows[flat] < 0)
        rows[flat] = candidates[-1 - rows[flat]].row;
}

/// The keys of the rows that the batch computes for the cache: of its targets,
/// unless they serve no neighbour, then of the candidates that are recomputed.
void StepTables::listComputedKeys(const CacheIndex &cache,
                                  const TableSet &lookup) {
  computedKeys.clear();
  auto nodes = lookup.values<int32_t>(Component::Nodes);
  if (cache.key() == NeighbourTime::Event) {
    for (int32_t event : input.events)
      for (int32_t node :
           {input.stream->source[event], input.stream->destination[event]}) {
        int32_t key = eventKey(*input.stream, event, node);
        if (computedKeys.empty() || computedKeys.back() != key)
          computedKeys.push_back(key);
      }
    computedTargets = std::ssize(computedKeys);
    computedKeys.insert(computedKeys.end(), lookup.recomputedKeys.begin(),
                        lookup.recomputedKeys.end());
    return;
  }
  if (lookup.sharing != RowSharing::Separate)
    for (int32_t row : queryOrder)
      if (computedKeys.empty() || computedKeys.back() != nodes[row])
        computedKeys.push_back(nodes[row]);
  computedTargets = std::ssize(computedKeys);
  if (!cache.recomputesMisses())
    return;
  auto slots = lookup.values<int32_t>(Component::CandidateSlots);
  constexpr Timestamp end = Timestamp::latest();
  // Under causal sharing a target's node may be a candidate too, for readers
  // before it; what is kept is the target's.
  for (size_t number = 0; number != candidates.size(); ++number)
    if (slots[number] < 0 &&
        findServingTarget(lookup, candidateKeys[number], end) < 0)
      computedKeys.push_back(candidateKeys[number]);
}

/// The row that the batch computes for `key`, its latest; -1 where it does not
/// compute it.
int32_t StepTables::findComputedRow(const CacheIndex &cache, int32_t key,
                                    const TableSet &lookup) const {
  constexpr Timestamp end = Timestamp::latest();
  auto nodes = lookup.values<int32_t>(Component::Nodes);
  auto times = lookup.values<Timestamp>(Component::Times);
  int32_t row = cache.key() == NeighbourTime::Event
                    ? lookup.index.find(keyNode(*input.stream, key),
                                        input.stream->time[keyEvent(key)],
                                        nodes.data(), times.data())
                    : findServingTarget(lookup, key, end);
  if (row >= 0)
    return row;
  int32_t candidate = candidateIndex.find(key, candidateKeys.data());
  if (candidate < 0)
    return -1;
  row = candidates[candidate].row;
  return row < static_cast<int32_t>(nodes.size()) ? row : -1;
}

/// Ends the cache's batch: what comes and what leaves.
void StepTables::askReplacer(CacheIndex &cache, const TableSet &lookup) {
  CacheAccess access;
  access.batch = cache.batch();
  access.events = input.events;
  access.readKeys = std::span(candidateKeys).first(candidates.size());
  access.readSlots = lookup.values<int32_t>(Component::CandidateSlots);
  access.computedKeys = computedKeys;
  cache.replacer().replace(access, cacheChanges);
  cache.endBatch();
}

/// Lists what a part of a batch read and computed; its tables say that all rows
/// are given out and that the map stays as it is.
void StepTables::listOffer(int32_t cache, TableSet &lookup) {
  if (cacheOffers.size() == offerCount)
    cacheOffers.emplace_back();
  CacheOffer &offer = cacheOffers[offerCount++];
  offer.cache = cache - 1;
  auto slots = lookup.values<int32_t>(Component::CandidateSlots);
  offer.readKeys.assign(candidateKeys.begin(),
                        candidateKeys.begin() + std::ssize(candidates));
  offer.readSlots.assign(slots.begin(), slots.end());
  offer.computedKeys.clear();
  offer.targets = 0;
  const CacheIndex &index = *input.caches[offer.cache];
  auto rows =
      lookup.resize<int32_t>(Component::PushedRows, computedKeys.size());
  for (size_t place = 0; place != computedKeys.size(); ++place) {
    int32_t row = findComputedRow(index, computedKeys[place], lookup);
    if (row < 0)
      continue;
    rows[offer.computedKeys.size()] = row;
    offer.computedKeys.push_back(computedKeys[place]);
    offer.targets += static_cast<int64_t>(place) < computedTargets;
  }
  lookup.resize<int32_t>(Component::PushedRows, offer.computedKeys.size());
  for (Component table :
       {Component::EvictedKeys, Component::PushedKeys, Component::PushedSlots})
    lookup.resize<int32_t>(table, 0);
}

/// Makes the tables of what the replacer decided.
void StepTables::listChanges(const CacheIndex &cache, TableSet &lookup) {
  std::erase_if(cacheChanges.evictedKeys,
                [&](int32_t key) { return cache.slot(key) < 0; });
  std::copy(cacheChanges.evictedKeys.begin(), cacheChanges.evictedKeys.end(),
            lookup
                .resize<int32_t>(Component::EvictedKeys,
                                 cacheChanges.evictedKeys.size())
                .begin());
  int64_t bound = cacheChanges.writtenKeys.size();
  auto rows = lookup.resize<int32_t>(Component::PushedRows, bound);
  auto keys = lookup.resize<int32_t>(Component::PushedKeys, bound);
  auto slots = lookup.resize<int32_t>(Component::PushedSlots, bound);
  int64_t count = 0;
  for (int64_t write = 0; write != bound; ++write) {
    int32_t key = cacheChanges.writtenKeys[write];
    int32_t row = findComputedRow(cache, key, lookup);
    if (row < 0)
      continue;
    rows[count] = row;
    keys[count] = key;
    slots[count++] = cacheChanges.writtenSlots[write];
  }
  for (Component table :
       {Component::PushedRows, Component::PushedKeys, Component::PushedSlots})
    lookup.resize<int32_t>(table, count);
}
