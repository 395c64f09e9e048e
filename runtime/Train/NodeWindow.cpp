//===- NodeWindow.cpp - The rows of nodes that a step touches -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/NodeWindow.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

using namespace orcinus;

/// An array of the same rows, of which there is one at first.
static std::unique_ptr<FloatArray> arrayOfRows(const std::string &name,
                                               std::span<const int64_t> shape,
                                               Device *device) {
  std::vector<int64_t> extents(shape.begin(), shape.end());
  extents.front() = 1;
  return std::make_unique<FloatArray>(name, std::move(extents), device);
}

void NodeWindow::addTable(RowTable table) {
  // Numbered once, however often it is bound.
  bool isKnown = std::ranges::any_of(tables, [&](const RowTable &each) {
    return each.handle == table.handle && each.component == table.component;
  });
  if (!isKnown)
    tables.push_back(table);
}

FloatArray *NodeWindow::addArray(size_t number, const FloatArray &whole,
                                 Device *device) {
  auto place = std::ranges::lower_bound(stateRows, number, std::less<>(),
                                        &StateRows::number);
  if (place == stateRows.end() || place->number != number)
    place = stateRows.insert(
        place, {number, arrayOfRows(whole.name(), whole.shape(), device)});
  return place->array.get();
}

FloatArray *NodeWindow::addFeatures(std::span<const float> source,
                                    int64_t columns, Device *device) {
  featureRows.push_back(
      {source, arrayOfRows("features:node", std::array<int64_t, 2>{1, columns},
                           device)});
  return featureRows.back().array.get();
}

/// Rows of all arrays for all nodes, at least half as many more than before
/// where there are too few, so that batches of wavering size soon fit.
void NodeWindow::makeRoom() {
  auto grow = [&](FloatArray &array) {
    int64_t has = array.shape().front(), needs = std::ssize(rowNodes);
    if (needs > has)
      array.growRows(std::max(needs, has + has / 2));
  };
  for (const StateRows &each : stateRows)
    grow(*each.array);
  for (const FeatureRows &each : featureRows)
    grow(*each.array);
}

void NodeWindow::renumber(StepTables &step) {
  rows.clear(/*byTime=*/false);
  size_t most = 0;
  for (const RowTable &table : tables)
    most += step.rows(table.handle, table.component).size();
  // Room for all that rows could be, and then for those that there are.
  rowNodes.resize(most);
  int32_t count = 0;
  for (const RowTable &table : tables)
    for (int32_t &row : step.rows(table.handle, table.component)) {
      int32_t node = row / table.slots, slot = row % table.slots;
      int32_t found =
          rows.insert(node, Timestamp(), rowNodes.data(), nullptr, count);
      row = found * table.slots + slot;
    }
  rowNodes.resize(count);
  isChanged = false;
  makeRoom();
  for (const FeatureRows &each : featureRows) {
    auto columns = static_cast<size_t>(each.array->rowSize());
    float *next = each.array->replacedValues().data();
    for (int32_t node : rowNodes)
      next =
          std::ranges::copy(each.source.subspan(node * columns, columns), next)
              .out;
  }
}
