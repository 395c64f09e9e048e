//===- OperatorLowering.h - What is common to all targets -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_OPERATORLOWERING_H
#define ORCINUS_RUNTIME_JIT_OPERATORLOWERING_H

#include "orcinus/Support/Status.h"
#include "orcinus/Tuning/Schedule.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"

#include "llvm/ADT/StringRef.h"

#include <string>

namespace orcinus {

/// The module of `text`. Errors: what MLIR says of it.
StatusOr<mlir::OwningOpRef<mlir::ModuleOp>>
parseOperator(mlir::MLIRContext &context, llvm::StringRef text);

/// Sets `schedule` on the main op of an operator's module: the contraction or
/// convolution, else the op that reduces, else the last. The empty schedule
/// leaves it to the compiler.
void setSchedule(mlir::ModuleOp module, const Schedule &schedule);

/// Tensors to memrefs whose elements lie one after the other, results to
/// arguments.
void addOperatorBufferization(mlir::OpPassManager &manager);

/// The host's object file of `module`, which is in the LLVM dialect.
StatusOr<std::string> makeOperatorObject(mlir::ModuleOp module);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_OPERATORLOWERING_H
