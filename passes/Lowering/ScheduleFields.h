//===- ScheduleFields.h - What a schedule may say ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_SCHEDULEFIELDS_H
#define ORCINUS_PASSES_LOWERING_SCHEDULEFIELDS_H

#include "orcinus/Tuning/Schedule.h"

#include "lib/Tuning/ScheduleFields.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Support/LLVM.h"

namespace orcinus {

/// Sets the values of `fields`, in their order, that `schedule` has. An error
/// at `location` where a name is unknown or its value is out of range.
mlir::LogicalResult readSchedule(const Schedule &schedule,
                                 llvm::ArrayRef<ScheduleField> fields,
                                 llvm::MutableArrayRef<int64_t *> values,
                                 mlir::Location location);

/// The schedule of all `fields`.
Schedule spellSchedule(llvm::ArrayRef<ScheduleField> fields,
                       llvm::ArrayRef<int64_t> values);

/// An error that names the field: "'NAME' in the schedule", to be continued.
mlir::InFlightDiagnostic emitScheduleError(mlir::Location location,
                                           llvm::StringRef name);

/// An error at `location` where `lanes` is neither 0 nor a power of two.
mlir::LogicalResult verifyLanes(int64_t lanes, mlir::Location location);

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_SCHEDULEFIELDS_H
