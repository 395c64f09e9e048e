//===- IdMapping.cpp - Dense node ids -------------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IdMapping.h"

#include <algorithm>
#include <bit>
#include <limits>

using namespace orcinus;

namespace {

/// Ranks ids of a narrow range: a table with one entry for each id of it.
class RangeRanks {
public:
  RangeRanks(int64_t smallest, int64_t largest)
      : smallest(smallest),
        ranks(static_cast<size_t>(largest - smallest + 1), 0) {}

  void insert(int64_t id) { ranks[index(id)] = 1; }

  /// Turns the marks into ranks; returns the ids in ascending order.
  std::vector<int64_t> rankAll() {
    std::vector<int64_t> ids;
    for (size_t i = 0; i < ranks.size(); ++i) {
      if (!ranks[i])
        continue;
      ranks[i] = static_cast<int32_t>(ids.size());
      ids.push_back(smallest + static_cast<int64_t>(i));
    }
    return ids;
  }

  int32_t rank(int64_t id) const { return ranks[index(id)]; }

private:
  size_t index(int64_t id) const { return static_cast<size_t>(id - smallest); }

  int64_t smallest;
  std::vector<int32_t> ranks;
};

/// Ranks ids of any range: an open-addressing hash table.
class HashRanks {
public:
  HashRanks() : slots(1 << 10) {}

  void insert(int64_t id) {
    Slot &slot = slots[find(id)];
    if (slot.id == id)
      return;
    slot.id = id;
    if (2 * ++count > slots.size())
      grow();
  }

  std::vector<int64_t> rankAll() {
    std::vector<int64_t> ids;
    ids.reserve(count);
    for (const Slot &slot : slots)
      if (slot.id >= 0)
        ids.push_back(slot.id);
    std::sort(ids.begin(), ids.end());
    for (size_t i = 0; i < ids.size(); ++i)
      slots[find(ids[i])].rank = static_cast<int32_t>(i);
    return ids;
  }

  int32_t rank(int64_t id) const { return slots[find(id)].rank; }

private:
  struct Slot {
    int64_t id = -1;
    int32_t rank = 0;
  };

  /// The slot that holds `id`, or the free one where it belongs.
  size_t find(int64_t id) const {
    // Fibonacci hashing: the high bits of the product are well mixed.
    size_t mask = slots.size() - 1;
    size_t slot = (static_cast<uint64_t>(id) * 0x9E3779B97F4A7C15) >>
                  (64 - std::countr_zero(slots.size()));
    while (slots[slot].id >= 0 && slots[slot].id != id)
      slot = (slot + 1) & mask;
    return slot;
  }

  void grow() {
    std::vector<Slot> old(2 * slots.size());
    old.swap(slots);
    for (const Slot &slot : old)
      if (slot.id >= 0)
        slots[find(slot.id)] = slot;
  }

  std::vector<Slot> slots;
  size_t count = 0;
};

} // namespace

/// Fills `dense` from `ids` and frees the latter.
template <typename Ranks>
static void rankIds(const Ranks &ranks, std::vector<int64_t> &ids,
                    std::vector<int32_t> &dense) {
  dense.resize(ids.size());
  for (size_t i = 0; i < ids.size(); ++i)
    dense[i] = ranks.rank(ids[i]);
  ids = {};
}

/// Ranks the ids of both lists into `stream`; returns the distinct ids in
/// ascending order, of which there may be too many for the ranks to be right.
template <typename Ranks>
static std::vector<int64_t>
rankStream(Ranks &&ranks, std::vector<int64_t> &sources,
           std::vector<int64_t> &destinations, EventStream &stream) {
  for (int64_t id : sources)
    ranks.insert(id);
  for (int64_t id : destinations)
    ranks.insert(id);
  std::vector<int64_t> ids = ranks.rankAll();
  rankIds(ranks, sources, stream.source);
  rankIds(ranks, destinations, stream.destination);
  return ids;
}

StatusOr<std::string> orcinus::densifyIds(std::vector<int64_t> &sources,
                                          std::vector<int64_t> &destinations,
                                          EventStream &stream,
                                          const std::string &path) {
  int64_t smallest = std::numeric_limits<int64_t>::max(), largest = 0;
  for (const std::vector<int64_t> *ids : {&sources, &destinations})
    for (int64_t id : *ids) {
      smallest = std::min(smallest, id);
      largest = std::max(largest, id);
    }
  // A table is faster than hashing, but only where its size is of the order of
  // the stream's own.
  int64_t widest = 4 * static_cast<int64_t>(sources.size()) + (1 << 16);
  std::vector<int64_t> ids =
      largest - smallest < widest
          ? rankStream(RangeRanks(smallest, largest), sources, destinations,
                       stream)
          : rankStream(HashRanks(), sources, destinations, stream);
  if (ids.size() > std::numeric_limits<int32_t>::max())
    return Status::error("'" + path + "' has " + std::to_string(ids.size()) +
                         " nodes, more than 2^31 - 1; split the file");

  stream.nodeCount = static_cast<int32_t>(ids.size());
  std::string range = std::to_string(smallest) + ".." + std::to_string(largest);
  bool hasGaps = largest - smallest != stream.nodeCount - 1;
  if (!hasGaps && smallest == 0)
    return "node ids " + range + " kept";
  stream.externalIds = std::move(ids);
  std::string target = "0.." + std::to_string(stream.nodeCount - 1);
  return "node ids " + range + (hasGaps ? " with gaps" : "") + " renumbered " +
         target;
}
