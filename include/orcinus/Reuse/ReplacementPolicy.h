//===- ReplacementPolicy.h - What a cache of embeddings keeps ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A cache M^l holds the layer-l embeddings of at most `capacity` nodes (Orca,
// sections 2 and 3). A policy decides which: it knows node ids, slots and ages,
// but no embedding. Both the simulator and the training runtime drive it, and
// its decisions are explicit so that a compiled program can copy the rows.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REUSE_REPLACEMENTPOLICY_H
#define ORCINUS_REUSE_REPLACEMENTPOLICY_H

#include "orcinus/Reuse/NodeMap.h"
#include "orcinus/Support/Status.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace orcinus {

/// The slot of a node that is not cached.
inline constexpr int32_t noSlot = -1;
/// The node of an empty slot.
inline constexpr int32_t noNode = -1;
/// The next reuse of an entry that is never reused: an infinite distance.
inline constexpr int32_t neverReused = std::numeric_limits<int32_t>::max();
/// An age limit that no entry reaches.
inline constexpr int32_t unlimitedAge = std::numeric_limits<int32_t>::max();
/// A capacity that no cache reaches.
inline constexpr int32_t unlimitedCapacity =
    std::numeric_limits<int32_t>::max();

/// An embedding that was computed in the current batch and may be cached: that
/// of a target (B_t) or of a recomputed neighbour (U_t).
struct Offer {
  int32_t node = noNode;
  /// The batch that next reads it out of the cache (see ReuseDistances), or
  /// `neverReused`. Policies that know no future ignore it.
  int32_t nextReuse = neverReused;
};

/// Copy the embedding of the offer number `offer` to `slot`.
struct SlotWrite {
  int32_t slot = noSlot;
  int32_t offer = 0;

  bool operator==(const SlotWrite &) const = default;
};

/// `node` leaves `slot`.
struct SlotEviction {
  int32_t slot = noSlot;
  int32_t node = noNode;

  bool operator==(const SlotEviction &) const = default;
};

/// What turns M_{t-1} into M_t. The decisions are net: an entry that came and
/// went within one batch is not among them, and no slot is written twice.
/// First read the hits out of their slots, then apply the evictions, then the
/// writes: a write may go to a slot that this very batch still reads, and an
/// evicted node may be written again, to another slot.
struct ReplacementDecisions {
  std::vector<SlotEviction> evictions;
  std::vector<SlotWrite> writes;

  void clear() {
    evictions.clear();
    writes.clear();
  }
};

enum class PolicyKind {
  /// Minimum reuse distance: keeps what is read again soonest. Offline; most
  /// unique hits of all policies (Orca, section 3).
  MinimumReuseDistance,
  /// Evicts what was read or written longest ago.
  LeastRecentlyUsed,
  /// Johnson and Shasha's full 2Q: a FIFO of newcomers, an LRU of nodes that
  /// came back, and the ids of the latest evicted newcomers.
  TwoQueue,
  /// Evicts what was read or written in the fewest batches since it came.
  LeastFrequentlyUsed,
  /// Evicts what came first, however often it was refreshed since.
  FirstInFirstOut,
  /// Evicts a slot drawn uniformly.
  Random,
};

inline constexpr PolicyKind allPolicyKinds[] = {
    PolicyKind::MinimumReuseDistance,
    PolicyKind::LeastRecentlyUsed,
    PolicyKind::TwoQueue,
    PolicyKind::LeastFrequentlyUsed,
    PolicyKind::FirstInFirstOut,
    PolicyKind::Random};

/// The policy's name on the command line: mrd, lru, 2q, lfu, fifo or random.
std::string_view policyName(PolicyKind kind);

/// The policy of that name. Errors: an unknown name; the message lists all.
StatusOr<PolicyKind> parsePolicyKind(std::string_view name);

/// The entries of one cache M^l and the decision which of them stay.
///
/// The protocol of a batch t: `lookup` once for each unique out-of-batch
/// neighbour (M_{t-1} is not changed by it), then `replace` once with B_t and
/// U_t, which makes M_t. Where several entries are equally good to evict, each
/// policy says which one goes; the same calls give the same decisions on any
/// machine. Memory is O(min(capacity, nodes offered)).
class ReplacementPolicy {
public:
  virtual ~ReplacementPolicy();

