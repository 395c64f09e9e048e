//===- RowIndex.h - Rows of a frontier by (node, time) ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_PREPARE_ROWINDEX_H
#define RUNTIME_PREPARE_ROWINDEX_H

#include "orcinus/Graph/Timestamp.h"

#include <cstdint>
#include <vector>

namespace orcinus {

/// An open-addressing hash of the rows of a frontier. It holds row numbers
/// alone and compares with the columns that it is given; it is emptied in
/// constant time (entries carry the generation that wrote them) and its
/// storage is kept from batch to batch.
class RowIndex {
public:
  /// Empties the index. Rows are told apart by node alone, or by node and
  /// time where `byTime`.
  void clear(bool byTime);

  /// The row of (node, time); where it is new, row `rowCount`, which is then
  /// appended to the columns `nodes` and `times` and counted. An index by node
  /// alone may do without `times` (null).
  int32_t insert(int32_t node, Timestamp time, int32_t *nodes, Timestamp *times,
                 int32_t &rowCount);

  /// The row of `node`, or -1; only for an index by node alone.
  int32_t find(int32_t node, const int32_t *nodes) const;

  /// The row of (node, time), or -1; only for an index by node and time.
  int32_t find(int32_t node, Timestamp time, const int32_t *nodes,
               const Timestamp *times) const;

private:
  struct Slot {
    uint32_t generation = 0;
    int32_t row = 0;
  };

  uint64_t hash(int32_t node, Timestamp time) const;
  template <typename IsRow>
  int32_t search(uint64_t position, IsRow isRow) const;
  void grow(const int32_t *nodes, const Timestamp *times, int32_t rowCount);

  /// A power of two, at least twice the number of rows.
  std::vector<Slot> slots;
  uint32_t generation = 0;
  bool keyedByTime = false;
};

} // namespace orcinus

#endif // RUNTIME_PREPARE_ROWINDEX_H
