//===- TwoQueue.cpp - The 2Q policy ---------------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Policies.h"
#include "SlotList.h"

#include <algorithm>

using namespace orcinus;

namespace {

/// The ids of the nodes that left a cache lately, at most `capacity` of them.
class EvictedNodes {
public:
  explicit EvictedNodes(int32_t capacity) : capacity(capacity) {}

  void add(int32_t node) {
    if (static_cast<int32_t>(ring.size()) < capacity) {
      positions.tryInsert(node, static_cast<int32_t>(ring.size()));
      ring.push_back(node);
      return;
    }
    if (ring[oldest] != noNode)
      positions.erase(ring[oldest]);
    positions.tryInsert(node, oldest);
    ring[oldest] = node;
    oldest = (oldest + 1) % capacity;
  }

  /// Forgets `node`; whether it was known. Its place stays empty until the
  /// ring comes round to it.
  bool take(int32_t node) {
    const int32_t *position = positions.find(node);
    if (!position)
      return false;
    ring[*position] = noNode;
    positions.erase(node);
    return true;
  }

  void clear() {
    ring.clear();
    positions.clear();
    oldest = 0;
  }

private:
  int32_t capacity;
  std::vector<int32_t> ring;
  NodeMap positions;
  int32_t oldest = 0;
};

/// 2Q in its full version (Johnson and Shasha, VLDB 1994) with the authors'
/// sizes: newcomers enter a FIFO that may hold a quarter of the capacity; the
/// ids of the nodes it evicts are remembered, half a capacity of them; a node
/// offered while it is remembered enters the LRU queue. Reads of newcomers
/// change nothing. Ties: none, both queues follow the order of the calls.
class TwoQueue final : public ReplacementPolicy {
public:
  explicit TwoQueue(const PolicyOptions &options)
      : ReplacementPolicy(options.capacity, options.maxAge),
        newcomerShare(std::max(1, options.capacity / 4)),
        evictedNewcomers(std::max(1, options.capacity / 2)) {}

  PolicyKind kind() const override { return PolicyKind::TwoQueue; }

private:
  void use(int32_t slot) {
    if (!isNewcomer[slot])
      returned.moveToBack(slot);
  }

  void entryHit(int32_t slot, int32_t nextReuse) override { use(slot); }

  void entryRefreshed(int32_t slot, const Offer &offer) override { use(slot); }

  void entryInserted(int32_t slot, const Offer &offer) override {
    if (slot >= static_cast<int32_t>(isNewcomer.size()))
      isNewcomer.resize(slot + 1);
    isNewcomer[slot] = !isReturning && !evictedNewcomers.take(offer.node);
    isReturning = false;
    (isNewcomer[slot] ? newcomers : returned).pushBack(slot);
  }

  void entryEvicted(int32_t slot) override {
    (isNewcomer[slot] ? newcomers : returned).remove(slot);
    if (isNewcomer[slot])
      evictedNewcomers.add(nodeAt(slot));
  }

  int32_t chooseVictim(const Offer &offer) override {
    // Asked first: the victim's id may take the place of the offer's.
    isReturning = evictedNewcomers.take(offer.node);
    bool fromNewcomers = newcomers.size() > newcomerShare || returned.empty();
    return (fromNewcomers ? newcomers : returned).front();
  }

  void clear() override {
    newcomers.clear();
    returned.clear();
    isNewcomer.clear();
    evictedNewcomers.clear();
  }

  int32_t newcomerShare;
  SlotList newcomers;
  SlotList returned;
  /// One a slot: which queue holds it.
  std::vector<uint8_t> isNewcomer;
  EvictedNodes evictedNewcomers;
  /// Whether the offer that a slot is being made free for was remembered.
  bool isReturning = false;
};

} // namespace

std::unique_ptr<ReplacementPolicy>
orcinus::createTwoQueue(const PolicyOptions &options) {
  return std::make_unique<TwoQueue>(options);
}
