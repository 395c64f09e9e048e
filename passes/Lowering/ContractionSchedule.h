//===- ContractionSchedule.h - How a contraction is executed ----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_CONTRACTIONSCHEDULE_H
#define ORCINUS_PASSES_LOWERING_CONTRACTIONSCHEDULE_H

#include "passes/Lowering/VectorTarget.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/Support/LLVM.h"

#include "llvm/ADT/StringRef.h"

namespace orcinus {

/// The extents of a contraction, `mlir::ShapedType::kDynamic` where unknown.
struct ContractionExtents {
  int64_t batches = 1;
  int64_t rows = 1;
  int64_t columns = 1;
  int64_t reduction = 1;
};

/// How a contraction is executed. A tuner sets it as an op's attribute
/// `orcinus.schedule`, for example
/// `{tile_rows = 6, panel_vectors = 4, reduction_block = 0, row_block = 96,
/// row_tasks = 2}`.
struct ContractionSchedule {
  /// Rows of the register tile.
  int64_t tileRows = 1;
  /// Vectors of the register tile: the columns are cut into panels that are at
  /// most so wide and as equal as can be.
  int64_t panelVectors = 1;
  /// Steps of the reduction between two passes over the rows; 0 reduces in one
  /// pass.
  int64_t reductionBlock = 0;
  /// Rows between two passes over the columns, so that the left operand's part
  /// stays in cache; 0 passes over the columns once.
  int64_t rowBlock = 0;
  /// Parts that the rows are cut into, each a task of the parallel loop; 0
  /// makes no parallel loop.
  int64_t rowTasks = 0;

  static constexpr llvm::StringLiteral attributeName = "orcinus.schedule";

  bool operator==(const ContractionSchedule &) const = default;

  /// The schedule as a dictionary attribute.
  mlir::DictionaryAttr toAttribute(mlir::MLIRContext *context) const;

  /// The schedule that `attribute` spells; an error at `location` where a key
  /// is unknown, missing or out of range.
  static mlir::FailureOr<ContractionSchedule>
  fromAttribute(mlir::DictionaryAttr attribute, mlir::Location location);

  /// A good schedule without measuring anything: the register tile that keeps
  /// the multipliers busiest per load and wastes the fewest rows and lanes.
  static ContractionSchedule byDefault(const ContractionExtents &extents,
                                       const VectorTarget &target,
                                       mlir::Type elementType, int64_t threads);
};

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_CONTRACTIONSCHEDULE_H
