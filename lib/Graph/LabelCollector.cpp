//===- LabelCollector.cpp - Labels that stand in rows ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LabelCollector.h"

using namespace orcinus;

LabelCollector::LabelCollector(const std::vector<std::string> &names)
    : columns(names.size()), texts(names.size()) {
  for (size_t index = 0; index != names.size(); ++index)
    columns[index].name = names[index];
}

void LabelCollector::add(size_t index, std::string_view text) {
  columns[index].codes.push_back(text.empty() ? -1
                                              : texts[index].add(text).first);
}

std::vector<LabelColumn>
LabelCollector::take(std::span<const int32_t> rowOfEvent) {
  for (size_t index = 0; index != columns.size(); ++index) {
    LabelColumn &column = columns[index];
    column.texts = texts[index].texts();
    if (rowOfEvent.empty())
      continue;
    std::vector<int32_t> ordered;
    ordered.reserve(rowOfEvent.size());
    for (int32_t row : rowOfEvent)
      ordered.push_back(column.codes[static_cast<size_t>(row)]);
    column.codes = std::move(ordered);
  }
  return std::move(columns);
}
