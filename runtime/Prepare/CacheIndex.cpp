//===- CacheIndex.cpp - Which slot of a cache holds what ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/CacheIndex.h"

#include <algorithm>
#include <array>

using namespace orcinus;

CacheIndex::CacheIndex(NeighbourTime key, bool recomputesMisses,
                       int64_t keyCount,
                       std::unique_ptr<CacheReplacer> replacer)
    : keyedBy(key), recomputes(recomputesMisses), decides(std::move(replacer)),
      slotOf(keyCount, neverCached), writtenAt(decides->slotCount(), 0) {
  slotOfDescriptor.set(slotOf.data(), std::array{keyCount});
  writtenAtDescriptor.set(writtenAt.data(), std::array{decides->slotCount()});
}

void CacheIndex::reset() {
  batches = 0;
  std::fill(slotOf.begin(), slotOf.end(), neverCached);
  decides->reset();
}

void CacheIndex::change(std::span<const int32_t> evictedKeys,
                        std::span<const int32_t> writtenKeys,
                        std::span<const int32_t> writtenSlots) {
  for (int32_t key : evictedKeys)
    if (slotOf[key] >= 0)
      slotOf[key] = notCached;
  for (size_t write = 0; write != writtenKeys.size(); ++write) {
    slotOf[writtenKeys[write]] = writtenSlots[write];
    writtenAt[writtenSlots[write]] = batches;
  }
}

const MemrefDescriptor *CacheIndex::part(int32_t number) const {
  if (number == 0)
    return &slotOfDescriptor;
  return number == 1 ? &writtenAtDescriptor : nullptr;
}