  virtual PolicyKind kind() const = 0;
  int32_t capacity() const { return maxEntries; }
  int32_t maxAge() const { return ageLimit; }
  /// Entries held, those beyond the age limit included.
  int32_t size() const { return static_cast<int32_t>(slots.size()); }
  /// The current batch: how many times `replace` was called since `reset`.
  int32_t batch() const { return currentBatch; }

  /// The slot of `node` in M_{t-1}, or `noSlot` where it is not cached or its
  /// entry is older than the age limit: then it must be recomputed and offered.
  /// `nextReuse` is the batch that reads the entry next, after this one.
  int32_t lookup(int32_t node, int32_t nextReuse = neverReused);

  /// Whether `node` holds a slot, usable or not. Not counted as a use.
  bool contains(int32_t node) const { return slots.find(node) != nullptr; }
  /// The node of `slot`, or `noNode`.
  int32_t nodeAt(int32_t slot) const { return entries[slot].node; }
  /// The age in batches of the entry of `slot`, as the current batch reads it:
  /// what the previous batch wrote has age 1.
  int32_t age(int32_t slot) const {
    return currentBatch - entries[slot].writtenAt;
  }

  /// Makes M_t of M_{t-1} and the offers (B_t, then U_t, each node once), and
  /// begins the next batch. A cached node that is offered is written again.
  void replace(std::span<const Offer> offers, ReplacementDecisions &decisions);

  /// Forgets everything, as at an epoch's start.
  void reset();

protected:
  ReplacementPolicy(int32_t capacity, int32_t maxAge);

  /// Called when a lookup hits `slot`.
  virtual void entryHit(int32_t slot, int32_t nextReuse) = 0;
  /// Called when `offer` came to `slot`.
  virtual void entryInserted(int32_t slot, const Offer &offer) = 0;
  /// Called when the entry of `slot` was computed anew.
  virtual void entryRefreshed(int32_t slot, const Offer &offer) = 0;
  /// Called before the entry of `slot` leaves.
  virtual void entryEvicted(int32_t slot) = 0;
  /// The slot that a new offer takes in a full cache, or `noSlot` to refuse.
  virtual int32_t chooseVictim(const Offer &offer) = 0;
  /// Whether an offer is worth a free slot.
  virtual bool admits(const Offer &offer) const { return true; }
  /// Called before the offers of a batch are looked at; may call `evict`.
  virtual void beginReplacement() {}
  virtual void clear() = 0;

  /// Empties `slot`.
  void evict(int32_t slot);
  /// The batch that wrote the entry of `slot`.
  int32_t writtenAt(int32_t slot) const { return entries[slot].writtenAt; }

private:
  struct Entry {
    int32_t node = noNode;
    int32_t writtenAt = 0;
    /// Of the current batch: the offer written here, the node before it, and
    /// whether the slot is listed in `touchedSlots`.
    int32_t offer = -1;
    int32_t nodeBefore = noNode;
    bool touched = false;
  };

  void handleOffer(std::span<const Offer> offers, int32_t index);
  int32_t takeFreeSlot();
  void touch(int32_t slot);
  void emitDecisions(ReplacementDecisions &decisions);

  int32_t maxEntries;
  int32_t ageLimit;
  int32_t currentBatch = 0;
  NodeMap slots;
  /// One a slot that was ever used.
  std::vector<Entry> entries;
  std::vector<int32_t> freeSlots;
  std::vector<int32_t> touchedSlots;
};

/// What a policy is made from.
struct PolicyOptions {
  PolicyKind kind = PolicyKind::MinimumReuseDistance;
  /// The most entries a cache holds (m); 0 shares within a batch only.
  int32_t capacity = 0;
  /// In batches: an older entry counts as uncached.
  int32_t maxAge = unlimitedAge;
  /// Used by the random policy alone.
  uint64_t seed = 0;
};

/// Makes a policy. `capacity` and `maxAge` must not be negative.
std::unique_ptr<ReplacementPolicy>
createReplacementPolicy(const PolicyOptions &options);

} // namespace orcinus

#endif // ORCINUS_REUSE_REPLACEMENTPOLICY_H
