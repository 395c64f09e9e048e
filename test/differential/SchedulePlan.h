//===- SchedulePlan.h - Random schedules of a module ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_DIFFERENTIAL_SCHEDULEPLAN_H
#define ORCINUS_TEST_DIFFERENTIAL_SCHEDULEPLAN_H

#include "Draw.h"
#include "Specification.h"

#include "orcinus/Tuning/ScheduleSpace.h"

#include "mlir/IR/MLIRContext.h"

#include <memory>
#include <vector>

namespace orcinus::differential {

/// An op of a module that a tuner would give a schedule, of one family.
struct SchedulableOperation {
  size_t number = 0;
  /// The loop of dynamic extent, and its buckets; one bucket of 0 where all
  /// extents are known.
  unsigned loop = 0;
  std::vector<int64_t> buckets;
  /// A bucket each.
  std::vector<std::unique_ptr<ScheduleSpace>> spaces;
};

/// What `orcinus tune` finds to be tuned in `specification`, written on
/// tensors. Errors: operators that cannot be outlined.
StatusOr<std::vector<SchedulableOperation>>
schedulableOperations(const Specification &specification,
                      mlir::MLIRContext &context);

/// Gives each such op random schedules of its space. Returns whether there was
/// any.
StatusOr<bool> drawSchedules(Specification &specification,
                             mlir::MLIRContext &context, Draw &draw);

/// Whether the spaces offer the schedules that `specification` has.
bool areOffered(const Specification &specification, mlir::MLIRContext &context);

} // namespace orcinus::differential

#endif // ORCINUS_TEST_DIFFERENTIAL_SCHEDULEPLAN_H
