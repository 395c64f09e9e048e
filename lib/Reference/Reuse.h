//===- Reuse.h - Orca's recursion, slowly -----------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A model whose inner embeddings are shared within a batch and cached between
// batches (Orca, section 2), without bounds on the caches. It is an oracle: one
// map a layer, one vector an embedding.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REFERENCE_REUSE_H
#define ORCINUS_REFERENCE_REUSE_H

#include "lib/Reference/Reference.h"

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace orcinus::reference {

struct ReuseOptions {
  /// Whether an embedding that is neither shared nor cached is computed; else
  /// it is zero.
  bool recompute = false;
  /// Whether only embeddings of times up to the reader's are shared.
  bool causal = false;
  /// Whether embeddings of the batch's queries are shared with no reader of
  /// neighbours, nor kept, unless neighbours are embedded at their event's
  /// time.
  bool separate = false;
  /// In batches: an older entry counts as uncached.
  int64_t maxAge = INT64_MAX;
};

class ReusingModel {
public:
  /// Keeps a reference to `model`, whose states it does not change.
  ReusingModel(const Model &model, const ReuseOptions &options)
      : model(model), options(options) {}

  /// The mean binary cross-entropy of the batch; ends the batch.
  double loss(const Batch &batch);

  /// Empty caches: the start of an epoch.
  void resetCaches();

private:
  /// A node and the time it is embedded for.
  using Query = std::pair<int32_t, double>;
  using Embeddings = std::map<Query, Vector>;

  /// What names a cached embedding: a node or, where neighbours are embedded at
  /// their event's time, the event too.
  using Key = std::pair<int32_t, int32_t>;
  struct Entry {
    Vector embedding;
    int64_t batch;
  };

  Embeddings compute(int32_t layer, const std::set<Query> &queries,
                     std::map<Key, Query> recomputed);
  std::optional<Query> findShared(const std::set<Query> &queries,
                                  const Neighbour &neighbour,
                                  double time) const;
  const Entry *findCached(int32_t layer, const Key &key) const;
  Key keyOf(const Neighbour &neighbour) const;
  void push(int32_t layer, const Embeddings &embeddings,
            const std::map<Key, Query> &missing,
            const std::map<Key, Query> &recomputed);

  const Model &model;
  ReuseOptions options;
  int64_t batch = 0;
  std::vector<int32_t> events;
  /// By layer.
  std::map<int32_t, std::map<Key, Entry>> caches;
};

} // namespace orcinus::reference

#endif // ORCINUS_REFERENCE_REUSE_H
