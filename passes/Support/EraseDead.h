//===- EraseDead.h - Erases ops that nothing reads --------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_SUPPORT_ERASEDEAD_H
#define ORCINUS_PASSES_SUPPORT_ERASEDEAD_H

#include "mlir/IR/Operation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "llvm/ADT/SetVector.h"

namespace orcinus {

/// Erases `op` and what only it used, as far as nothing reads their results and
/// they have no effects.
inline void eraseWithProducers(mlir::Operation *op) {
  llvm::SetVector<mlir::Operation *> candidates;
  candidates.insert(op);
  while (!candidates.empty()) {
    mlir::Operation *candidate = candidates.pop_back_val();
    if (!mlir::isOpTriviallyDead(candidate))
      continue;
    for (mlir::Value operand : candidate->getOperands())
      if (mlir::Operation *producer = operand.getDefiningOp())
        candidates.insert(producer);
    candidate->erase();
  }
}

} // namespace orcinus

#endif // ORCINUS_PASSES_SUPPORT_ERASEDEAD_H
