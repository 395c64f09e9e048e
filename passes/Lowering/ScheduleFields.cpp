//===- ScheduleFields.cpp - What a schedule may say -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/ScheduleFields.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace orcinus;

InFlightDiagnostic orcinus::emitScheduleError(Location location,
                                              StringRef name) {
  return emitError(location) << "'" << name << "' in the schedule";
}

LogicalResult orcinus::readSchedule(const Schedule &schedule,
                                    ArrayRef<ScheduleField> fields,
                                    MutableArrayRef<int64_t *> values,
                                    Location location) {
  if (Status status = checkFields(schedule, fields); !status.ok())
    return emitError(location) << status.message();
  for (auto [field, value] : llvm::zip_equal(fields, values))
    if (std::optional<int64_t> set = schedule.find(field.name))
      *value = *set;
  return success();
}

Schedule orcinus::spellSchedule(ArrayRef<ScheduleField> fields,
                                ArrayRef<int64_t> values) {
  Schedule schedule;
  for (auto [field, value] : llvm::zip_equal(fields, values))
    schedule.set(field.name, value);
  return schedule;
}

LogicalResult orcinus::verifyLanes(int64_t lanes, Location location) {
  if (lanes == 0 || llvm::isPowerOf2_64(lanes))
    return success();
  return emitScheduleError(location, "vector_lanes")
         << " must be a power of two or 0";
}
