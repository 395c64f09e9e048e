//===- IndexMap.h - Maps from loops to an operand's elements ----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_INDEXMAP_H
#define ORCINUS_LIB_TUNING_INDEXMAP_H

#include "orcinus/Tuning/Operator.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orcinus {

/// constant + Σ coefficient · loop.
struct IndexExpression {
  /// Index into the operator's loops, and its coefficient.
  std::vector<std::pair<size_t, int64_t>> terms;
  int64_t constant = 0;
};

/// The index of each dimension of an operand.
using IndexMap = std::vector<IndexExpression>;

/// The map that `text` spells (OperatorOperand::map). Errors: a name that is no
/// loop, or other text than sums of loops times constants.
StatusOr<IndexMap> parseIndexMap(std::string_view text,
                                 const std::vector<OperatorLoop> &loops);

/// `map` with `prefix` and its number before each loop, numbered by `numbers`:
/// `d0, d1 * 2 + d3`.
std::string printIndexMap(const IndexMap &map,
                          const std::vector<size_t> &numbers,
                          std::string_view prefix, std::string_view separator);

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_INDEXMAP_H
