//===- ContractionSchedule.cpp - How a contraction is executed ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/ContractionSchedule.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"

#include "llvm/Support/MathExtras.h"

#include <limits>

using namespace mlir;
using namespace orcinus;

namespace {

struct Field {
  StringLiteral name;
  int64_t ContractionSchedule::*member;
  int64_t minimum, maximum;
};

constexpr int64_t unlimited = std::numeric_limits<int64_t>::max();

constexpr Field fields[] = {
    {"tile_rows", &ContractionSchedule::tileRows, 1, 64},
    {"panel_vectors", &ContractionSchedule::panelVectors, 1, 64},
    {"vector_lanes", &ContractionSchedule::vectorLanes, 0, 1024},
    {"reduction_block", &ContractionSchedule::reductionBlock, 0, unlimited},
    {"row_block", &ContractionSchedule::rowBlock, 0, unlimited},
    {"column_block", &ContractionSchedule::columnBlock, 0, unlimited},
    {"tile_order", &ContractionSchedule::tileOrder, 0, 1},
    {"row_tasks", &ContractionSchedule::rowTasks, 0, unlimited},
    {"column_tasks", &ContractionSchedule::columnTasks, 0, unlimited},
    {"pack_left", &ContractionSchedule::packLeft, 0, 1},
    {"left_padding", &ContractionSchedule::leftPadding, 0, 1024},
    {"pack_right", &ContractionSchedule::packRight, 0, 1},
    {"unroll", &ContractionSchedule::unroll, 1, 1024},
};

} // namespace

DictionaryAttr ContractionSchedule::toAttribute(MLIRContext *context) const {
  Builder builder(context);
  SmallVector<NamedAttribute> entries;
  for (const Field &field : fields)
    entries.push_back(builder.getNamedAttr(
        field.name, builder.getI64IntegerAttr(this->*field.member)));
  return builder.getDictionaryAttr(entries);
}

FailureOr<ContractionSchedule>
ContractionSchedule::fromAttribute(DictionaryAttr attribute,
                                   Location location) {
  ContractionSchedule schedule;
  for (NamedAttribute entry : attribute) {
    const auto *field = llvm::find_if(fields, [&](const Field &candidate) {
      return candidate.name == entry.getName();
    });
    if (field == std::end(fields))
      return emitError(location) << "unknown key '" << entry.getName().strref()
                                 << "' in '" << attributeName << "'";
    auto value = dyn_cast<IntegerAttr>(entry.getValue());
    if (!value || value.getInt() < field->minimum) {
      return emitError(location)
             << "'" << field->name << "' in '" << attributeName
             << "' must be an integer of at least " << field->minimum;
    }
    if (value.getInt() > field->maximum)
      return emitError(location)
             << "'" << field->name << "' in '" << attributeName
             << "' must be at most " << field->maximum;
    schedule.*field->member = value.getInt();
  }
  return schedule;
}

LogicalResult ContractionSchedule::verify(const ContractionExtents &extents,
                                          int64_t targetLanes,
                                          Location location) const {
  if (vectorLanes != 0 && !llvm::isPowerOf2_64(vectorLanes))
    return emitError(location) << "'vector_lanes' in '" << attributeName
                               << "' must be a power of two or 0";
  int64_t lanes = vectorLanes ? vectorLanes : targetLanes;
  if (extents.leftHasColumn && packLeft)
    return emitError(location)
           << "'pack_left' in '" << attributeName
           << "', but the left operand has the columns, too";
  if (extents.rightHasWindows && packRight)
    return emitError(location) << "'pack_right' in '" << attributeName
                               << "', but the right operand is read by windows";
  if (extents.panelColumns && packRight)
    return emitError(location) << "'pack_right' in '" << attributeName
                               << "', but the right operand is packed already";
  if (extents.panelColumns &&
      extents.panelColumns % (panelVectors * lanes) != 0)
    return emitError(location)
           << "'panel_vectors' in '" << attributeName << "': panels of "
           << extents.panelColumns << " columns are no multiple of "
           << panelVectors << " vectors of " << lanes;
  return success();
}
