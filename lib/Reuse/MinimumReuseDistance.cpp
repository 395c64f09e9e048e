//===- MinimumReuseDistance.cpp - The MRD policy --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Policies.h"
#include "SlotHeap.h"

using namespace orcinus;

namespace {

/// Minimum reuse distance (Orca, section 3): after batch t the cache holds the
/// m entries of least reuse distance among M_{t-1} ∪ B_t ∪ U_t. Seen from one
/// batch, the least distance is the earliest batch of next reuse; entries that
/// are never reused, or not before they pass the age limit, are dropped.
/// Ties: of entries with the same next reuse the greater node id goes, so that
/// M_t does not depend on the order of the offers.
///
/// Without an age limit this maximises the unique hits over all policies. With
/// one it is a heuristic: a miss then also rejuvenates the entry.
class MinimumReuseDistance final : public ReplacementPolicy {
public:
  explicit MinimumReuseDistance(const PolicyOptions &options)
      : ReplacementPolicy(options.capacity, options.maxAge) {}

  PolicyKind kind() const override { return PolicyKind::MinimumReuseDistance; }

private:
  /// Greater is worse: next reuse above node id.
  using Key = uint64_t;

  static Key makeKey(int32_t nextReuse, int32_t node) {
    return static_cast<uint64_t>(nextReuse) << 32 | static_cast<uint32_t>(node);
  }

  static bool isReused(Key key) { return key < makeKey(neverReused, 0); }

  /// `nextReuse`, or never where an entry that was written in batch `written`
  /// will be too old by then.
  int32_t limitByAge(int32_t nextReuse, int32_t written) const {
    bool tooOld = nextReuse != neverReused && nextReuse - written > maxAge();
    return tooOld ? neverReused : nextReuse;
  }

  void update(int32_t slot, int32_t nextReuse) {
    nextReuse = limitByAge(nextReuse, writtenAt(slot));
    heap.update(slot, makeKey(nextReuse, nodeAt(slot)));
  }

  void entryHit(int32_t slot, int32_t nextReuse) override {
    // An entry without another reuse is still read in this batch. Its key, the
    // least of all, is cheaper to erase later than to bring to the top now.
    if (limitByAge(nextReuse, writtenAt(slot)) == neverReused)
      usedUp.push_back(slot);
    else
      update(slot, nextReuse);
  }

  void entryRefreshed(int32_t slot, const Offer &offer) override {
    update(slot, offer.nextReuse);
  }

  void entryInserted(int32_t slot, const Offer &offer) override {
    Key key = makeKey(offer.nextReuse, offer.node);
    if (isReplacing)
      heap.replaceTop(slot, key);
    else
      heap.push(slot, key);
    isReplacing = false;
  }

  void entryEvicted(int32_t slot) override {
    if (!isReplacing)
      heap.erase(slot);
  }

  bool admits(const Offer &offer) const override {
    return limitByAge(offer.nextReuse, batch()) != neverReused;
  }

  int32_t chooseVictim(const Offer &offer) override {
    isReplacing = makeKey(offer.nextReuse, offer.node) < heap.topKey();
    return isReplacing ? heap.topSlot() : noSlot;
  }

  void beginReplacement() override {
    for (int32_t slot : usedUp)
      if (nodeAt(slot) != noNode)
        evict(slot);
    usedUp.clear();
    while (!heap.empty() && !isReused(heap.topKey()))
      evict(heap.topSlot());
  }

  void clear() override {
    heap.clear();
    isReplacing = false;
    usedUp.clear();
  }

  SlotHeap<Key> heap;
  /// Whether the top of the heap is about to leave for an offer, which then
  /// takes its place in one step.
  bool isReplacing = false;
  /// Slots that this batch reads for the last time.
  std::vector<int32_t> usedUp;
};

} // namespace

std::unique_ptr<ReplacementPolicy>
orcinus::createMinimumReuseDistance(const PolicyOptions &options) {
  return std::make_unique<MinimumReuseDistance>(options);
}
