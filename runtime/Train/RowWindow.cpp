//===- RowWindow.cpp - The rows that the steps of a batch touch -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/RowWindow.h"

#include <algorithm>
#include <array>
#include <functional>

using namespace orcinus;

/// An array of the same rows, of which there is one at first.
static std::unique_ptr<FloatArray> arrayOfRows(const std::string &name,
                                               std::span<const int64_t> shape,
                                               Device *device) {
  std::vector<int64_t> extents(shape.begin(), shape.end());
  extents.front() = 1;
  return std::make_unique<FloatArray>(name, std::move(extents), device);
}

FloatArray *RowWindow::addArray(size_t number, size_t space,
                                const FloatArray &whole, Device *ofPrograms) {
  device = ofPrograms;
  auto place =
      std::ranges::lower_bound(all, number, std::less<>(), &Array::number);
  if (place == all.end() || place->number != number)
    place =
        all.insert(place, {number, space,
                           arrayOfRows(whole.name(), whole.shape(), device)});
  return place->values.get();
}

FloatArray *RowWindow::addFeatures(std::span<const float> source,
                                   int64_t columns, Device *ofPrograms) {
  device = ofPrograms;
  for (const Features &each : features)
    if (each.source.data() == source.data())
      return each.values.get();
  features.push_back(
      {source, arrayOfRows("features:node", std::array<int64_t, 2>{1, columns},
                           device)});
  return features.back().values.get();
}

const FloatArray *RowWindow::find(size_t number) const {
  auto place =
      std::ranges::lower_bound(all, number, std::less<>(), &Array::number);
  bool isThere = place != all.end() && place->number == number;
  return isThere ? place->values.get() : nullptr;
}

void RowWindow::clear() {
  for (Space &space : spaces) {
    space.rows.clear();
    space.index.clear(/*byTime=*/false);
  }
  written.clear();
  writes.clear();
  isChanged = isSettled = false;
}

void RowWindow::noteWritten(int32_t row) {
  if (writes.size() <= static_cast<size_t>(row))
    writes.resize(row + 1);
  if (writes[row])
    return;
  writes[row] = true;
  written.push_back(row);
}

void RowWindow::add(StepTables &step, std::span<const Table> tables,
                    bool changes) {
  for (const Table &table : tables) {
    std::span<int32_t> elements = step.rows(table.handle, table.component);
    if (spaces.size() <= table.space)
      spaces.resize(table.space + 1);
    Space &space = spaces[table.space];
    auto count = static_cast<int32_t>(space.rows.size());
    // Room for all that could be new, and then for what is.
    space.rows.resize(space.rows.size() + elements.size());
    for (int32_t &element : elements) {
      int32_t row = element / table.slots, slot = element % table.slots;
      int32_t found = space.index.insert(row, Timestamp(), space.rows.data(),
                                         /*times=*/nullptr, count);
      if (changes && table.space == nodes)
        noteWritten(found);
      element = found * table.slots + slot;
    }
    space.rows.resize(count);
  }
}

void RowWindow::close() {
  // At least half as many more than before where there are too few, so that
  // batches of wavering size soon fit.
  auto grow = [&](FloatArray &array, size_t space) {
    int64_t has = array.shape().front(), needs = std::ssize(rows(space));
    if (needs > has)
      array.growRows(std::max(needs, has + has / 2));
  };
  for (const Array &each : all) {
    grow(*each.values, each.space);
    // Nothing of it is kept.
    (void)each.values->replacedValues();
  }
  for (const Features &each : features) {
    grow(*each.values, nodes);
    auto columns = static_cast<size_t>(each.values->rowSize());
    float *next = each.values->replacedValues().data();
    for (int32_t node : rows(nodes))
      next =
          std::ranges::copy(each.source.subspan(node * columns, columns), next)
              .out;
  }
}
