//===- SlotList.h - A list of slots in order --------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_REUSE_SLOTLIST_H
#define ORCINUS_LIB_REUSE_SLOTLIST_H

#include "orcinus/Reuse/ReplacementPolicy.h"

#include <cstdint>
#include <vector>

namespace orcinus {

/// A doubly linked list of distinct slots; every operation is O(1). Links live
/// in an array over the slots, which grows to the greatest slot in the list.
class SlotList {
public:
  bool empty() const { return first == noSlot; }
  int32_t size() const { return count; }
  /// The slot that was pushed longest ago, or `noSlot`.
  int32_t front() const { return first; }

  void pushBack(int32_t slot) {
    if (slot >= static_cast<int32_t>(links.size()))
      links.resize(slot + 1);
    links[slot] = {last, noSlot};
    (last == noSlot ? first : links[last].next) = slot;
    last = slot;
    ++count;
  }

  void remove(int32_t slot) {
    Link link = links[slot];
    (link.previous == noSlot ? first : links[link.previous].next) = link.next;
    (link.next == noSlot ? last : links[link.next].previous) = link.previous;
    --count;
  }

  void moveToBack(int32_t slot) {
    remove(slot);
    pushBack(slot);
  }

  void clear() { *this = SlotList(); }

private:
  struct Link {
    int32_t previous = noSlot;
    int32_t next = noSlot;
  };

  std::vector<Link> links;
  int32_t first = noSlot;
  int32_t last = noSlot;
  int32_t count = 0;
};

} // namespace orcinus

#endif // ORCINUS_LIB_REUSE_SLOTLIST_H
