//===- ScheduleDispatch.h - A schedule by an extent -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_SCHEDULEDISPATCH_H
#define ORCINUS_PASSES_LOWERING_SCHEDULEDISPATCH_H

#include "orcinus/Tuning/Schedule.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <vector>

namespace orcinus {

/// The schedules that the attribute `eto.schedule` gives an op on memrefs, and
/// which of them counts when.
class ScheduleDispatch {
public:
  /// What `op` carries. Of a dispatch on an extent that is static, only the
  /// schedule that counts is left.
  static ScheduleDispatch of(mlir::linalg::LinalgOp op);

  /// At least one. An empty one, which an op has that does not say how it is
  /// executed, stands for the lowering's own.
  const std::vector<Schedule> &schedules() const { return list; }

  /// Emits for each schedule whether it is the one that the extent of `op` asks
  /// for, an i1; nothing where there are not several.
  llvm::SmallVector<mlir::Value>
  emitConditions(mlir::OpBuilder &builder, mlir::linalg::LinalgOp op) const;

  /// Emits what `body` emits for the number of each schedule, such that only
  /// the one that the extent of `op` asks for is executed.
  void emit(mlir::OpBuilder &builder, mlir::linalg::LinalgOp op,
            llvm::function_ref<void(mlir::OpBuilder &, size_t)> body) const;

private:
  std::vector<Schedule> list;
  /// The loop whose extent decides, and up to which extent each schedule but
  /// the last counts.
  unsigned loop = 0;
  llvm::SmallVector<int64_t> bounds;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_SCHEDULEDISPATCH_H
