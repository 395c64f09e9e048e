//===- CacheLookup.cpp - What is computed and what is reused --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/StepTables.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

using namespace orcinus;

ReuseStatistics &ReuseStatistics::operator+=(const ReuseStatistics &other) {
  reads += other.reads;
  inBatchReads += other.inBatchReads;
  outOfBatchReads += other.outOfBatchReads;
  hits += other.hits;
  recomputed += other.recomputed;
  cold += other.cold;
  ageSum += other.ageSum;
  maxAge = std::max(maxAge, other.maxAge);
  return *this;
}

void StepTables::cacheLookup(int32_t query, int32_t neighbourhood,
                             int32_t lookup, int32_t cache, int32_t share) {
  const TableSet *queries = use(query, TableKind::Query, "cache_lookup");
  const TableSet *neighbours =
      use(neighbourhood, TableKind::Neighbourhood, "cache_lookup");
  TableSet *set = define(lookup, TableKind::Frontier);
  if (!queries || !neighbours || !set)
    return;
  auto caches = input.state->caches();
  if (cache < 1 || cache > static_cast<int32_t>(caches.size()) || share < 0 ||
      share > 1)
    return fail(
        fmt::format("cache_lookup of cache {} with sharing {}", cache, share));
  IndexState::CacheAges &ages = caches[cache - 1];
  insertTargets(*queries, *set);
  orderTargets(*set);
  int64_t rows =
      assignSources(*queries, *neighbours, /*causal=*/share == 1, ages, *set);
  invertRows(*neighbours, rows, *set);
  pushTargets(ages, *set);
  ++ages.lookups;
}

/// One row for each distinct (node, time) of the queries.
void StepTables::insertTargets(const TableSet &query, TableSet &lookup) {
  auto nodes = query.values<int32_t>(Component::Nodes);
  auto times = query.values<double>(Component::Times);
  int64_t queries = nodes.size();
  int32_t *rowNodes = lookup.resize<int32_t>(Component::Nodes, queries).data();
  double *rowTimes = lookup.resize<double>(Component::Times, queries).data();
  auto self = lookup.resize<int32_t>(Component::Self, queries);
  lookup.key = FrontierKey::QueryTime;
  lookup.index.clear(/*byTime=*/true);
  int32_t rowCount = 0;
  for (int64_t index = 0; index != queries; ++index)
    self[index] = lookup.index.insert(nodes[index], times[index], rowNodes,
                                      rowTimes, rowCount);
  lookup.resize<int32_t>(Component::Nodes, rowCount);
  lookup.resize<double>(Component::Times, rowCount);
}

void StepTables::orderTargets(const TableSet &lookup) {
  auto nodes = lookup.values<int32_t>(Component::Nodes);
  auto times = lookup.values<double>(Component::Times);
  targetOrder.resize(nodes.size());
  std::iota(targetOrder.begin(), targetOrder.end(), 0);
  std::sort(targetOrder.begin(), targetOrder.end(),
            [&](int32_t left, int32_t right) {
              return std::pair(nodes[left], times[left]) <
                     std::pair(nodes[right], times[right]);
            });
}

/// The row of `node` with the latest time that is not after `time`; -1 where
/// there is none.
int32_t StepTables::findTarget(const TableSet &lookup, int32_t node,
                               double time) const {
  auto nodes = lookup.values<int32_t>(Component::Nodes);
  auto times = lookup.values<double>(Component::Times);
  auto next = std::upper_bound(
      targetOrder.begin(), targetOrder.end(), std::pair(node, time),
      [&](const std::pair<int32_t, double> &wanted, int32_t row) {
        return wanted < std::pair(nodes[row], times[row]);
      });
  if (next == targetOrder.begin() || nodes[*(next - 1)] != node)
    return -1;
  return *(next - 1);
}

/// Gives each neighbour its row: a fresh one, or a cached one behind them.
/// Returns how many rows there are.
int64_t StepTables::assignSources(const TableSet &query,
                                  const TableSet &neighbourhood, bool causal,
                                  IndexState::CacheAges &ages,
                                  TableSet &lookup) {
  auto times = query.values<double>(Component::Times);
  auto neighbours = neighbourhood.values<int32_t>(Component::Nodes);
  auto counts = neighbourhood.values<int32_t>(Component::Counts);
  int64_t k = neighbourhood.neighboursPerQuery;
  auto rows = lookup.resize<int32_t>(Component::Neighbours, counts.size(), k);
  int64_t bound = neighbours.size();
  int32_t *cached = lookup.resize<int32_t>(Component::CachedRows, bound).data();
  double *unused = cachedTimes.reserve<double>(bound).data();
  auto fresh =
      static_cast<int32_t>(lookup.values<int32_t>(Component::Nodes).size());
  constexpr double end = std::numeric_limits<double>::infinity();
  cachedNodes.clear(/*byTime=*/false);
  int32_t cachedCount = 0;
  ReuseStatistics &statistics = reuseStatistics;
  for (size_t index = 0; index != counts.size(); ++index) {
    int64_t begin = index * k, valid = begin + counts[index];
    for (int64_t flat = begin; flat != valid; ++flat) {
      int32_t node = neighbours[flat];
      rows[flat] = findTarget(lookup, node, causal ? times[index] : end);
      ++statistics.reads;
      if (rows[flat] >= 0) {
        ++statistics.inBatchReads;
        continue;
      }
      rows[flat] =
          fresh + cachedNodes.insert(node, 0, cached, unused, cachedCount);
      ++statistics.outOfBatchReads;
      int32_t writtenAt = ages.writtenAt[node];
      if (writtenAt == IndexState::CacheAges::never) {
        ++statistics.cold;
        continue;
      }
      ++statistics.hits;
      int64_t age = ages.lookups - writtenAt;
      statistics.ageSum += age;
      statistics.maxAge = std::max(statistics.maxAge, age);
    }
    std::fill(rows.begin() + valid, rows.begin() + begin + k, 0);
  }
  lookup.resize<int32_t>(Component::CachedRows, cachedCount);
  return fresh + cachedCount;
}

/// The latest row of each node goes to the cache.
void StepTables::pushTargets(IndexState::CacheAges &ages, TableSet &lookup) {
  auto nodes = lookup.values<int32_t>(Component::Nodes);
  int64_t bound = targetOrder.size();
  auto pushedRows = lookup.resize<int32_t>(Component::PushedRows, bound);
  auto pushedNodes = lookup.resize<int32_t>(Component::PushedNodes, bound);
  int64_t count = 0;
  for (int64_t place = 0; place != bound; ++place) {
    int32_t row = targetOrder[place], node = nodes[row];
    if (place + 1 != bound && nodes[targetOrder[place + 1]] == node)
      continue;
    pushedRows[count] = row;
    pushedNodes[count++] = node;
    ages.writtenAt[node] = ages.lookups;
  }
  lookup.resize<int32_t>(Component::PushedRows, count);
  lookup.resize<int32_t>(Component::PushedNodes, count);
}
