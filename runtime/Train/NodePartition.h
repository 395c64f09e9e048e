//===- NodePartition.h - Which process has which nodes' rows ----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_NODEPARTITION_H
#define RUNTIME_TRAIN_NODEPARTITION_H

#include <cstdint>

namespace orcinus {

/// The nodes in turn among processes: node n is row n / size of process
/// n mod size. Streams number nodes as they come, so that early ones, which
/// are mostly the busy ones, are spread.
struct NodePartition {
  int32_t rank = 0;
  int32_t size = 1;

  int32_t owner(int32_t node) const { return node % size; }
  /// The node's row at its owner.
  int32_t row(int32_t node) const { return node / size; }
  bool owns(int32_t node) const { return owner(node) == rank; }
  /// The node of a row of this process.
  int32_t node(int32_t row) const { return row * size + rank; }
  /// How many of `nodes` nodes `process` has.
  int32_t rows(int32_t nodes, int32_t process) const {
    return nodes / size + (process < nodes % size ? 1 : 0);
  }
  int32_t rows(int32_t nodes) const { return rows(nodes, rank); }
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_NODEPARTITION_H
