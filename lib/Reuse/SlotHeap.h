//===- SlotHeap.h - A heap of slots with changeable keys --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_REUSE_SLOTHEAP_H
#define ORCINUS_LIB_REUSE_SLOTHEAP_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace orcinus {

/// A heap of distinct slots with the greatest key on top. Push, update and
/// erase are O(log size). Keys should be distinct: equal ones leave open which
/// slot is on top.
template <typename Key>
class SlotHeap {
public:
  bool empty() const { return places.empty(); }
  int32_t topSlot() const { return places.front().slot; }
  const Key &topKey() const { return places.front().key; }

  void push(int32_t slot, const Key &key) {
    if (slot >= static_cast<int32_t>(positions.size()))
      positions.resize(slot + 1);
    places.push_back({key, slot});
    siftUp(places.size() - 1);
  }

  void update(int32_t slot, const Key &key) {
    size_t position = positions[slot];
    bool up = places[position].key < key;
    places[position].key = key;
    up ? siftUp(position) : siftDown(position);
  }

  void erase(int32_t slot) {
    size_t position = positions[slot];
    Place moved = places.back();
    places.pop_back();
    if (position == places.size())
      return;
    bool up = places[position].key < moved.key;
    places[position] = moved;
    up ? siftUp(position) : siftDown(position);
  }

  /// Puts another slot in the place of the top one.
  void replaceTop(int32_t slot, const Key &key) {
    if (slot >= static_cast<int32_t>(positions.size()))
      positions.resize(slot + 1);
    places.front() = {key, slot};
    siftDown(0);
  }

  void clear() { places.clear(); }

private:
  /// Four children a place: half the depth of a binary heap, and the children
  /// share a cache line.
  static constexpr size_t arity = 4;

  struct Place {
    Key key;
    int32_t slot;
  };

  void put(size_t position, const Place &place) {
    places[position] = place;
    positions[place.slot] = static_cast<uint32_t>(position);
  }

  void siftUp(size_t position) {
    Place place = places[position];
    while (position > 0) {
      size_t parent = (position - 1) / arity;
      if (!(places[parent].key < place.key))
        break;
      put(position, places[parent]);
      position = parent;
    }
    put(position, place);
  }

  void siftDown(size_t position) {
    Place place = places[position];
    for (;;) {
      size_t child = arity * position + 1;
      if (child >= places.size())
        break;
      size_t end = std::min(child + arity, places.size());
      for (size_t sibling = child + 1; sibling < end; ++sibling)
        if (places[child].key < places[sibling].key)
          child = sibling;
      if (!(place.key < places[child].key))
        break;
      put(position, places[child]);
      position = child;
    }
    put(position, place);
  }

  std::vector<Place> places;
  /// The place of each slot that is in the heap.
  std::vector<uint32_t> positions;
};

} // namespace orcinus

#endif // ORCINUS_LIB_REUSE_SLOTHEAP_H
