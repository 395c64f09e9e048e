//===- RowPartition.h - Which process has which rows -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_ROWPARTITION_H
#define RUNTIME_TRAIN_ROWPARTITION_H

#include <cstdint>

namespace orcinus {

/// The rows of an array in turn among processes: row n is the one at n / size
/// of process n mod size. Streams number nodes as they come, so that early
/// ones, which are mostly the busy ones, are spread; so are the slots of a
/// cache, whichever of them its policy takes.
struct RowPartition {
  int32_t rank = 0;
  int32_t size = 1;

  int32_t owner(int32_t row) const { return row % size; }
  bool owns(int32_t row) const { return owner(row) == rank; }
  /// Where its owner has the row.
  int32_t place(int32_t row) const { return row / size; }
  /// The row at a place of this process.
  int32_t rowAt(int32_t place) const { return place * size + rank; }
  /// How many of `rows` rows `process` has.
  int64_t count(int64_t rows, int32_t process) const {
    return rows / size + (process < rows % size ? 1 : 0);
  }
  int64_t count(int64_t rows) const { return count(rows, rank); }
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_ROWPARTITION_H
