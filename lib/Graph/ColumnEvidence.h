//===- ColumnEvidence.h - What the values of columns tell -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_COLUMNEVIDENCE_H
#define ORCINUS_LIB_GRAPH_COLUMNEVIDENCE_H

#include "TextRows.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace orcinus {

/// What the first rows tell of a column.
struct ColumnEvidence {
  int64_t values = 0;
  /// Of these, finite numbers, and dates of ISO 8601.
  int64_t numbers = 0;
  int64_t dates = 0;
  /// Of numbers and dates alone.
  bool fractional = false;
  bool sorted = true;
  double last = -std::numeric_limits<double>::infinity();
  double largest = -std::numeric_limits<double>::infinity();

  void add(std::string_view text);
  /// A damaged row does not change what a column is: half of the values say.
  bool hasNumbers() const { return numbers > 0 && 2 * numbers >= values; }
  bool hasDates() const { return dates > 0 && 2 * dates >= values; }
  bool couldBeTime() const { return hasNumbers() || hasDates(); }
};

/// Looks at the first 10,000 of `rows` with `columns` fields; others are left
/// to the loader, which reports them.
std::vector<ColumnEvidence> gatherEvidence(TextRows rows, Separator separator,
                                           size_t columns);

/// The time column of three columns, and the reason:
///  1. the only column that could be the time, or the only one of dates, or of
///     those of numbers the only one with a fraction;
///  2. else the time is last, as is usual, if that column is sorted;
///  3. else it is the first or middle column, if that is sorted and its values
///     reach beyond those of the other two (sorted ids alone prove nothing);
///  4. else it is taken as the last column, whose first descent the loader then
///     reports; with `sort`, where that cannot happen, the last column must
///     reach beyond the ids, or else nothing is returned.
std::optional<std::pair<size_t, std::string>>
chooseTimeColumn(const std::vector<ColumnEvidence> &evidence, bool sort);

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_COLUMNEVIDENCE_H
