//===- LabelCollector.h - Labels that stand in the events' rows -*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_LABELCOLLECTOR_H
#define ORCINUS_LIB_GRAPH_LABELCOLLECTOR_H

#include "TextNumbers.h"
#include "orcinus/Graph/EventStream.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// Takes labels as text fields, row after row, and gives them as columns.
class LabelCollector {
public:
  explicit LabelCollector(const std::vector<std::string> &names);

  /// Adds the next row's label to column `index`.
  void add(size_t index, std::string_view text);

  /// The columns with the rows in the order `rowOfEvent` (empty: as added).
  std::vector<LabelColumn> take(std::span<const int32_t> rowOfEvent);

private:
  std::vector<LabelColumn> columns;
  /// Of each column.
  std::vector<TextNumbers> texts;
};

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_LABELCOLLECTOR_H
