//===- DefaultContractionSchedule.cpp - Schedules without measuring -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/ContractionSchedule.h"

#include "orcinus/Support/CheckedArithmetic.h"

#include "mlir/IR/BuiltinTypes.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <array>

using namespace mlir;
using namespace orcinus;

namespace {

/// Beyond this many steps a reduction is cut: the operands' rows of one block
/// then stay in the second-level cache while the rows of the result pass by.
constexpr int64_t longestReduction = 512;
constexpr int64_t defaultReductionBlock = 128;

/// Bytes of the left operand that a block of rows may take: a part of a
/// second-level cache, beside what the right operand needs.
constexpr int64_t rowBlockBytes = 128 << 10;

/// Below this much arithmetic a parallel loop costs more than it brings.
constexpr int64_t fewestParallelMultiplications = 1 << 16;

/// A copy of the right operand pays where it is larger than a second-level
/// cache and each element is used by this many rows.
constexpr int64_t packedRightBytes = 2 << 20;
constexpr int64_t packedRightRows = 256;

/// A right operand of this size does not stay in the second-level cache from
/// one short run of rows to the next.
constexpr int64_t cachedRightBytes = 256 << 10;

/// A copy of the left operand pays where each element meets so many columns, of
/// a right operand in panels, and reductions are so long.
constexpr int64_t packedLeftColumns = 256;
constexpr int64_t packedReduction = 256;

/// An extent that is unknown until run time counts as large.
constexpr int64_t unknownExtent = 4096;

/// `extents` as a schedule is chosen for them: of an empty contraction nothing
/// is executed, so that it may have the schedule of another.
ContractionExtents withoutZeros(ContractionExtents extents) {
  for (int64_t *extent :
       {&extents.batches, &extents.rows, &extents.allRows, &extents.columns,
        &extents.reduction, &extents.longestReduction})
    if (*extent == 0)
      *extent = 1;
  return extents;
}

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

/// Decides one property after the other, the later ones knowing the earlier.
class DefaultSchedule {
public:
  DefaultSchedule(const ContractionExtents &extents, const VectorTarget &target,
                  Type elementType, int64_t threads)
      : extents(withoutZeros(extents)), target(target), threads(threads),
        lanes(target.lanes(elementType)),
        elementBytes(llvm::divideCeil(elementType.getIntOrFloatBitWidth(), 8)) {
  }

  ContractionSchedule choose() {
    choosePacking();
    if (extents.leftHasColumn)
      chooseChannelTile();
    else
      chooseTile();
    chooseTasks();
    chooseBlocks();
    return schedule;
  }

private:
  static int64_t known(int64_t extent) {
    return ShapedType::isDynamic(extent) ? unknownExtent : extent;
  }
  bool allKnown() const {
    for (int64_t extent :
         {extents.batches, extents.allRows, extents.columns, extents.reduction})
      if (ShapedType::isDynamic(extent))
        return false;
    return true;
  }
  int64_t vectors() const {
    // Columns of unknown extent are taken in panels of a usual width.
    constexpr int64_t usualVectors = 4;
    if (extents.panelColumns)
      return std::max<int64_t>(1, extents.panelColumns / lanes);
    return ShapedType::isDynamic(extents.columns)
               ? usualVectors
               : llvm::divideCeil(extents.columns, lanes);
  }
  /// The rows that tiles run over.
  int64_t tiledRows() const {
    return schedule.packLeft ? extents.allRows : extents.rows;
  }

  void choosePacking();
  void chooseTile();
  void chooseChannelTile();
  void chooseRowBlock(int64_t rows, int64_t mostTiles);
  void chooseBlocks();
  bool dividesColumns() const;
  void chooseTasks();

  const ContractionExtents extents;
  const VectorTarget &target;
  int64_t threads, lanes, elementBytes;
  ContractionSchedule schedule;
};

} // namespace

void DefaultSchedule::choosePacking() {
  if (!allKnown() || extents.leftHasColumn)
    return;
  int64_t rightBytes = saturatedProduct(
      saturatedProduct(extents.reduction, extents.columns), elementBytes);
  schedule.packRight =
      !extents.panelColumns &&
      (extents.rightIsPrepared ||
       (rightBytes >= packedRightBytes && extents.allRows >= packedRightRows));
  bool gathers =
      extents.allRows > extents.rows && rightBytes > cachedRightBytes;
  // Rows of a copy follow each other, and a reduction that is not cut writes
  // each result once.
  bool isLong = extents.reduction >= packedReduction;
  schedule.packLeft =
      gathers ||
      (schedule.packRight && extents.columns >= packedLeftColumns && isLong);
}

