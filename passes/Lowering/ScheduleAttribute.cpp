//===- ScheduleAttribute.cpp - Schedules as attributes --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/ScheduleAttribute.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace orcinus;

InFlightDiagnostic orcinus::emitScheduleError(Location location,
                                              StringRef key) {
  return emitError(location)
         << "'" << key << "' in '" << scheduleAttributeName << "'";
}

LogicalResult orcinus::parseSchedule(DictionaryAttr attribute,
                                     ArrayRef<ScheduleField> fields,
                                     MutableArrayRef<int64_t *> values,
                                     Location location) {
  for (NamedAttribute entry : attribute) {
    const auto *field = llvm::find_if(fields, [&](const ScheduleField &other) {
      return other.name == entry.getName();
    });
    if (field == fields.end())
      return emitError(location) << "unknown key '" << entry.getName().strref()
                                 << "' in '" << scheduleAttributeName << "'";
    auto value = dyn_cast<IntegerAttr>(entry.getValue());
    if (!value || value.getInt() < field->minimum)
      return emitScheduleError(location, field->name)
             << " must be an integer of at least " << field->minimum;
    if (value.getInt() > field->maximum)
      return emitScheduleError(location, field->name)
             << " must be at most " << field->maximum;
    *values[field - fields.begin()] = value.getInt();
  }
  return success();
}

DictionaryAttr orcinus::printSchedule(MLIRContext *context,
                                      ArrayRef<ScheduleField> fields,
                                      ArrayRef<int64_t> values) {
  Builder builder(context);
  SmallVector<NamedAttribute> entries;
  for (auto [field, value] : llvm::zip_equal(fields, values))
    entries.push_back(
        builder.getNamedAttr(field.name, builder.getI64IntegerAttr(value)));
  return builder.getDictionaryAttr(entries);
}

LogicalResult orcinus::verifyLanes(int64_t lanes, Location location) {
  if (lanes == 0 || llvm::isPowerOf2_64(lanes))
    return success();
  return emitScheduleError(location, "vector_lanes")
         << " must be a power of two or 0";
}
