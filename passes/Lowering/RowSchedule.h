//===- RowSchedule.h - How rows are worked on -------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_ROWSCHEDULE_H
#define ORCINUS_PASSES_LOWERING_ROWSCHEDULE_H

#include "orcinus/Tuning/Schedule.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <optional>

namespace orcinus {

/// How elementwise ops, reductions and chains of them are executed: what the
/// attribute `eto.schedule` of such an op says, for example
/// `#eto.schedule<row_block = 4, row_tasks = 2, unroll = 4>`; names that are
/// left out have the values below. For a chain, that of its first op with the
/// attribute counts; of a dispatch, the schedule of the largest extents.
struct RowSchedule {
  /// Rows that all ops of a chain pass over before they go on; 0 takes as many
  /// as keep what lies between the ops in the nearest cache.
  int64_t rowBlock = 0;
  /// Parts that the rows are cut into, each a task of the parallel loop; 0
  /// takes the number of threads where there is work enough for them.
  int64_t rowTasks = 0;
  /// Vectors that one turn of the innermost loop works on: for a reduction
  /// along the row, independent partial results. 0 takes several for reductions
  /// and one else.
  int64_t unroll = 0;
  /// Lanes of a vector, a power of two; 0 takes the target's.
  int64_t vectorLanes = 0;

  bool operator==(const RowSchedule &) const = default;

  /// All fields by their names.
  Schedule toSchedule() const;

  /// The schedule of `op`; nothing where it has none. An error where a name is
  /// unknown or its value out of range.
  static mlir::FailureOr<std::optional<RowSchedule>>
  of(mlir::linalg::LinalgOp op);
};

/// Replaces `op`, a named op, by a generic one with its schedule. Failure where
/// it has no such form.
mlir::FailureOr<mlir::linalg::GenericOp>
generalizeWithSchedule(mlir::RewriterBase &rewriter, mlir::linalg::LinalgOp op);

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_ROWSCHEDULE_H