/// The register tile that keeps the multipliers busiest per load and wastes the
/// fewest rows and lanes.
void DefaultSchedule::chooseTile() {
  int64_t rowExtent = tiledRows(), vectorCount = vectors();
  double bestCost = costOfRows(rowExtent, vectorCount, 1, 1);
  int64_t mostRows = ShapedType::isDynamic(rowExtent)
                         ? target.vectorRegisters
                         : std::min(rowExtent, target.vectorRegisters);
  for (int64_t panel = 1; panel <= vectorCount; ++panel) {
    // The same number of panels is reached with narrower, equal ones.
    int64_t panels = llvm::divideCeil(vectorCount, panel);
    if (panel > 1 &&
        llvm::divideCeil(vectorCount, panel - 1) == (uint64_t)panels)
      continue;
    // Panels that come packed are cut evenly or not at all.
    if (extents.panelColumns && vectorCount % panel != 0)
      continue;
    for (int64_t rows = 1; rows <= mostRows; ++rows) {
      // The accumulators, the vectors of one step and one broadcast.
      if (rows * panel + panel + 1 > target.vectorRegisters)
        break;
      double cost = costOfRows(rowExtent, vectorCount, rows, panel);
      if (cost < bestCost) {
        bestCost = cost;
        schedule.tileRows = rows;
        schedule.panelVectors = panel;
      }
    }
  }
}

/// Both operands are vectors: neighbouring rows of a window share the loads of
/// the left one once its taps are unrolled.
void DefaultSchedule::chooseChannelTile() {
  constexpr int64_t longestUnrolled = 9;
  schedule.panelVectors = std::min<int64_t>(2, vectors());
  int64_t mostRows = std::clamp<int64_t>(
      (target.vectorRegisters - 2) / (2 * schedule.panelVectors), 1, 7);
  schedule.tileRows =
      ShapedType::isDynamic(extents.rows)
          ? mostRows
          : llvm::divideCeil(extents.rows,
                             llvm::divideCeil(extents.rows, mostRows));
  schedule.unroll = longestUnrolled;
  schedule.tileOrder = 1;
}

void DefaultSchedule::chooseBlocks() {
  if (extents.leftHasColumn)
    return;
  int64_t rows = tiledRows();
  if (!ShapedType::isDynamic(rows))
    rows = llvm::divideCeil(rows, std::max<int64_t>(schedule.rowTasks, 1));
  if (schedule.packLeft) {
    // What is packed once is used by all columns: at least some tiles' rows.
    constexpr int64_t fewestTiles = 4, packedBytes = 512 << 10;
    int64_t tileBytes =
        saturatedProduct(extents.reduction, elementBytes * schedule.tileRows);
    chooseRowBlock(rows, std::max(fewestTiles, packedBytes / tileBytes));
    return;
  }
  if (ShapedType::isDynamic(extents.reduction) ||
      extents.reduction > longestReduction)
    schedule.reductionBlock = defaultReductionBlock;
  int64_t steps =
      schedule.reductionBlock ? schedule.reductionBlock : extents.reduction;
  int64_t tileBytes = saturatedProduct(steps, elementBytes * schedule.tileRows);
  chooseRowBlock(rows, std::max<int64_t>(1, rowBlockBytes / tileBytes));
}

/// Blocks of at most `mostTiles` tiles, as equal as can be where it is known
/// how many of the `rows` rows there are.
void DefaultSchedule::chooseRowBlock(int64_t rows, int64_t mostTiles) {
  if (ShapedType::isDynamic(rows)) {
    schedule.rowBlock = mostTiles * schedule.tileRows;
    return;
  }
  int64_t tiles = llvm::divideCeil(rows, schedule.tileRows);
  if (tiles <= mostTiles)
    return;
  int64_t blocks = llvm::divideCeil(tiles, mostTiles);
  schedule.rowBlock = llvm::divideCeil(tiles, blocks) * schedule.tileRows;
}

/// Whether threads share the columns rather than the rows: each reads all of
/// the operand that is not divided, which is to be the smaller one, where none
/// gets much more than its part.
bool DefaultSchedule::dividesColumns() const {
  if (!allKnown())
    return false;
  // What is packed for all columns each thread packs.
  int64_t rows = saturatedProduct(tiledRows(), schedule.packLeft ? 2 : 1);
  if (extents.columns <= rows)
    return false;
  int64_t panel = schedule.panelVectorsFor(extents.columns, lanes) * lanes;
  int64_t part =
      llvm::alignTo(llvm::divideCeil(extents.columns, threads), panel);
  // An eighth more than its part.
  return saturatedProduct(part, 8 * threads) <=
         saturatedProduct(extents.columns, 9);
}

void DefaultSchedule::chooseTasks() {
  int64_t multiplications = saturatedElements(
      std::array{known(extents.batches), known(extents.allRows),
                 known(extents.columns), known(extents.reduction)});
  if (threads <= 1 || multiplications < fewestParallelMultiplications)
    return;
  // Loops outside the tiled rows are divided first.
  int64_t outside = known(extents.batches);
  if (!schedule.packLeft)
    outside =
        saturatedProduct(outside, known(extents.allRows) / known(extents.rows));
  if (ShapedType::isDynamic(extents.batches) || outside % threads == 0 ||
      outside >= 8 * threads) {
    schedule.rowTasks = 1;
  } else if (known(tiledRows()) >= threads * schedule.tileRows &&
             !dividesColumns()) {
    schedule.rowTasks = threads;
  } else {
    schedule.rowTasks = 1;
    schedule.columnTasks = threads;
  }
}

ContractionSchedule
ContractionSchedule::byDefault(const ContractionExtents &extents,
                               const VectorTarget &target, Type elementType,
                               int64_t threads) {
  return DefaultSchedule(extents, target, elementType, threads).choose();
}
