//===- ContractionSchedule.h - How a contraction is executed ----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_CONTRACTIONSCHEDULE_H
#define ORCINUS_PASSES_LOWERING_CONTRACTIONSCHEDULE_H

#include "passes/Lowering/ScheduleFields.h"
#include "passes/Lowering/VectorTarget.h"

#include "mlir/Support/LLVM.h"

namespace orcinus {

/// The extents of a contraction, `mlir::ShapedType::kDynamic` where unknown.
struct ContractionExtents {
  int64_t batches = 1;
  /// The longest dimension of rows, and the product of all of them.
  int64_t rows = 1, allRows = 1;
  int64_t columns = 1;
  /// The product of all reductions, and the longest of them.
  int64_t reduction = 1, longestReduction = 1;
  /// Columns of a panel where the right operand comes packed, else 0.
  int64_t panelColumns = 0;
  /// Whether the left operand has columns, too.
  bool leftHasColumn = false;
  /// Whether a copy of the right operand is made once, before all calls.
  bool rightIsPrepared = false;
};

/// How a contraction is executed. A tuner sets it as an op's attribute
/// `eto.schedule`, for example `#eto.schedule<tile_rows = 6, panel_vectors = 4,
/// row_block = 96, row_tasks = 2, pack_left = 1>`; names that are left out have
/// the values below.
struct ContractionSchedule {
  /// Rows of the register tile.
  int64_t tileRows = 1;
  /// Vectors of the register tile: the columns are cut into panels that are at
  /// most so wide and as equal as can be.
  int64_t panelVectors = 1;
  /// Lanes of a vector, a power of two; 0 takes the target's.
  int64_t vectorLanes = 0;
  /// Steps of the longest reduction between two passes over the rows; 0 reduces
  /// in one pass.
  int64_t reductionBlock = 0;
  /// Rows between two passes over the columns, so that the left operand's part
  /// stays in cache; 0 passes over the columns once. Rounded up to whole tiles.
  int64_t rowBlock = 0;
  /// Columns between two passes over the rows; 0 passes over them once. Rounded
  /// up to whole panels.
  int64_t columnBlock = 0;
  /// The order of the two innermost loops around a tile: 0 keeps a panel of the
  /// right operand in the nearest cache while the rows of a block pass by, 1 a
  /// tile's rows of the left one while the columns do.
  int64_t tileOrder = 0;
  /// Parts that the rows are cut into, each a task of the parallel loop; 0
  /// makes no parallel loop.
  int64_t rowTasks = 0;
  /// Parts that the columns are cut into, each a task of the parallel loop; 0
  /// and 1 do not cut them.
  int64_t columnTasks = 0;
  /// 1 copies each block of the left operand first, its windows unrolled, so
  /// that rows follow each other in memory; 0 reads it where it is.
  int64_t packLeft = 0;
  /// Elements between two rows of the copy, so that rows whose length is a
  /// power of two do not meet in one set of the cache.
  int64_t leftPadding = 16;
  /// 1 copies the right operand into panels first; 0 reads it where it is.
  int64_t packRight = 0;
  /// Steps of the innermost reductions that are unrolled.
  int64_t unroll = 1;

  bool operator==(const ContractionSchedule &) const = default;

  /// Vectors of the panels that `columns` columns are cut into: the fewest
  /// panels of at most the schedule's width, as equal as can be.
  int64_t panelVectorsFor(int64_t columns, int64_t lanes) const;

  /// All fields by their names.
  Schedule toSchedule() const;

  /// The schedule that `schedule` spells; an error at `location` where a name
  /// is unknown or its value out of range.
  static mlir::FailureOr<ContractionSchedule>
  fromSchedule(const Schedule &schedule, mlir::Location location);

  /// An error at `location` where a contraction of these extents on vectors of
  /// `targetLanes` lanes cannot be executed so.
  mlir::LogicalResult verify(const ContractionExtents &extents,
                             int64_t targetLanes,
                             mlir::Location location) const;

  /// A good schedule without measuring anything: the register tile that keeps
  /// the multipliers busiest per load and wastes the fewest rows and lanes.
  static ContractionSchedule byDefault(const ContractionExtents &extents,
                                       const VectorTarget &target,
                                       mlir::Type elementType, int64_t threads);
};

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_CONTRACTIONSCHEDULE_H
