//===- BoundaryLoad.h - Bytes in use at every batch boundary ----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_REUSE_BOUNDARYLOAD_H
#define ORCINUS_LIB_REUSE_BOUNDARYLOAD_H

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace orcinus {

/// The bytes in use at each of a number of batch boundaries: a segment tree
/// with range addition and range maximum, both O(log boundaries).
class BoundaryLoad {
public:
  explicit BoundaryLoad(int32_t boundaries)
      : leaves(std::bit_ceil(static_cast<uint32_t>(std::max(boundaries, 1)))),
        tree(2 * static_cast<size_t>(leaves)) {}

  /// Adds `bytes` at the boundaries [begin, end).
  void add(int32_t begin, int32_t end, int64_t bytes) {
    addBelow(1, 0, leaves, begin, end, bytes);
  }

  /// The most bytes at any of the boundaries [begin, end).
  int64_t maximum(int32_t begin, int32_t end) const {
    return maximumBelow(1, 0, leaves, begin, end);
  }

private:
  /// `added` holds for all boundaries below the node; `maximum` includes it.
  struct Node {
    int64_t added = 0;
    int64_t maximum = 0;
  };

  void addBelow(size_t node, int32_t first, int32_t last, int32_t begin,
                int32_t end, int64_t bytes) {
    if (end <= first || last <= begin)
      return;
    if (begin <= first && last <= end) {
      tree[node].added += bytes;
      tree[node].maximum += bytes;
      return;
    }
    int32_t middle = first + (last - first) / 2;
    addBelow(2 * node, first, middle, begin, end, bytes);
    addBelow(2 * node + 1, middle, last, begin, end, bytes);
    tree[node].maximum =
        tree[node].added +
        std::max(tree[2 * node].maximum, tree[2 * node + 1].maximum);
  }

  int64_t maximumBelow(size_t node, int32_t first, int32_t last, int32_t begin,
                       int32_t end) const {
    if (end <= first || last <= begin)
      return 0;
    if (begin <= first && last <= end)
      return tree[node].maximum;
    int32_t middle = first + (last - first) / 2;
    return tree[node].added +
           std::max(maximumBelow(2 * node, first, middle, begin, end),
                    maximumBelow(2 * node + 1, middle, last, begin, end));
  }

  int32_t leaves;
  std::vector<Node> tree;
};

} // namespace orcinus

#endif // ORCINUS_LIB_REUSE_BOUNDARYLOAD_H
