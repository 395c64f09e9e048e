//===- ScheduleAttribute.h - Schedules as attributes ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_SCHEDULEATTRIBUTE_H
#define ORCINUS_PASSES_LOWERING_SCHEDULEATTRIBUTE_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"

#include <limits>

namespace orcinus {

/// The attribute of an op that says how it is executed: a dictionary of
/// integers.
inline constexpr llvm::StringLiteral scheduleAttributeName = "orcinus.schedule";

/// The value of a key of a schedule, and what it may be.
struct ScheduleField {
  llvm::StringLiteral name;
  int64_t minimum;
  int64_t maximum = std::numeric_limits<int64_t>::max();
};

/// Sets the values of `fields`, in their order, that `attribute` has. An error
/// at `location` where a key is unknown or its value is out of range.
mlir::LogicalResult parseSchedule(mlir::DictionaryAttr attribute,
                                  llvm::ArrayRef<ScheduleField> fields,
                                  llvm::MutableArrayRef<int64_t *> values,
                                  mlir::Location location);

/// The dictionary of all `fields`.
mlir::DictionaryAttr printSchedule(mlir::MLIRContext *context,
                                   llvm::ArrayRef<ScheduleField> fields,
                                   llvm::ArrayRef<int64_t> values);

/// An error that names the key: "'KEY' in 'orcinus.schedule'", to be continued.
mlir::InFlightDiagnostic emitScheduleError(mlir::Location location,
                                           llvm::StringRef key);

/// An error at `location` where `lanes` is neither 0 nor a power of two.
mlir::LogicalResult verifyLanes(int64_t lanes, mlir::Location location);

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_SCHEDULEATTRIBUTE_H
