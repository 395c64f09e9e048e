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
  for (const auto &[name, value] : schedule.entries()) {
    const auto *field = llvm::find_if(
        fields, [&](const ScheduleField &other) { return other.name == name; });
    if (field == fields.end())
      return emitError(location) << "unknown '" << name << "' in the schedule";
    if (value < field->minimum)
      return emitScheduleError(location, name)
             << " must be at least " << field->minimum;
    if (value > field->maximum)
      return emitScheduleError(location, name)
             << " must be at most " << field->maximum;
    *values[field - fields.begin()] = value;
  }
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
