//===- OnlineReplacer.cpp - A policy that sees one batch at a time --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/CacheReplacer.h"

#include <cassert>

using namespace orcinus;

namespace {

class OnlineReplacer : public CacheReplacer {
public:
  explicit OnlineReplacer(const PolicyOptions &options)
      : policy(createReplacementPolicy(options)) {}

  int64_t slotCount() const override { return policy->capacity(); }

  void replace(const CacheAccess &access, CacheChanges &changes) override {
    changes.clear();
    for (size_t read = 0; read != access.readKeys.size(); ++read) {
      [[maybe_unused]] int32_t slot = policy->lookup(access.readKeys[read]);
      assert(slot == access.readSlots[read] &&
             "the map from keys to slots is not the policy's");
    }
    offers.clear();
    for (int32_t key : access.computedKeys)
      offers.push_back({key, neverReused});
    policy->replace(offers, decisions);
    for (const SlotEviction &eviction : decisions.evictions)
      changes.evictedKeys.push_back(eviction.node);
    for (const SlotWrite &write : decisions.writes) {
      changes.writtenKeys.push_back(offers[write.offer].node);
      changes.writtenSlots.push_back(write.slot);
    }
  }

  void reset() override { policy->reset(); }

private:
  std::unique_ptr<ReplacementPolicy> policy;
  std::vector<Offer> offers;
  ReplacementDecisions decisions;
};

} // namespace

std::unique_ptr<CacheReplacer>
orcinus::createOnlineReplacer(const PolicyOptions &options) {
  return std::make_unique<OnlineReplacer>(options);
}
