//===- RowFeatures.cpp - Features that stand in the events' rows ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RowFeatures.h"

#include "TextRows.h"

#include <algorithm>
#include <cmath>

using namespace orcinus;

RowFeatures::RowFeatures(std::string path, size_t columns,
                         std::string_view text)
    : path(std::move(path)), columns(columns) {
  // A field and its separator take two bytes at least, which bounds the room
  // that a malformed file can ask for.
  if (columns > 0)
    values.reserve(std::min(static_cast<size_t>(countLines(text)) * columns,
                            text.size() / 2 + 1));
}

bool RowFeatures::add(std::string_view field, int64_t line) {
  float value = 0;
  NumberKind kind = parseReal(field, value);
  if (kind == NumberKind::Valid && std::isfinite(value)) {
    values.push_back(value);
    return true;
  }
  firstError = errorAtLine(path, line,
                           "feature " + quoteForMessage(field) +
                               (kind == NumberKind::Malformed
                                    ? " is not a number"
                                    : " is not finite in single precision") +
                               "; correct or remove the row");
  return false;
}

FeatureMatrix RowFeatures::take(std::span<const int32_t> rowOfEvent) {
  FeatureMatrix matrix;
  if (columns == 0)
    return matrix;
  matrix.rows = static_cast<int64_t>(values.size() / columns);
  matrix.columns = static_cast<int64_t>(columns);
  matrix.values = std::move(values);
  if (rowOfEvent.empty())
    return matrix;
  std::vector<float> reordered(matrix.values.size());
  for (size_t event = 0; event < rowOfEvent.size(); ++event)
    std::copy_n(matrix.row(rowOfEvent[event]), columns,
                reordered.data() + event * columns);
  matrix.values = std::move(reordered);
  return matrix;
}
