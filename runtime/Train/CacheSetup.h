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

/// Divides a memory of so many bytes of embeddings among the caches that are to
/// be given their capacities so. Errors: the manifest has no such cache though
/// there is a memory, or has some though there is none; a memory that is too
/// small; caches that cannot be planned together.
Status divideMemory(std::optional<int64_t> bytes, const CacheWorkload &workload,
                    Manifest &manifest);

/// The index sides of the manifest's caches, empty. Where the policy is mrd an
/// epoch of `workload` is planned, once for all epochs. Errors: caches whose
/// plans cannot be made together, a stream with too many events for keys of
/// 32 bits.
StatusOr<std::vector<std::unique_ptr<CacheIndex>>>
createCaches(const Manifest &manifest, const CacheWorkload &workload);

} // namespace orcinus

#endif // RUNTIME_TRAIN_CACHESETUP_H
