//===- SymbolUses.h - What ops may name -------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_TGNN_IR_SYMBOLUSES_H
#define ORCINUS_DIALECTS_TGNN_IR_SYMBOLUSES_H

#include "mlir/IR/SymbolTable.h"

namespace orcinus::tgnn {

/// That what `op` names by `symbol` is a `SymbolOp`.
template <typename SymbolOp>
mlir::LogicalResult verifyNames(mlir::Operation *op,
                                mlir::FlatSymbolRefAttr symbol) {
  if (mlir::SymbolTable::lookupNearestSymbolFrom<SymbolOp>(op, symbol))
    return mlir::success();
  return op->emitOpError("names no ") << SymbolOp::getOperationName();
}

} // namespace orcinus::tgnn

#endif // ORCINUS_DIALECTS_TGNN_IR_SYMBOLUSES_H
