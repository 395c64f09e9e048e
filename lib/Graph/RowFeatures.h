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
#include <vector>

namespace orcinus {

/// Takes features as text fields, row after row, and gives them as a matrix.
class RowFeatures {
public:
  /// `columns` features in each row of `text`, the file at `path`.
  RowFeatures(std::string path, size_t columns, std::string_view text);

  /// Adds the next feature of a row. Returns false at the first error, which
  /// `failure()` then holds: not a number, or not finite in single precision.
  bool add(std::string_view field, int64_t line);

  const Status &failure() const { return firstError; }

  /// The matrix with the rows in the order `rowOfEvent` (empty: as added).
  FeatureMatrix take(std::span<const int32_t> rowOfEvent);

private:
  std::string path;
  size_t columns;
  std::vector<float> values;
  Status firstError;
};

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_ROWFEATURES_H
