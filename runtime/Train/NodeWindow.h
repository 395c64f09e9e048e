//===- NodeWindow.h - The rows of nodes that a step touches -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_NODEWINDOW_H
#define RUNTIME_TRAIN_NODEWINDOW_H

#include "runtime/Prepare/RowIndex.h"
#include "runtime/Prepare/StepTables.h"
#include "runtime/Train/ModelState.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace orcinus {

/// The rows of nodes that one prepared step reads or writes, one behind the
/// other, where the process does not have those of all nodes. Programs are
/// bound to it in place of the whole arrays, and tables of nodes are numbered
/// by its rows: what a program computes does not depend on where a row lies.
class NodeWindow {
public:
  /// A table whose elements are rows: of nodes, or of a mailbox that has so
  /// many slots a node.
  struct RowTable {
    int32_t handle = 0;
    Component component = Component::Nodes;
    int32_t slots = 1;
  };

  void addTable(RowTable table);

  /// The array of the window that stands for array `number` of
  /// ModelState::nodeRows, which is `whole`, or for one that is no state's and
  /// has a row `node` of `source`. It stays where it is.
  FloatArray *addArray(size_t number, const FloatArray &whole, Device *device);
  FloatArray *addFeatures(std::span<const float> source, int64_t columns,
                          Device *device);

  /// Takes the nodes that the tables of the step have, and replaces these by
  /// rows of the window. Then features are there, and what states have is to
  /// be fetched.
  void renumber(StepTables &step);

  /// The nodes of the rows.
  std::span<const int32_t> nodes() const { return rowNodes; }
  /// The row of a node, or -1.
  int32_t find(int32_t node) const { return rows.find(node, rowNodes.data()); }

  /// An array that stands for one of ModelState::nodeRows.
  struct StateRows {
    size_t number;
    std::unique_ptr<FloatArray> array;
  };
  /// In order of their numbers.
  std::span<const StateRows> states() const { return stateRows; }

  /// Whether a step has written to the window since it was fetched.
  bool isChanged = false;

private:
  struct FeatureRows {
    std::span<const float> source;
    std::unique_ptr<FloatArray> array;
  };
  void makeRoom();

  std::vector<RowTable> tables;
  std::vector<StateRows> stateRows;
  std::vector<FeatureRows> featureRows;
  std::vector<int32_t> rowNodes;
  RowIndex rows;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_NODEWINDOW_H
