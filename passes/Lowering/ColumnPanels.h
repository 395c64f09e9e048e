//===- ColumnPanels.h - A dimension cut into vectors ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_COLUMNPANELS_H
#define ORCINUS_PASSES_LOWERING_COLUMNPANELS_H

#include "passes/Lowering/LoopBuilder.h"

#include "llvm/ADT/SmallVector.h"

namespace orcinus {

/// A vector of neighbouring columns.
struct ColumnVector {
  /// Distance from the panel's first column.
  int64_t offset;
  /// Number of lanes.
  int64_t length;
  /// The lanes that exist; null where all of them do.
  mlir::Value mask;
};

/// Neighbouring vectors that are worked on together.
using Panel = llvm::SmallVector<ColumnVector>;

/// What runs for one panel, given its first column.
using PanelBody = llvm::function_ref<void(mlir::Value, const Panel &)>;

/// Cuts `extent` columns, a number known now, into the fewest panels of at
/// most `panelVectors` vectors, as equal as can be. The last vector is narrower
/// where that saves lanes, and masked where it must be.
void forEachPanel(LoopBuilder &loops, int64_t extent, int64_t lanes,
                  int64_t panelVectors, PanelBody body);

/// Cuts columns [begin, end), known at run time, into whole panels of
/// `panelVectors` vectors and then single masked vectors.
void forEachPanel(LoopBuilder &loops, mlir::Value begin, mlir::Value end,
                  int64_t lanes, int64_t panelVectors, PanelBody body);

/// Cuts columns [begin, end) into panels of `panelVectors` vectors. They are a
/// part of `extent` columns, a number known now, that starts and ends at whole
/// panels, or ends with the columns: the last panel of all is narrower.
void forEachAlignedPanel(LoopBuilder &loops, mlir::Value begin, mlir::Value end,
                         int64_t extent, int64_t lanes, int64_t panelVectors,
                         PanelBody body);

/// Loads a vector of `type` at `indices`; lanes that do not exist are zero.
mlir::Value loadVector(LoopBuilder &loops, mlir::Value memref,
                       mlir::ValueRange indices, mlir::VectorType type,
                       mlir::Value mask);

/// Stores the lanes of `value` that exist.
void storeVector(LoopBuilder &loops, mlir::Value value, mlir::Value memref,
                 mlir::ValueRange indices, mlir::Value mask);

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_COLUMNPANELS_H
