//===- Manifest.h - What a compiled program needs ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_MODEL_MANIFEST_H
#define ORCINUS_PASSES_MODEL_MANIFEST_H

#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace orcinus {

/// The manifest (docs/abi.md, JSON) of a module that `tgnn-split-prepare` has
/// left. The model's name and sizes are read from the module's attributes of
/// that pass; `target` is what the program is compiled for.
std::string buildManifest(mlir::ModuleOp module, llvm::StringRef target);

} // namespace orcinus

#endif // ORCINUS_PASSES_MODEL_MANIFEST_H
