//===- CompilerDialects.h - What all tools can read -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_PIPELINES_COMPILERDIALECTS_H
#define ORCINUS_PASSES_PIPELINES_COMPILERDIALECTS_H

#include "mlir/IR/DialectRegistry.h"

namespace orcinus {

/// Registers the dialects of Orcinus and of MLIR, with all extensions and
/// interfaces: a module that one tool reads the others read as well.
void registerCompilerDialects(mlir::DialectRegistry &registry);

} // namespace orcinus

#endif // ORCINUS_PASSES_PIPELINES_COMPILERDIALECTS_H
