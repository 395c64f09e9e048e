//===- ModelSource.h - A model's text and its steps -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_MODELSOURCE_H
#define ORCINUS_RUNTIME_JIT_MODELSOURCE_H

#include "orcinus/Runtime/Compiler.h"
#include "orcinus/Support/Status.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <string>

namespace orcinus {

/// The text of the model that `options` names or gives. Errors: neither a
/// built-in model nor a file that can be read.
StatusOr<std::string> readModelText(const CompileOptions &options);

/// The steps of the model `text` on tensors, training included, with the sizes
/// and the dropout rate that `options` give, and the text's own where they give
/// none. Registers the dialects that are needed from here to machine code.
/// Errors, with their location: a text that does not parse or verify, a size
/// that the model does not declare.
StatusOr<mlir::OwningOpRef<mlir::ModuleOp>>
buildSteps(mlir::MLIRContext &context, const CompileOptions &options,
           const std::string &text);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_MODELSOURCE_H
