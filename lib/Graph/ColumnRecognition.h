//===- ColumnRecognition.h - Which column holds what ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_COLUMNRECOGNITION_H
#define ORCINUS_LIB_GRAPH_COLUMNRECOGNITION_H

#include "InputFile.h"

#include <cstddef>
#include <string>
#include <vector>

namespace orcinus {

/// Which columns of a plain text file hold what, counted from 0.
struct ColumnLayout {
  size_t source = 0;
  size_t destination = 1;
  size_t time = 2;
  /// Edge features, in this order.
  std::vector<size_t> features;
  /// How many fields each row must have.
  size_t fieldCount = 3;
  /// Whether the first row is a header and no event.
  bool hasHeader = false;
  /// For a person: what was taken for what, and why.
  std::string description;
};

/// Finds the layout of the plain text `file`. `columns` gives the order as one
/// letter a column ('u' source, 'v' destination, 't' time, '-' not used), or is
/// "auto": then a header's names decide or, without them, the first rows:
///  1. the only column with a fraction is the time;
///  2. else the time is last, as is usual, if that column is sorted;
///  3. else it is the first or middle column, if that is sorted and its values
///     reach beyond those of the other two (sorted ids alone prove nothing);
///  4. else it is taken as the last column, whose first descent the loader then
///     reports; with `sort`, where that cannot happen, the last column must
///     reach beyond the ids, or else the order must be given.
/// Errors: a malformed `columns`, a number of columns other than three without
/// names, an order that cannot be told.
StatusOr<ColumnLayout> recogniseColumns(const InputFile &file,
                                        const std::string &columns, bool sort);

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_COLUMNRECOGNITION_H
