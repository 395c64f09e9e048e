//===- ColumnRecognition.h - Which column holds what ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_COLUMNRECOGNITION_H
#define ORCINUS_LIB_GRAPH_COLUMNRECOGNITION_H

#include "InputFile.h"
#include "RowFeatures.h"
#include "TextRows.h"
#include "orcinus/Graph/Loader.h"

#include <cstddef>
#include <string>
#include <vector>

namespace orcinus {

/// Which columns of a plain text file hold what, counted from 0.
struct ColumnLayout {
  /// An edge feature: its column and what becomes of its text.
  struct Feature {
    size_t column;
    FeatureKind kind;
  };

  size_t source = 0;
  size_t destination = 1;
  size_t time = 2;
  /// In the order of the features.
  std::vector<Feature> features;
  /// Those of labels, in the order in which they were named, and their names.
  std::vector<size_t> labels;
  std::vector<std::string> labelNames;
  /// How many fields each row must have.
  size_t fieldCount = 3;
  Separator separator = Separator::Blank;
  /// Whether the first row is a header and no event.
  bool hasHeader = false;
  /// For a person: what was taken for what, and why.
  std::string description;
  /// With a header, each column and, but for features, its use.
  std::vector<ColumnUse> uses;
};

/// Finds the layout of the plain text `file`: its separator by the first row,
/// its columns as `options.columns` orders them ('u' source, 'v' destination,
/// 't' time, 'f' feature, '-' not used) or, where that is "auto",
///  - by the names of the header: a name that is known is kept whatever the
///    others are. Where it names no time, that is the only column of dates;
///    where it names no source or destination, these are the first columns that
///    nothing else is known of;
///  - without a name that is known, or without a header, by the values of three
///    columns (chooseTimeColumn).
/// Errors: options that name no column, a header that names one column twice or
/// from which source, destination and time cannot be told, a number of columns
/// other than three without names.
StatusOr<ColumnLayout> recogniseColumns(const InputFile &file,
                                        const LoadOptions &options);

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_COLUMNRECOGNITION_H
