//===- SumOfProducts.h - Which sums register tiles compute ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one place that says whether a sum of products can be lowered as a
// contraction. The compiler asks it of an op (passes/Lowering/Contraction.h)
// and a schedule space of a description, so that no space offers what the
// lowering refuses.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_SUMOFPRODUCTS_H
#define ORCINUS_LIB_TUNING_SUMOFPRODUCTS_H

#include "IndexMap.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace orcinus {

/// Whether `index` has `loop` with a coefficient other than 0.
bool contains(const IndexExpression &index, size_t loop);
/// Whether an index of `map` does.
bool contains(const IndexMap &map, size_t loop);

/// result[…] += left[…] · right[…] by the part that each loop plays. Loops of
/// one iteration play none, unless no other could.
struct SumOfProducts {
  /// An operand as far as it matters here.
  struct Operand {
    IndexMap map;
    /// Whether neighbours in the innermost dimension are neighbours in memory.
    bool contiguous = true;
  };

  /// An extent that is not known.
  static constexpr int64_t unknown = -1;

  /// Which of the two factors is left, and which is right, the one that the
  /// column comes from.
  size_t left = 0, right = 1;

  /// The result's innermost loop.
  size_t column = 0;
  /// Loops of all three operands; of left and result, in the result's order; of
  /// right and result other than the column; and those that are summed over, in
  /// right's order, at least one.
  std::vector<size_t> outer, rows, outerColumns, reductions;

  /// Whether left has the column, too.
  bool leftHasColumn = false;

  /// Whether the columns of right follow each other in memory. Else right must
  /// be copied first.
  bool rightIsDirect = true;

  /// Whether tiles are worth it where nobody asks for them: not where right
  /// must be copied for a few rows, nor where both factors have the column and
  /// there are no rows.
  bool pays = true;

  /// The parts that loops play which have `extents`, `unknown` among them.
  /// Errors: `is no contraction: …`, to follow a name, where a register tile
  /// cannot compute this.
  static StatusOr<SumOfProducts> of(const std::array<Operand, 2> &factors,
                                    const Operand &result,
                                    const std::vector<int64_t> &extents);
};

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_SUMOFPRODUCTS_H
