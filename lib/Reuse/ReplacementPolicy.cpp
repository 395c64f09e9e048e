//===- ReplacementPolicy.cpp - What a cache of embeddings keeps -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/ReplacementPolicy.h"

#include "Policies.h"

#include <cassert>
#include <string>

using namespace orcinus;

std::string_view orcinus::policyName(PolicyKind kind) {
  switch (kind) {
  case PolicyKind::MinimumReuseDistance:
    return "mrd";
  case PolicyKind::LeastRecentlyUsed:
    return "lru";
  case PolicyKind::TwoQueue:
    return "2q";
  case PolicyKind::LeastFrequentlyUsed:
    return "lfu";
  case PolicyKind::FirstInFirstOut:
    return "fifo";
  case PolicyKind::Random:
    return "random";
  }
  return "";
}

StatusOr<PolicyKind> orcinus::parsePolicyKind(std::string_view name) {
  std::string known;
  for (PolicyKind kind : allPolicyKinds) {
    if (policyName(kind) == name)
      return kind;
    known.append(known.empty() ? "" : ", ").append(policyName(kind));
  }
  return Status::error("unknown replacement policy '" + std::string(name) +
                       "', expected one of " + known);
}

std::unique_ptr<ReplacementPolicy>
orcinus::createReplacementPolicy(const PolicyOptions &options) {
  switch (options.kind) {
  case PolicyKind::MinimumReuseDistance:
    return createMinimumReuseDistance(options);
  case PolicyKind::LeastRecentlyUsed:
    return createLeastRecentlyUsed(options);
  case PolicyKind::TwoQueue:
    return createTwoQueue(options);
  case PolicyKind::LeastFrequentlyUsed:
    return createLeastFrequentlyUsed(options);
  case PolicyKind::FirstInFirstOut:
    return createFirstInFirstOut(options);
  case PolicyKind::Random:
    return createRandomReplacement(options);
  }
  return nullptr;
}

ReplacementPolicy::ReplacementPolicy(int32_t capacity, int32_t maxAge)
    : maxEntries(capacity), ageLimit(maxAge) {
  assert(capacity >= 0 && maxAge >= 0 && "negative capacity or age limit");
}

ReplacementPolicy::~ReplacementPolicy() = default;

int32_t ReplacementPolicy::lookup(int32_t node, int32_t nextReuse) {
  const int32_t *slot = slots.find(node);
  if (!slot || age(*slot) > ageLimit)
    return noSlot;
  entryHit(*slot, nextReuse);
  return *slot;
}

void ReplacementPolicy::replace(std::span<const Offer> offers,
                                ReplacementDecisions &decisions) {
  decisions.clear();
  beginReplacement();
  for (size_t index = 0; index < offers.size(); ++index)
    handleOffer(offers, static_cast<int32_t>(index));
  emitDecisions(decisions);
  ++currentBatch;
}

void ReplacementPolicy::reset() {
  currentBatch = 0;
  slots.clear();
  entries.clear();
  freeSlots.clear();
  touchedSlots.clear();
  clear();
}

void ReplacementPolicy::handleOffer(std::span<const Offer> offers,
                                    int32_t index) {
  const Offer &offer = offers[index];
  int32_t slot = noSlot;
  if (const int32_t *resident = slots.find(offer.node)) {
    slot = *resident;
    touch(slot);
    entries[slot].writtenAt = currentBatch;
    entryRefreshed(slot, offer);
  } else {
    if (maxEntries == 0 || !admits(offer))
      return;
    if (size() == maxEntries) {
      int32_t victim = chooseVictim(offer);
      if (victim == noSlot)
        return;
      evict(victim);
    }
    slot = takeFreeSlot();
    touch(slot);
    entries[slot].node = offer.node;
    entries[slot].writtenAt = currentBatch;
    slots.tryInsert(offer.node, slot);
    entryInserted(slot, offer);
  }
  entries[slot].offer = index;
}

void ReplacementPolicy::evict(int32_t slot) {
  entryEvicted(slot);
  touch(slot);
  slots.erase(entries[slot].node);
  entries[slot].node = noNode;
  freeSlots.push_back(slot);
}

int32_t ReplacementPolicy::takeFreeSlot() {
  if (freeSlots.empty()) {
    entries.emplace_back();
    return static_cast<int32_t>(entries.size()) - 1;
  }
  int32_t slot = freeSlots.back();
  freeSlots.pop_back();
  return slot;
}

void ReplacementPolicy::touch(int32_t slot) {
  Entry &entry = entries[slot];
  if (entry.touched)
    return;
  entry.touched = true;
  entry.nodeBefore = entry.node;
  entry.offer = -1;
  touchedSlots.push_back(slot);
}

void ReplacementPolicy::emitDecisions(ReplacementDecisions &decisions) {
  for (int32_t slot : touchedSlots) {
    Entry &entry = entries[slot];
    entry.touched = false;
    if (entry.nodeBefore != noNode && entry.nodeBefore != entry.node)
      decisions.evictions.push_back({slot, entry.nodeBefore});
    if (entry.node != noNode)
      decisions.writes.push_back({slot, entry.offer});
  }
  touchedSlots.clear();
}
