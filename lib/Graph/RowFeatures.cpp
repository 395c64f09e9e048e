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

RowFeatures::RowFeatures(std::string path, std::vector<FeatureKind> kinds,
                         std::string_view text)
    : path(std::move(path)), kinds(std::move(kinds)),
      codes(this->kinds.size()) {
  // A field and its separator take two bytes at least, which bounds the room
  // that a malformed file can ask for.
  if (size_t columns = this->kinds.size())
    values.reserve(std::min(static_cast<size_t>(countLines(text)) * columns,
                            text.size() / 2 + 1));
}

bool RowFeatures::fail(std::string_view field, int64_t line, const char *what) {
  firstError =
      errorAtLine(path, line, "feature " + quoteForMessage(field) + what);
  return false;
}

bool RowFeatures::addCategory(std::string_view field, int64_t line) {
  size_t index = values.size() % kinds.size();
  // One-hot columns multiply the memory of all rows; floats count to 2^24.
  constexpr size_t mostColumns = 1024, mostCodes = 1 << 24;
  auto &known = codes[index];
  auto [place, isNew] =
      known.try_emplace(std::string(field), static_cast<int64_t>(known.size()));
  if (isNew && kinds[index] == FeatureKind::OneHot &&
      known.size() > mostColumns)
    return fail(field, line,
                " is the 1025th text of its column, too many for a feature "
                "each; take their numbers (--category-codes)");
  if (isNew && known.size() > mostCodes)
    return fail(field, line,
                " is the 16777217th text of its column, too many for single "
                "precision; leave the column out");
  values.push_back(static_cast<float>(place->second));
  return true;
}

bool RowFeatures::add(std::string_view field, int64_t line) {
  if (kinds[values.size() % kinds.size()] != FeatureKind::Number)
    return addCategory(field, line);
  float value = 0;
  NumberKind kind = parseReal(field, value);
  if (kind == NumberKind::Malformed)
    return fail(field, line, " is not a number; correct or remove the row");
  if (kind == NumberKind::OutOfRange || !std::isfinite(value))
    return fail(field, line,
                " is not finite in single precision; correct or remove the "
                "row");
  values.push_back(value);
  return true;
}

int64_t RowFeatures::width(size_t index) const {
  return kinds[index] == FeatureKind::OneHot
             ? static_cast<int64_t>(codes[index].size())
             : 1;
}

FeatureMatrix RowFeatures::take(std::span<const int32_t> rowOfEvent) {
  FeatureMatrix matrix;
  if (kinds.empty())
    return matrix;
  size_t rows = values.size() / kinds.size();
  matrix.rows = static_cast<int64_t>(rows);
  for (size_t index = 0; index < kinds.size(); ++index)
    matrix.columns += width(index);
  if (rowOfEvent.empty() && matrix.columns == std::ssize(kinds)) {
    matrix.values = std::move(values);
    return matrix;
  }
  std::vector<float> wide(rows * static_cast<size_t>(matrix.columns));
  float *next = wide.data();
  for (size_t event = 0; event < rows; ++event) {
    size_t row =
        rowOfEvent.empty() ? event : static_cast<size_t>(rowOfEvent[event]);
    const float *given = values.data() + row * kinds.size();
    for (size_t index = 0; index < kinds.size(); ++index) {
      if (kinds[index] == FeatureKind::OneHot)
        next[static_cast<size_t>(given[index])] = 1;
      else
        *next = given[index];
      next += width(index);
    }
  }
  matrix.values = std::move(wide);
  return matrix;
}
