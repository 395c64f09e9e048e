//===- Reuse.cpp - Orca's recursion, slowly -------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Reference/Reuse.h"

#include <algorithm>

using namespace orcinus;
using namespace orcinus::reference;

void ReusingModel::resetCaches() {
  caches.clear();
  batch = 0;
}

ReusingModel::Key ReusingModel::keyOf(const Neighbour &neighbour) const {
  bool byEvent = model.options.neighbourTime == NeighbourTime::Event;
  return {neighbour.node, byEvent ? neighbour.event : -1};
}

/// The query of this batch whose embedding a reader at `time` is given.
std::optional<ReusingModel::Query>
ReusingModel::findShared(const std::set<Query> &queries,
                         const Neighbour &neighbour, double time) const {
  if (model.options.neighbourTime == NeighbourTime::Event) {
    Query exact(neighbour.node, neighbour.time);
    return queries.contains(exact) ? std::optional(exact) : std::nullopt;
  }
  if (options.separate)
    return std::nullopt;
  std::optional<Query> latest;
  for (const Query &query : queries)
    if (query.first == neighbour.node &&
        (!options.causal || query.second <= time))
      latest = query;
  return latest;
}

const ReusingModel::Entry *ReusingModel::findCached(int32_t layer,
                                                    const Key &key) const {
  auto cache = caches.find(layer);
  if (cache == caches.end())
    return nullptr;
  auto entry = cache->second.find(key);
  if (entry == cache->second.end() ||
      batch - entry->second.batch > options.maxAge)
    return nullptr;
  return &entry->second;
}

/// h^layer of the queries, from the bottom up: what is missing in cache
/// layer-1 is computed with them. `recomputed` are those of the queries that
/// were missing in a cache above.
ReusingModel::Embeddings
ReusingModel::compute(int32_t layer, const std::set<Query> &queries,
                      std::map<Key, Query> recomputed) {
  Embeddings result;
  if (layer == 1) {
    for (const Query &query : queries)
      result[query] = model.embedding(1, query.first, query.second);
    return result;
  }
  std::map<Key, Query> missing;
  for (const auto &[node, time] : queries)
    for (const Neighbour &neighbour : model.neighbours(node, time)) {
      Key key = keyOf(neighbour);
      if (!options.recompute || findShared(queries, neighbour, time) ||
          findCached(layer - 1, key))
        continue;
      bool byEvent = model.options.neighbourTime == NeighbourTime::Event;
      double wanted = byEvent ? neighbour.time : time;
      auto [found, isNew] = missing.try_emplace(key, neighbour.node, wanted);
      double &chosen = found->second.second;
      chosen =
          options.causal ? std::min(chosen, wanted) : std::max(chosen, wanted);
    }
  std::set<Query> below = queries;
  for (const auto &[key, query] : missing)
    below.insert(query);
  recomputed.insert(missing.begin(), missing.end());
  Embeddings lower = compute(layer - 1, below, recomputed);
  for (const Query &query : queries)
    result[query] = model.apply(
        layer, lower.at(query), query.first, query.second,
        [&](const Neighbour &neighbour) -> Vector {
          if (auto shared = findShared(queries, neighbour, query.second))
            return lower.at(*shared);
          Key key = keyOf(neighbour);
          if (const Entry *entry = findCached(layer - 1, key))
            return entry->embedding;
          if (auto found = missing.find(key); found != missing.end())
            return lower.at(found->second);
          return Vector(lower.at(query).size(), 0.0);
        });
  push(layer - 1, lower, missing, recomputed);
  return result;
}

/// Of a node that was embedded several times, the latest is kept.
void ReusingModel::push(int32_t layer, const Embeddings &embeddings,
                        const std::map<Key, Query> &missing,
                        const std::map<Key, Query> &recomputed) {
  std::map<Key, Entry> &cache = caches[layer];
  bool byEvent = model.options.neighbourTime == NeighbourTime::Event;
  if (!byEvent && !options.separate) {
    // Ascending by node, then by time.
    for (const auto &[query, embedding] : embeddings)
      cache[{query.first, -1}] = {embedding, batch};
    return;
  }
  for (const auto &[key, query] : byEvent ? recomputed : missing)
    cache[key] = {embeddings.at(query), batch};
  if (!byEvent)
    return;
  for (int32_t event : events)
    for (int32_t node :
         {model.stream.source[event], model.stream.destination[event]})
      cache[{node, event}] = {
          embeddings.at({node, model.stream.seconds(event)}), batch};
}

double ReusingModel::loss(const Batch &current) {
  std::set<Query> targets;
  events = current.events;
  for (size_t place = 0; place < current.events.size(); ++place) {
    int32_t event = current.events[place];
    double time = model.stream.seconds(event);
    for (int32_t node :
         {model.stream.source[event], model.stream.destination[event],
          current.negatives[place]})
      targets.insert({node, time});
  }
  Embeddings embeddings = compute(model.options.layers, targets, {});
  ++batch;
  return model.loss(current, [&](int32_t node, double time) {
    return embeddings.at({node, time});
  });
}
