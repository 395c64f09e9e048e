//===- LeastFrequentlyUsed.cpp - The LFU policy ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Policies.h"
#include "SlotHeap.h"

#include <utility>

using namespace orcinus;

namespace {

/// Evicts the entry that was read or written in the fewest batches since it
/// came; a count does not outlive its entry, and a newcomer always enters.
/// Ties: the least recently used one goes; accesses are numbered in the order
/// of the calls, so that there are no ties beyond that.
class LeastFrequentlyUsed final : public ReplacementPolicy {
public:
  explicit LeastFrequentlyUsed(const PolicyOptions &options)
      : ReplacementPolicy(options.capacity, options.maxAge) {}

  PolicyKind kind() const override { return PolicyKind::LeastFrequentlyUsed; }

private:
  /// Greater is worse: uses and number of the last access, both negated.
  using Key = std::pair<int64_t, int64_t>;

  void countUse(int32_t slot) {
    heap.update(slot, {-++uses[slot], -++accesses});
  }

  void entryHit(int32_t slot, int32_t nextReuse) override { countUse(slot); }

  void entryRefreshed(int32_t slot, const Offer &offer) override {
    countUse(slot);
  }

  void entryInserted(int32_t slot, const Offer &offer) override {
    if (slot >= static_cast<int32_t>(uses.size()))
      uses.resize(slot + 1);
    uses[slot] = 1;
    heap.push(slot, {-1, -++accesses});
  }

  void entryEvicted(int32_t slot) override { heap.erase(slot); }

  int32_t chooseVictim(const Offer &offer) override { return heap.topSlot(); }

  void clear() override {
    uses.clear();
    accesses = 0;
    heap.clear();
  }

  std::vector<int64_t> uses;
  int64_t accesses = 0;
  SlotHeap<Key> heap;
};

} // namespace

std::unique_ptr<ReplacementPolicy>
orcinus::createLeastFrequentlyUsed(const PolicyOptions &options) {
  return std::make_unique<LeastFrequentlyUsed>(options);
}
