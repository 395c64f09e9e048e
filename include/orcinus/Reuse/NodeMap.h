//===- NodeMap.h - A hash map from nodes to small numbers -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REUSE_NODEMAP_H
#define ORCINUS_REUSE_NODEMAP_H

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace orcinus {

/// An open-addressing hash map from node ids to 32-bit values, with linear
/// probing and backward-shift deletion. Its memory is proportional to the most
/// entries it has held, never to |V|: it is what keeps a cache of m entries at
/// O(m) bytes and the work of a batch independent of the graph's size.
class NodeMap {
public:
  NodeMap() { rehash(16); }

  /// The value of `node`, or nullptr. Valid until the next change of the map.
  const int32_t *find(int32_t node) const {
    uint32_t index = home(node);
    for (; entries[index].node != noNode; index = (index + 1) & mask)
      if (entries[index].node == node)
        return &entries[index].value;
    return nullptr;
  }

  /// Maps `node` to `value` unless it is mapped already. Returns its value
  /// and whether it was inserted.
  std::pair<int32_t, bool> tryInsert(int32_t node, int32_t value) {
    uint32_t index = home(node);
    for (; entries[index].node != noNode; index = (index + 1) & mask)
      if (entries[index].node == node)
        return {entries[index].value, false};
    entries[index] = {node, value};
    if (2 * ++count > entries.size())
      rehash(2 * entries.size());
    return {value, true};
  }

  /// Removes `node`; does nothing where it is not mapped.
  void erase(int32_t node);

  /// Removes all entries and keeps the memory. O(table).
  void clear();

  int64_t size() const { return static_cast<int64_t>(count); }

private:
  static constexpr int32_t noNode = -1;

  struct Entry {
    int32_t node = noNode;
    int32_t value = 0;
  };

  /// Fibonacci hashing: the product's top bits spread ids with any stride.
  uint32_t home(int32_t node) const {
    return (static_cast<uint32_t>(node) * 2654435769u) >> shift;
  }

  /// Moves the entries to a table of `size` places, a power of two.
  void rehash(size_t size);

  std::vector<Entry> entries;
  size_t count = 0;
  uint32_t mask = 0;
  uint32_t shift = 0;
};

} // namespace orcinus

#endif // ORCINUS_REUSE_NODEMAP_H
