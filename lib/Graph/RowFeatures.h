//===- RowFeatures.h - Features that stand in the events' rows --*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_ROWFEATURES_H
#define ORCINUS_LIB_GRAPH_ROWFEATURES_H

#include "orcinus/Graph/EventStream.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace orcinus {

/// How the text of a column becomes features.
enum class FeatureKind {
  /// A number, as it is.
  Number,
  /// One feature for each text that occurs, 1 where it does.
  OneHot,
  /// The number of the text, in the order of their first occurrence.
  Code,
};

/// Takes features as text fields, row after row, and gives them as a matrix.
class RowFeatures {
public:
  /// Features of `kinds` in each row of `text`, the file at `path`.
  RowFeatures(std::string path, std::vector<FeatureKind> kinds,
              std::string_view text);

  /// Adds the next feature of a row. Returns false at the first error, which
  /// `failure()` then holds: not a number, not finite in single precision, or
  /// too many different texts.
  bool add(std::string_view field, int64_t line);

  const Status &failure() const { return firstError; }

  /// How many columns feature `index` makes, once all rows are added.
  int64_t width(size_t index) const;

  /// The matrix with the rows in the order `rowOfEvent` (empty: as added).
  FeatureMatrix take(std::span<const int32_t> rowOfEvent);

private:
  bool addCategory(std::string_view field, int64_t line);
  bool fail(std::string_view field, int64_t line, const char *what);

  std::string path;
  std::vector<FeatureKind> kinds;
  /// The numbers of texts, for each feature that is not a number.
  std::vector<std::unordered_map<std::string, int64_t>> codes;
  /// One number for each feature of each row.
  std::vector<float> values;
  Status firstError;
};

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_ROWFEATURES_H
