//===- LabelBuilder.h - Makes a set of labels -------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_LABELBUILDER_H
#define ORCINUS_LIB_GRAPH_LABELBUILDER_H

#include "orcinus/Graph/Labels.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// What the texts of a column of labels mean.
struct LabelMeaning {
  /// As of LabelSet.
  std::vector<std::string> classes;
  /// By text: the class, or for numbers the value.
  std::vector<LabelEntry> entries;
};

/// Of different texts. Errors: a text that is no number where numbers are
/// wanted, which stands at `where(text)`; of all, in `source`: one class alone,
/// too many classes.
StatusOr<LabelMeaning>
readMeaning(LabelKind kind, const std::vector<std::string> &texts,
            const std::string &source,
            const std::function<std::string(size_t)> &where);

/// Puts `places`, each with its entries, into the order of a LabelSet.
LabelSet sortLabels(Task task, std::vector<std::string> classes,
                    const std::vector<LabelPlace> &places,
                    const std::vector<std::vector<LabelEntry>> &entries);

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_LABELBUILDER_H
