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
/// left. The model's name, sizes and dropout rates are read from the module's
/// attributes of that pass; `target` is what the program is compiled for.
std::string buildManifest(mlir::ModuleOp module, llvm::StringRef target);

/// The same manifest with what `module`, before its lowering, uses of a tuning
/// database: how many ops have schedules of it, and a digest of these.
std::string addTunedPrograms(const std::string &manifest,
                             mlir::ModuleOp module);

} // namespace orcinus

#endif // ORCINUS_PASSES_MODEL_MANIFEST_H
