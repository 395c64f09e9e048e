//===- FirstInFirstOut.cpp - The FIFO policy ------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Policies.h"
#include "SlotList.h"

using namespace orcinus;

namespace {

/// Evicts the entry that came first; neither a read nor a refresh changes the
/// order. Entries come in the order of the offers: there are no ties.
class FirstInFirstOut final : public ReplacementPolicy {
public:
  explicit FirstInFirstOut(const PolicyOptions &options)
      : ReplacementPolicy(options.capacity, options.maxAge) {}

  PolicyKind kind() const override { return PolicyKind::FirstInFirstOut; }

private:
  void entryHit(int32_t slot, int32_t nextReuse) override {}

  void entryRefreshed(int32_t slot, const Offer &offer) override {}

  void entryInserted(int32_t slot, const Offer &offer) override {
    byArrival.pushBack(slot);
  }

  void entryEvicted(int32_t slot) override { byArrival.remove(slot); }

  int32_t chooseVictim(const Offer &offer) override {
    return byArrival.front();
  }

  void clear() override { byArrival.clear(); }

  SlotList byArrival;
};

} // namespace

std::unique_ptr<ReplacementPolicy>
orcinus::createFirstInFirstOut(const PolicyOptions &options) {
  return std::make_unique<FirstInFirstOut>(options);
}
