//===- TableSet.h - The tables that one handle names ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_PREPARE_TABLESET_H
#define RUNTIME_PREPARE_TABLESET_H

#include "runtime/Prepare/Component.h"
#include "runtime/Prepare/RowIndex.h"
#include "runtime/Prepare/Table.h"

#include <cstdint>
#include <deque>
#include <vector>

namespace orcinus {

/// What the tables of a handle are together. A frontier is a query set too.
enum class TableKind : uint8_t { Result, Query, Neighbourhood, Frontier };

/// How a frontier tells its rows apart: the `key` of docs/abi.md.
enum class FrontierKey : int32_t { QueryTime = 0, EventTime = 1, Node = 2 };

/// Which row of a batch a neighbour is given whose node it embeds anyway: the
/// `share` of docs/abi.md.
enum class RowSharing : int32_t { Paper = 0, Causal = 1, Separate = 2 };

/// The tables that one handle of a prepare function names.
struct TableSet {
  TableKind kind = TableKind::Result;
  /// The step that defined it last.
  uint64_t step = 0;
  /// By component. They never move: programs are bound to them.
  std::deque<Table> tables;

  /// Of a neighbourhood: k, and the times of the sampled events, [Q, k].
  int64_t neighboursPerQuery = 0;
  AlignedBuffer eventTimes;

  /// Of a frontier.
  FrontierKey key = FrontierKey::QueryTime;
  RowIndex index;
  AlignedBuffer cursors;
  /// Of a lookup of embeddings keyed by event: the keys of the rows that it,
  /// or a lookup above it, has computed because they were not cached.
  std::vector<int32_t> recomputedKeys;
  /// Of a lookup.
  RowSharing sharing = RowSharing::Paper;

  /// An empty table where the component was never made.
  const Table &operator[](Component component) const {
    static const Table none;
    return component.index() < tables.size() ? tables[component.index()] : none;
  }
  Table &at(Component component) {
    if (component.index() >= tables.size())
      tables.resize(component.index() + 1);
    return tables[component.index()];
  }
  template <typename T>
  std::span<const T> values(Component component) const {
    return (*this)[component].values<T>();
  }
  template <typename T>
  std::span<T> resize(Component component, int64_t count) {
    return at(component).resize<T>(count, step);
  }
  template <typename T>
  std::span<T> resize(Component component, int64_t rows, int64_t columns) {
    return at(component).resize<T>(rows, columns, step);
  }
};

} // namespace orcinus

#endif // RUNTIME_PREPARE_TABLESET_H
