//===- RowIndex.cpp - Rows of a frontier by (node, time) ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/RowIndex.h"

#include <algorithm>

using namespace orcinus;

void RowIndex::clear(bool byTime) {
  keyedByTime = byTime;
  // Generation 0 marks slots that were never written.
  if (++generation == 0) {
    std::fill(slots.begin(), slots.end(), Slot());
    generation = 1;
  }
}

uint64_t RowIndex::hash(int32_t node, Timestamp time) const {
  uint64_t key = static_cast<uint32_t>(node);
  if (keyedByTime)
    key ^= static_cast<uint64_t>(time.key()) * 0x9e3779b97f4a7c15;
  key *= 0xbf58476d1ce4e5b9;
  key ^= key >> 32;
  key *= 0x94d049bb133111eb;
  return key ^ (key >> 29);
}

int32_t RowIndex::insert(int32_t node, Timestamp time, int32_t *nodes,
                         Timestamp *times, int32_t &rowCount) {
  if (slots.size() < 2 * (static_cast<size_t>(rowCount) + 1))
    grow(nodes, times, rowCount);
  size_t mask = slots.size() - 1;
  for (size_t position = hash(node, time);; ++position) {
    Slot &slot = slots[position & mask];
    if (slot.generation != generation) {
      slot = {generation, rowCount};
      nodes[rowCount] = node;
      if (times)
        times[rowCount] = time;
      return rowCount++;
    }
    if (nodes[slot.row] == node && (!keyedByTime || times[slot.row] == time))
      return slot.row;
  }
}

/// The row that `isRow` tells, from `position` on; -1 where there is none.
template <typename IsRow>
int32_t RowIndex::search(uint64_t position, IsRow isRow) const {
  if (slots.empty())
    return -1;
  for (size_t mask = slots.size() - 1;; ++position) {
    const Slot &slot = slots[position & mask];
    if (slot.generation != generation)
      return -1;
    if (isRow(slot.row))
      return slot.row;
  }
}

int32_t RowIndex::find(int32_t node, const int32_t *nodes) const {
  return search(hash(node, Timestamp()),
                [&](int32_t row) { return nodes[row] == node; });
}

int32_t RowIndex::find(int32_t node, Timestamp time, const int32_t *nodes,
                       const Timestamp *times) const {
  return search(hash(node, time), [&](int32_t row) {
    return nodes[row] == node && times[row] == time;
  });
}

void RowIndex::grow(const int32_t *nodes, const Timestamp *times,
                    int32_t rowCount) {
  slots.assign(std::max<size_t>(1024, 2 * slots.size()), Slot());
  size_t mask = slots.size() - 1;
  for (int32_t row = 0; row != rowCount; ++row) {
    size_t position = hash(nodes[row], keyedByTime ? times[row] : Timestamp());
    while (slots[position & mask].generation == generation)
      ++position;
    slots[position & mask] = {generation, row};
  }
}
