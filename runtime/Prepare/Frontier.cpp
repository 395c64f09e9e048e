//===- Frontier.cpp - Deduplicated unions of queries ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/InvertMap.h"
#include "runtime/Prepare/StepTables.h"

#include <fmt/format.h>

#include <algorithm>

using namespace orcinus;

void StepTables::frontier(int32_t query, int32_t neighbourhood,
                          int32_t frontier, int32_t key) {
  const TableSet *queries = use(query, TableKind::Query, "frontier");
  const TableSet *neighbours =
      use(neighbourhood, TableKind::Neighbourhood, "frontier");
  TableSet *set = define(frontier, TableKind::Frontier);
  if (!queries || !neighbours || !set)
    return;
  if (key < 0 || key > 2)
    return fail(fmt::format("frontier with key {}", key));
  if (queries->values<int32_t>(Component::Nodes).size() !=
      neighbours->values<int32_t>(Component::Counts).size())
    return fail(fmt::format("neighbourhood {} is not one of query set {}",
                            neighbourhood, query));
  insertRows(*queries, *neighbours, static_cast<FrontierKey>(key), *set);
  invertRows(*neighbours, set->values<int32_t>(Component::Nodes).size(), *set);
}

/// Makes a row of each distinct query, with room for `mostRows`, and the map
/// from queries to rows.
StepTables::FrontierRows StepTables::insertQueries(const TableSet &query,
                                                   int64_t mostRows,
                                                   FrontierKey key,
                                                   TableSet &frontier) {
  auto nodes = query.values<int32_t>(Component::Nodes);
  auto times = query.values<Timestamp>(Component::Times);
  FrontierRows rows{
      frontier.resize<int32_t>(Component::Nodes, mostRows).data(),
      frontier.resize<Timestamp>(Component::Times, mostRows).data(), 0};
  auto self = frontier.resize<int32_t>(Component::Self, nodes.size());
  frontier.key = key;
  frontier.index.clear(/*byTime=*/key != FrontierKey::Node);
  for (size_t index = 0; index != nodes.size(); ++index)
    self[index] = frontier.index.insert(nodes[index], times[index], rows.nodes,
                                        rows.times, rows.count);
  return rows;
}

/// Makes the rows, and the maps from queries and neighbours to them.
void StepTables::insertRows(const TableSet &query,
                            const TableSet &neighbourhood, FrontierKey key,
                            TableSet &frontier) {
  auto times = query.values<Timestamp>(Component::Times);
  auto neighbours = neighbourhood.values<int32_t>(Component::Nodes);
  auto counts = neighbourhood.values<int32_t>(Component::Counts);
  const auto *eventTimes =
      static_cast<const Timestamp *>(neighbourhood.eventTimes.data());
  int64_t queries = times.size();
  int64_t k = neighbourhood.neighboursPerQuery;

  // Every row may be distinct; the storage is kept, the shape cut afterwards.
  FrontierRows made = insertQueries(
      query, queries + static_cast<int64_t>(neighbours.size()), key, frontier);
  auto rows = frontier.resize<int32_t>(Component::Neighbours, queries, k);
  for (int64_t index = 0; index != queries; ++index) {
    int64_t begin = index * k, valid = begin + counts[index];
    for (int64_t flat = begin; flat != valid; ++flat) {
      Timestamp time =
          key == FrontierKey::EventTime ? eventTimes[flat] : times[index];
      rows[flat] = frontier.index.insert(neighbours[flat], time, made.nodes,
                                         made.times, made.count);
    }
    std::fill(rows.begin() + valid, rows.begin() + begin + k, 0);
  }
  frontier.resize<int32_t>(Component::Nodes, made.count);
  frontier.resize<Timestamp>(Component::Times, made.count);
}

/// The inverse of the map from queries to rows.
static void invertSelf(std::span<int32_t> cursors, TableSet &frontier) {
  auto self = frontier.values<int32_t>(Component::Self);
  int64_t rowCount = frontier.values<int32_t>(Component::Nodes).size();
  invertMap(frontier.resize<int32_t>(Component::SelfOffsets, rowCount + 1),
            cursors.first(rowCount),
            frontier.resize<int32_t>(Component::SelfReferences, self.size()),
            [&](auto record) {
              for (size_t index = 0; index != self.size(); ++index)
                record(self[index], static_cast<int32_t>(index));
            });
}

void StepTables::distinct(int32_t query, int32_t frontier, int32_t key) {
  const TableSet *queries = use(query, TableKind::Query, "distinct");
  TableSet *set = define(frontier, TableKind::Frontier);
  if (!queries || !set)
    return;
  if (key < 0 || key > 2)
    return fail(fmt::format("distinct with key {}", key));
  int64_t queryCount = queries->values<int32_t>(Component::Nodes).size();
  FrontierRows made =
      insertQueries(*queries, queryCount, static_cast<FrontierKey>(key), *set);
  set->resize<int32_t>(Component::Nodes, made.count);
  set->resize<Timestamp>(Component::Times, made.count);
  invertSelf(set->cursors.reserve<int32_t>(made.count), *set);
}

/// The inverses of a frontier's maps; neighbours refer to `referencedRows`
/// rows.
void StepTables::invertRows(const TableSet &neighbourhood,
                            int64_t referencedRows, TableSet &frontier) {
  auto rows = frontier.values<int32_t>(Component::Neighbours);
  auto counts = neighbourhood.values<int32_t>(Component::Counts);
  int64_t k = neighbourhood.neighboursPerQuery;
  int64_t valid = 0;
  for (int32_t count : counts)
    valid += count;
  auto cursors = frontier.cursors.reserve<int32_t>(referencedRows);

  invertSelf(cursors, frontier);
  invertMap(
      frontier.resize<int32_t>(Component::ReferenceOffsets, referencedRows + 1),
      cursors, frontier.resize<int32_t>(Component::References, valid),
      [&](auto record) {
        for (size_t index = 0; index != counts.size(); ++index)
          for (int64_t flat = index * k, end = flat + counts[index];
               flat != end; ++flat)
            record(rows[flat], static_cast<int32_t>(flat));
      });
}
