//===- CheckAccesses.h - Checks before a kernel's accesses ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TARGET_CHECKACCESSES_H
#define ORCINUS_PASSES_TARGET_CHECKACCESSES_H

#include "passes/Target/SimulatorCalls.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace orcinus {

/// Puts before each access to a memref in `kernel`, whose thread is `self`, a
/// check of its indices and a call that tells the simulator of it. Returns how
/// many there were; fails at an op that accesses memory in a way that is not
/// known.
mlir::FailureOr<int64_t> checkAccesses(mlir::func::FuncOp kernel,
                                       mlir::Value self, SimulatorCalls &calls);

} // namespace orcinus

#endif // ORCINUS_PASSES_TARGET_CHECKACCESSES_H
