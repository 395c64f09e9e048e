//===- Destinations.h - Where tensors are written ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_DESTINATIONS_H
#define ORCINUS_PASSES_LOWERING_DESTINATIONS_H

#include "mlir/IR/Value.h"

namespace orcinus {

/// The operand of the first of the ops that write `value`, one into what the
/// other wrote, which says where all of them write: an empty tensor. Null where
/// something else reads what is between them, or they write elsewhere.
mlir::OpOperand *destinationOf(mlir::Value value);

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_DESTINATIONS_H
