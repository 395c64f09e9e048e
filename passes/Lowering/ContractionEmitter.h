//===- ContractionEmitter.h - The loop nest of a contraction ----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_CONTRACTIONEMITTER_H
#define ORCINUS_PASSES_LOWERING_CONTRACTIONEMITTER_H

#include "passes/Lowering/Contraction.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace orcinus {

/// A private function of the arguments of `contraction` that computes
/// it as `schedule` says. It belongs to no module yet.
mlir::func::FuncOp emitContraction(Contraction &contraction,
                                   const ContractionSchedule &schedule,
                                   const VectorTarget &target,
                                   mlir::Location location);

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_CONTRACTIONEMITTER_H
