//===- LibraryOperator.h - Operators by OpenBLAS and oneDNN -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_BENCH_OPERATORS_LIBRARYOPERATOR_H
#define ORCINUS_BENCH_OPERATORS_LIBRARYOPERATOR_H

#include "TimedProcess.h"

#include "orcinus/Tuning/Operator.h"

namespace orcinus::bench {

/// The operator as a library computes it, on operands of its own: matrix
/// products by OpenBLAS, convolutions, softmax and layer norm by oneDNN, which
/// gets its weights in the layout it asks for, and activations in the
/// operator's. None where neither has the operator.
TimedWork libraryOperator(const OperatorDescription &description, int threads);

} // namespace orcinus::bench

#endif // ORCINUS_BENCH_OPERATORS_LIBRARYOPERATOR_H
