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

Schedule ContractionSchedule::toSchedule() const {
  Schedule schedule;
  for (const Field &field : fields)
    schedule.set(field.name, this->*field.member);
  return schedule;
}

FailureOr<ContractionSchedule>
ContractionSchedule::fromSchedule(const Schedule &schedule, Location location) {
  ContractionSchedule result;
  for (const auto &[name, value] : schedule.entries()) {
    const auto *field = llvm::find_if(fields, [&](const Field &candidate) {
      return candidate.name == name;
    });
    if (field == std::end(fields))
      return emitError(location)
             << "unknown parameter '" << name << "' in the schedule";
    if (value < field->minimum)
      return emitError(location) << "'" << name << "' in the schedule must be "
                                 << "at least " << field->minimum;
    if (value > field->maximum)
      return emitError(location) << "'" << name << "' in the schedule must be "
                                 << "at most " << field->maximum;
    result.*field->member = value;
  }
  return result;
}

LogicalResult ContractionSchedule::verify(const ContractionExtents &extents,
                                          int64_t targetLanes,
                                          Location location) const {
  if (vectorLanes != 0 && !llvm::isPowerOf2_64(vectorLanes))
    return emitError(location) << "'vector_lanes' in the schedule must be a power of two or 0";
  int64_t lanes = vectorLanes ? vectorLanes : targetLanes;
  if (extents.leftHasColumn && packLeft)
    return emitError(location)
           << "'pack_left' in the schedule, but the left operand has the columns, too";
  if (extents.rightHasWindows && packRight)
    return emitError(location) << "'pack_right' in the schedule, but the right operand is read by windows";
  if (extents.panelColumns && packRight)
    return emitError(location) << "'pack_right' in the schedule, but the right operand is packed already";
  if (extents.panelColumns &&
      extents.panelColumns % (panelVectors * lanes) != 0)
    return emitError(location)
           << "'panel_vectors' in the schedule: panels of "
           << extents.panelColumns << " columns are no multiple of "
           << panelVectors << " vectors of " << lanes;
  return success();
}
