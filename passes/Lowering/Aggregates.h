//===- Aggregates.h - Ops that stand for several ----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_AGGREGATES_H
#define ORCINUS_PASSES_LOWERING_AGGREGATES_H

#include "mlir/IR/Operation.h"

namespace orcinus {

/// Replaces the ops in `root` that stand for several linalg ops, such as
/// `linalg.softmax`, by them. Those on memrefs stay.
void decomposeAggregates(mlir::Operation *root);

/// Labels loops in `root` parallel that are called reductions although each of
/// their iterations has elements of all results of its own: lowerings go by the
/// label.
void labelParallelLoops(mlir::Operation *root);

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_AGGREGATES_H
