//===- ParseModule.h - Read modules that anyone wrote -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_PIPELINES_PARSEMODULE_H
#define ORCINUS_PASSES_PIPELINES_PARSEMODULE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace orcinus {

/// Reads a module as `mlir::parseSourceString` does, and says the same of what
/// is none, at places in `name`. But libMLIR 22 takes what the `iterator_types`
/// of a `linalg.generic` lists for strings without a look, and what the
/// `dimensions` or the `permutation` of others lists for numbers, and ends the
/// process where it is something else: that is an error here.
mlir::OwningOpRef<mlir::ModuleOp> parseModule(llvm::StringRef text,
                                              mlir::MLIRContext &context,
                                              llvm::StringRef name = "-");

} // namespace orcinus

#endif // ORCINUS_PASSES_PIPELINES_PARSEMODULE_H
