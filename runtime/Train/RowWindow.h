//===- RowWindow.h - The rows that the steps of a batch touch ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_ROWWINDOW_H
#define RUNTIME_TRAIN_ROWWINDOW_H

#include "runtime/Prepare/RowIndex.h"
#include "runtime/Prepare/StepTables.h"
#include "runtime/Train/ModelState.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace orcinus {

/// The rows that prepared steps read or write, those of one step or of all
/// parts of a batch, one behind the other, where the process does not have all
/// rows. Programs are bound to it in place of the whole arrays, and tables of
/// rows are numbered by it: what a program computes does not depend on where a
/// row lies.
class RowWindow {
public:
  /// What rows are numbered together: `nodes`, or 1 more than the number of a
  /// cache.
  static constexpr size_t nodes = 0;
  static constexpr size_t ofCache(size_t cache) { return cache + 1; }

  /// A table whose elements are rows: of nodes, or of a mailbox that has so
  /// many slots a node, or of a cache.
  struct Table {
    int32_t handle = 0;
    Component component = Component::Nodes;
    size_t space = nodes;
    int32_t slots = 1;
  };

  /// The array of the window that stands for array `number` of the exchange,
  /// which is `whole` and has rows of `space`. It stays where it is.
  FloatArray *addArray(size_t number, size_t space, const FloatArray &whole,
                       Device *ofPrograms);
  /// The same for what is no state and has a row `node` of `source`.
  FloatArray *addFeatures(std::span<const float> source, int64_t columns,
                          Device *ofPrograms);

  /// Forgets all rows.
  void clear();
  /// Takes the rows that these tables of the step have, and replaces them by
  /// rows of the window. `changes` says that the step writes to rows of nodes.
  void add(StepTables &step, std::span<const Table> tables, bool changes);
  /// Makes room for what was added, and fills in the features; what states and
  /// caches have is to be fetched.
  void close();

  /// The rows of a space, in order of the window's.
  std::span<const int32_t> rows(size_t space) const {
    return space < spaces.size() ? std::span<const int32_t>(spaces[space].rows)
                                 : std::span<const int32_t>();
  }
  /// The window's row for one of a space, or -1.
  int32_t find(size_t space, int32_t row) const {
    return space < spaces.size() ? spaces[space].find(row) : -1;
  }
  /// Of the nodes, the window's rows that a step writes to, each once.
  std::span<const int32_t> writtenRows() const { return written; }
  bool isWritten(int32_t row) const {
    return static_cast<size_t>(row) < writes.size() && writes[row];
  }

  /// An array that stands for one of the exchange's.
  struct Array {
    size_t number;
    size_t space;
    std::unique_ptr<FloatArray> values;
  };
  /// In order of their numbers.
  std::span<const Array> arrays() const { return all; }
  /// Null where there is none of that number.
  const FloatArray *find(size_t number) const;
  /// Whether programs on a device have it, too: then only one thread at a time
  /// may look at its arrays.
  bool isMirrored() const { return device != nullptr; }

  /// Whether a step has written to rows of nodes, and no process has taken them
  /// out yet; and whether they were taken.
  bool isChanged = false;
  bool isSettled = false;

private:
  /// The rows that were added, each once, and where they are.
  struct Space {
    Space() { index.clear(/*byTime=*/false); }
    int32_t find(int32_t row) const { return index.find(row, rows.data()); }
    std::vector<int32_t> rows;
    RowIndex index;
  };
  struct Features {
    std::span<const float> source;
    std::unique_ptr<FloatArray> values;
  };
  void noteWritten(int32_t row);

  Device *device = nullptr;
  std::vector<Array> all;
  std::vector<Features> features;
  std::vector<Space> spaces;
  std::vector<int32_t> written;
  /// By row of the nodes.
  std::vector<uint8_t> writes;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_ROWWINDOW_H
