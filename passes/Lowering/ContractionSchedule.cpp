//===- ContractionSchedule.cpp - How a contraction is executed ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/ContractionSchedule.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace orcinus;

/// The members in the order of `contractionFields`.
static constexpr int64_t ContractionSchedule::*members[] = {
    &ContractionSchedule::tileRows,    &ContractionSchedule::panelVectors,
    &ContractionSchedule::vectorLanes, &ContractionSchedule::reductionBlock,
    &ContractionSchedule::rowBlock,    &ContractionSchedule::columnBlock,
    &ContractionSchedule::tileOrder,   &ContractionSchedule::rowTasks,
    &ContractionSchedule::columnTasks, &ContractionSchedule::packLeft,
    &ContractionSchedule::leftPadding, &ContractionSchedule::packRight,
    &ContractionSchedule::unroll,
};

Schedule ContractionSchedule::toSchedule() const {
  SmallVector<int64_t> values;
  for (auto member : members)
    values.push_back(this->*member);
  return spellSchedule(contractionFields, values);
}

FailureOr<ContractionSchedule>
ContractionSchedule::fromSchedule(const Schedule &schedule, Location location) {
  ContractionSchedule result;
  SmallVector<int64_t *> values;
  for (auto member : members)
    values.push_back(&(result.*member));
  if (failed(readSchedule(schedule, contractionFields, values, location)))
    return failure();
  return result;
}

int64_t ContractionSchedule::panelVectorsFor(int64_t columns,
                                             int64_t lanes) const {
  int64_t vectors = std::max<int64_t>(1, llvm::divideCeil(columns, lanes));
  return llvm::divideCeil(vectors, llvm::divideCeil(vectors, panelVectors));
}

LogicalResult ContractionSchedule::verify(const ContractionExtents &extents,
                                          int64_t targetLanes,
                                          Location location) const {
  if (failed(verifyLanes(vectorLanes, location)))
    return failure();
  if (extents.leftHasColumn && packLeft)
    return emitScheduleError(location, "pack_left")
           << ", but the left operand has the columns, too";
  if (extents.panelColumns && packRight)
    return emitScheduleError(location, "pack_right")
           << ", but the right operand is packed already";
  int64_t lanes = vectorLanes ? vectorLanes : targetLanes;
  if (extents.panelColumns &&
      extents.panelColumns % (panelVectors * lanes) != 0)
    return emitScheduleError(location, "panel_vectors")
           << ": panels of " << extents.panelColumns
           << " columns are no multiple of " << panelVectors << " vectors of "
           << lanes;
  return success();
}
