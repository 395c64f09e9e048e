//===- ColumnEvidence.cpp - What the values of columns tell ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ColumnEvidence.h"

#include "TimeColumn.h"

#include <algorithm>
#include <cmath>

using namespace orcinus;

void ColumnEvidence::add(std::string_view text) {
  double value = 0;
  bool isNumber =
      parseReal(text, value) == NumberKind::Valid && std::isfinite(value);
  std::optional<int64_t> date = isNumber ? std::nullopt : parseIsoTime(text);
  ++values;
  numbers += isNumber;
  dates += date.has_value();
  if (!isNumber && !date)
    return;
  if (date)
    value = static_cast<double>(*date);
  fractional |= isNumber && value != std::floor(value);
  sorted &= value >= last;
  last = value;
  largest = std::max(largest, value);
}

std::vector<ColumnEvidence>
orcinus::gatherEvidence(TextRows rows, Separator separator, size_t columns) {
  constexpr int sampledRows = 10000;
  std::vector<ColumnEvidence> evidence(columns);
  std::vector<std::string_view> fields(columns);
  FieldSplitter splitter(separator);
  std::string buffer;
  for (int row = 0; row < sampledRows && rows.next(); ++row) {
    if (splitter.split(rows.row(), fields) != columns)
      continue;
    for (size_t column = 0; column < columns; ++column)
      evidence[column].add(withDecimalPoint(fields[column], separator, buffer));
  }
  return evidence;
}

/// The only column for which `holds` is true.
template <typename Predicate>
static std::optional<size_t>
findOnly(const std::vector<ColumnEvidence> &evidence, Predicate holds) {
  auto found = std::find_if(evidence.begin(), evidence.end(), holds);
  if (found == evidence.end() ||
      std::find_if(found + 1, evidence.end(), holds) != evidence.end())
    return std::nullopt;
  return static_cast<size_t>(found - evidence.begin());
}

/// Whether the values of column `column` reach beyond those of the others.
static bool reachesBeyond(const std::vector<ColumnEvidence> &evidence,
                          size_t column) {
  for (size_t other = 0; other < evidence.size(); ++other)
    if (other != column && evidence[other].couldBeTime() &&
        evidence[column].largest <= evidence[other].largest)
      return false;
  return evidence[column].couldBeTime();
}

std::optional<std::pair<size_t, std::string>>
orcinus::chooseTimeColumn(const std::vector<ColumnEvidence> &evidence,
                          bool sort) {
  auto name = [](size_t column) {
    return "column " + std::to_string(column + 1);
  };
  using Evidence = const ColumnEvidence &;
  if (auto only = findOnly(evidence, [](Evidence e) { return e.hasDates(); }))
    return std::pair(*only, name(*only) + " alone has dates");
  if (auto only = findOnly(evidence, [](Evidence e) { return e.hasNumbers(); }))
    return std::pair(*only, name(*only) + " alone has numbers");
  if (auto only = findOnly(
          evidence, [](Evidence e) { return e.hasNumbers() && e.fractional; }))
    return std::pair(*only, name(*only) + " alone has fractions");
  size_t last = evidence.size() - 1;
  if (evidence[last].couldBeTime() && evidence[last].sorted)
    return std::pair(last, name(last) + " is sorted");
  for (size_t i = 0; i < last; ++i)
    if (evidence[i].sorted && reachesBeyond(evidence, i))
      return std::pair(i, name(i) + " is sorted and has the largest values");
  if (!sort || reachesBeyond(evidence, last))
    return std::pair(last, "no column is sorted; time is usually last");
  return std::nullopt;
}
