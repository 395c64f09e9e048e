//===- LeastRecentlyUsed.cpp - The LRU policy -----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Policies.h"
#include "SlotList.h"

using namespace orcinus;

namespace {

/// Evicts the entry that was read or written longest ago. Within a batch the
/// lookups come first, then the offers, each in the order of the calls: there
/// are no ties.
class LeastRecentlyUsed final : public ReplacementPolicy {
public:
  explicit LeastRecentlyUsed(const PolicyOptions &options)
      : ReplacementPolicy(options.capacity, options.maxAge) {}

  PolicyKind kind() const override { return PolicyKind::LeastRecentlyUsed; }

private:
  void entryHit(int32_t slot, int32_t nextReuse) override {
    byRecency.moveToBack(slot);
  }

  void entryRefreshed(int32_t slot, const Offer &offer) override {
    byRecency.moveToBack(slot);
  }

  void entryInserted(int32_t slot, const Offer &offer) override {
    byRecency.pushBack(slot);
  }

  void entryEvicted(int32_t slot) override { byRecency.remove(slot); }

  int32_t chooseVictim(const Offer &offer) override {
    return byRecency.front();
  }

  void clear() override { byRecency.clear(); }

  SlotList byRecency;
};

} // namespace

std::unique_ptr<ReplacementPolicy>
orcinus::createLeastRecentlyUsed(const PolicyOptions &options) {
  return std::make_unique<LeastRecentlyUsed>(options);
}
