//===- CacheSetup.h - The caches that a program asks for --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_CACHESETUP_H
#define RUNTIME_TRAIN_CACHESETUP_H

#include "orcinus/Graph/TemporalGraph.h"
#include "orcinus/Support/Status.h"
#include "runtime/Prepare/CacheIndex.h"
#include "runtime/Train/Manifest.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace orcinus {

/// What an epoch trains on. The stream and the graph must outlive the caches.
struct CacheWorkload {
  const EventStream &stream;
  /// Of the training events alone.
  const TemporalGraph &graph;
  std::span<const int32_t> events;
  int64_t batchSize = 0;
  /// Of the random policy.
  uint64_t seed = 0;
};

/// What room there is for the caches whose capacities are left to training.
struct CacheRoom {
  /// Bytes of embeddings, to be divided among all of them …
  std::optional<int64_t> memory;
  /// … or the rows of each.
  std::optional<int32_t> capacity;
};

/// Gives the caches that share a memory their capacities. Errors: the manifest
/// has no such cache though there is room for them, or has some though there is
/// none; a memory that is too small; caches that cannot be planned together.
Status giveCapacities(const CacheRoom &room, const CacheWorkload &workload,
                      Manifest &manifest);

/// The rows of each cache beyond which its policy has no use for more: of mrd
/// by its plan, else all keys. Errors: no cache, or caches that cannot be
/// planned together.
StatusOr<std::vector<int32_t>> usefulRows(const CacheWorkload &workload,
                                          const Manifest &manifest);

/// The bytes of a row.
inline int64_t embeddingBytes(const CacheSpecification &cache) {
  return cache.width * static_cast<int64_t>(sizeof(float));
}

/// The index sides of the manifest's caches, empty. Where the policy is mrd an
/// epoch of `workload` is planned, once for all epochs. Errors: caches whose
/// plans cannot be made together, a stream with too many events for keys of
/// 32 bits.
StatusOr<std::vector<std::unique_ptr<CacheIndex>>>
createCaches(const Manifest &manifest, const CacheWorkload &workload);

} // namespace orcinus

#endif // RUNTIME_TRAIN_CACHESETUP_H
