//===- PlannedReplacer.cpp - A plan, batch by batch -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/CacheReplacer.h"

#include <cassert>

using namespace orcinus;

namespace {

/// The decisions of a plan by key, so that the trace, which is larger, need
/// not be kept.
class PlannedReplacer : public CacheReplacer {
public:
  PlannedReplacer(const AccessTrace &trace, const CachePlan &plan,
                  int64_t slotCount)
      : slots(slotCount), evictionOffsets(plan.evictionOffsets),
        writeOffsets(plan.writeOffsets) {
    evictedKeys.reserve(plan.evictions.size());
    for (const SlotEviction &eviction : plan.evictions)
      evictedKeys.push_back(eviction.node);
    writtenKeys.reserve(plan.writes.size());
    writtenSlots.reserve(plan.writes.size());
    for (int64_t batch = 0; batch != plan.batchCount(); ++batch)
      addWrites(trace, plan, batch);
  }

  int64_t slotCount() const override { return slots; }

  void replace(const CacheAccess &access, CacheChanges &changes) override {
    changes.clear();
    assert(access.batch + 1 < static_cast<int64_t>(writeOffsets.size()) &&
           "a batch beyond the plan");
    auto copy = [&](const std::vector<int64_t> &offsets,
                    const std::vector<int32_t> &from,
                    std::vector<int32_t> &to) {
      to.assign(from.begin() + offsets[access.batch],
                from.begin() + offsets[access.batch + 1]);
    };
    copy(evictionOffsets, evictedKeys, changes.evictedKeys);
    copy(writeOffsets, writtenKeys, changes.writtenKeys);
    copy(writeOffsets, writtenSlots, changes.writtenSlots);
  }

  void reset() override {}

private:
  /// Offers are numbered: the targets, then the neighbours that were not
  /// cached.
  void addWrites(const AccessTrace &trace, const CachePlan &plan,
                 int64_t batch) {
    auto targets = trace.batchTargets(batch);
    offers.assign(targets.begin(), targets.end());
    auto reads = trace.batchNeighbours(batch);
    auto readSlots = plan.batchReadSlots(trace, batch);
    for (size_t read = 0; read != reads.size(); ++read)
      if (readSlots[read] == noSlot)
        offers.push_back(reads[read].node);
    for (const SlotWrite &write : plan.batchWrites(batch)) {
      writtenKeys.push_back(offers[write.offer]);
      writtenSlots.push_back(write.slot);
    }
  }

  int64_t slots;
  std::vector<int64_t> evictionOffsets;
  std::vector<int32_t> evictedKeys;
  std::vector<int64_t> writeOffsets;
  std::vector<int32_t> writtenKeys;
  std::vector<int32_t> writtenSlots;
  /// Of one batch; kept for its storage.
  std::vector<int32_t> offers;
};

} // namespace

std::unique_ptr<CacheReplacer>
orcinus::createPlannedReplacer(const AccessTrace &trace, const CachePlan &plan,
                               int64_t slotCount) {
  return std::make_unique<PlannedReplacer>(trace, plan, slotCount);
}
