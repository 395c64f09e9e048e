//===- ShardLayout.h - Which events a shard has -----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_SHARDLAYOUT_H
#define RUNTIME_TRAIN_SHARDLAYOUT_H

#include "orcinus/Runtime/Communicator.h"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace orcinus {

/// How a batch is cut into shards, consecutive events of about the same number,
/// and which process has which: each as many, consecutive ones.
struct ShardLayout {
  /// `processes`, null for one alone, divide `shards`.
  ShardLayout(int64_t shards, const Communicator *processes)
      : shards(shards), own(shards / (processes ? processes->size() : 1)),
        first(processes ? processes->rank() * own : 0) {}

  /// The events [first, second) of a batch of so many.
  std::pair<size_t, size_t> eventsOf(int64_t shard, size_t batchEvents) const {
    size_t count = static_cast<size_t>(shards);
    size_t number = static_cast<size_t>(shard);
    return {number * batchEvents / count, (number + 1) * batchEvents / count};
  }

  /// The process that has a shard.
  int64_t processOf(int64_t shard) const { return shard / own; }

  int64_t shards;
  /// How many this process has, and its first one.
  int64_t own;
  int64_t first;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_SHARDLAYOUT_H
