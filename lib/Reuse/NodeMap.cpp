//===- NodeMap.cpp - A hash map from nodes to small numbers ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/NodeMap.h"

#include <algorithm>
#include <bit>

using namespace orcinus;

void NodeMap::erase(int32_t node) {
  uint32_t hole = home(node);
  while (entries[hole].node != node) {
    if (entries[hole].node == noNode)
      return;
    hole = (hole + 1) & mask;
  }
  // Entries after the hole move back into it unless that would put them
  // before their home place: no tombstones, so lookups stay short.
  for (uint32_t next = (hole + 1) & mask; entries[next].node != noNode;
       next = (next + 1) & mask) {
    uint32_t distance = (next - home(entries[next].node)) & mask;
    if (distance < ((next - hole) & mask))
      continue;
    entries[hole] = entries[next];
    hole = next;
  }
  entries[hole].node = noNode;
  --count;
}

void NodeMap::clear() {
  if (count == 0)
    return;
  std::fill(entries.begin(), entries.end(), Entry());
  count = 0;
}

void NodeMap::rehash(size_t size) {
  std::vector<Entry> previous = std::move(entries);
  entries.assign(size, Entry());
  mask = static_cast<uint32_t>(size - 1);
  shift = 32 - static_cast<uint32_t>(std::countr_zero(size));
  count = 0;
  for (const Entry &entry : previous)
    if (entry.node != noNode)
      tryInsert(entry.node, entry.value);
}
