//===- LabelCollector.cpp - Labels that stand in rows ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LabelCollector.h"

using namespace orcinus;

LabelCollector::LabelCollector(const std::vector<std::string> &names)
    : columns(names.size()), codes(names.size()) {
  for (size_t index = 0; index != names.size(); ++index)
    columns[index].name = names[index];
}

void LabelCollector::add(size_t index, std::string_view text) {
  LabelColumn &column = columns[index];
  if (text.empty()) {
    column.codes.push_back(-1);
    return;
  }
  auto next = static_cast<int32_t>(column.texts.size());
  auto [place, isNew] = codes[index].try_emplace(std::string(text), next);
  if (isNew)
    column.texts.emplace_back(text);
  column.codes.push_back(place->second);
}

std::vector<LabelColumn>
LabelCollector::take(std::span<const int32_t> rowOfEvent) {
  for (LabelColumn &column : columns) {
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
