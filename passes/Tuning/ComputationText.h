//===- ComputationText.h - What an operator computes, as text ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operators are of one kind where their texts are equal, so equal texts must
// mean equal computations; the reverse is worth having for those that are
// frequent. They have names: `multiply_add`, `relu`, `softmax`.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TUNING_COMPUTATIONTEXT_H
#define ORCINUS_PASSES_TUNING_COMPUTATIONTEXT_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <string>

namespace orcinus {

/// What one iteration of `op` yields, without commas: its inputs are x0, x1, …
/// and the values it updates y0, y1, …, as in `(maximumf 0 x0)`. A name where
/// it has one.
std::string computationOf(mlir::linalg::LinalgOp op);

/// What the linalg ops of `body`, some of which reduce, compute together. A
/// name where it has one.
std::string computationOf(mlir::Block &body);

} // namespace orcinus

#endif // ORCINUS_PASSES_TUNING_COMPUTATIONTEXT_H
