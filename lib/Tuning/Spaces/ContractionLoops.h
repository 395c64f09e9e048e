//===- ContractionLoops.h - What schedules of contractions cut --*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_SPACES_CONTRACTIONLOOPS_H
#define ORCINUS_LIB_TUNING_SPACES_CONTRACTIONLOOPS_H

#include "orcinus/Tuning/Operator.h"

namespace orcinus {

/// The loops of a sum of products by what the compiler makes of them
/// (passes/Lowering/Contraction.h).
struct ContractionLoops {
  /// Indices of the longest loop of left and result, of the innermost of the
  /// result, and of the longest that is summed over; -1 where there is none.
  int row = -1;
  int column = -1;
  int reduction = -1;

  /// Iterations of all loops that are rows, of all of right and result alone,
  /// of all that are summed over, and of those of all three operands.
  int64_t allRows = 1;
  int64_t allColumns = 1;
  int64_t allReductions = 1;
  int64_t batches = 1;

  /// Whether left has the column, as in a depthwise convolution: it cannot be
  /// packed then.
  bool leftHasColumn = false;

  /// Indices of left and right among the operator's operands.
  size_t left = 0, right = 1;

  /// Errors: what is no contraction (`SumOfProducts`).
  static StatusOr<ContractionLoops> of(const OperatorDescription &description);
};

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_SPACES_CONTRACTIONLOOPS_H
