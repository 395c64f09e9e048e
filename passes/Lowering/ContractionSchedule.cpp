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

#include <algorithm>

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

/// Beyond this many steps a reduction is cut: the operands' rows of one block
/// then stay in the second-level cache while the rows of the result pass by.
constexpr int64_t longestReduction = 512;
constexpr int64_t defaultReductionBlock = 128;

/// Bytes of the left operand that a block of rows may take: a part of a
/// second-level cache, beside what the right operand needs.
constexpr int64_t rowBlockBytes = 128 << 10;

/// Below this many multiplications a parallel loop costs more than it brings.
constexpr int64_t fewestParallelMultiplications = 1 << 16;

/// What one step of the reduction costs for a row of the result, in units of
/// one vector multiplication. `tileRows` rows share the loads of the columns'
/// operand and the loop's own instructions.
double costOfRow(int64_t vectors, int64_t tileRows, int64_t panelVectors) {
  // A load mostly hides behind the multiplications; a broadcast is half as
  // wide, and the loop's own instructions are shared by the whole tile.
  constexpr double load = 0.25, broadcast = 0.12, loop = 0.6;
  // Fewer accumulators than this wait for each other.
  constexpr double accumulatorsInFlight = 10;
  double panels = llvm::divideCeil(vectors, panelVectors);
  double multiplications = tileRows * vectors;
  double stall = std::max(1.0, accumulatorsInFlight * panels / multiplications);
  double tile = multiplications * stall + load * vectors +
                panels * (broadcast * tileRows + loop);
  return tile / tileRows;
}

/// The mean cost of a row, with the rows that fill no whole tile.
double costOfRows(int64_t rows, int64_t vectors, int64_t tileRows,
                  int64_t panelVectors) {
  double whole = costOfRow(vectors, tileRows, panelVectors);
  if (ShapedType::isDynamic(rows) || rows % tileRows == 0)
    return whole;
  int64_t remainder = rows % tileRows;
  return ((rows - remainder) * whole +
          remainder * costOfRow(vectors, remainder, panelVectors)) /
         rows;
}

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

ContractionSchedule
ContractionSchedule::byDefault(const ContractionExtents &extents,
                               const VectorTarget &target, Type elementType,
                               int64_t threads) {
  // Columns of unknown extent are taken in panels of a usual width.
  constexpr int64_t usualVectors = 4;
  int64_t lanes = target.lanes(elementType);
  int64_t vectors = ShapedType::isDynamic(extents.columns)
                        ? usualVectors
                        : llvm::divideCeil(extents.columns, lanes);

  ContractionSchedule best;
  double bestCost = costOfRows(extents.rows, vectors, 1, 1);
  int64_t mostRows = ShapedType::isDynamic(extents.rows)
                         ? target.vectorRegisters
                         : std::min(extents.rows, target.vectorRegisters);
  for (int64_t panel = 1; panel <= vectors; ++panel) {
    // The same number of panels is reached with narrower, equal ones.
    int64_t panels = llvm::divideCeil(vectors, panel);
    if (panel > 1 && llvm::divideCeil(vectors, panel - 1) == (uint64_t)panels)
      continue;
    for (int64_t rows = 1; rows <= mostRows; ++rows) {
      // The accumulators, the vectors of one step and one broadcast.
      if (rows * panel + panel + 1 > target.vectorRegisters)
        break;
      double cost = costOfRows(extents.rows, vectors, rows, panel);
      if (cost < bestCost) {
        bestCost = cost;
        best.tileRows = rows;
        best.panelVectors = panel;
      }
    }
  }

  if (ShapedType::isDynamic(extents.reduction) ||
      extents.reduction > longestReduction)
    best.reductionBlock = defaultReductionBlock;

  int64_t steps = best.reductionBlock ? best.reductionBlock : extents.reduction;
  int64_t elementBytes =
      llvm::divideCeil(elementType.getIntOrFloatBitWidth(), 8);
  int64_t blockTiles = std::max<int64_t>(
      1, rowBlockBytes / (steps * elementBytes * best.tileRows));
  int64_t blockRows = blockTiles * best.tileRows;
  if (ShapedType::isDynamic(extents.rows) || extents.rows > blockRows)
    best.rowBlock = blockRows;

  // An extent that is unknown until run time counts as large.
  int64_t multiplications = 1;
  for (int64_t extent :
       {extents.batches, extents.rows, extents.columns, extents.reduction})
    multiplications *= ShapedType::isDynamic(extent) ? 4096 : extent;
  if (threads > 1 && multiplications >= fewestParallelMultiplications) {
    bool batchesSuffice = ShapedType::isDynamic(extents.batches) ||
                          extents.batches % threads == 0;
    best.rowTasks = batchesSuffice ? 1 : threads;
  }
  return best;
}
