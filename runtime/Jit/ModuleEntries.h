//===- ModuleEntries.h - The functions that a module offers -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_MODULEENTRIES_H
#define ORCINUS_RUNTIME_JIT_MODULEENTRIES_H

#include "runtime/Module/ModuleManifest.h"
#include "runtime/Module/WeightsFile.h"

#include "mlir/IR/BuiltinOps.h"

namespace orcinus {

/// Describes the public functions of `module`, which is on tensors, and gives
/// them the symbols of a manifest that is called `name`. Errors, with their
/// location: no such function, one without a body, a type that a caller cannot
/// pass, a name that is not of letters, digits, `_`, `$`, `-` and points.
StatusOr<ModuleManifest> nameEntries(mlir::ModuleOp module,
                                     const std::string &name);

/// Gives the weights of `module` the symbols of `manifest`. Errors, with their
/// location: one that `file`, null where there is none, does not have, or has
/// of another type.
Status nameWeights(mlir::ModuleOp module, const ModuleManifest &manifest,
                   const WeightsFile *file);

/// Notes in `manifest` what memory the functions of `module`, whose memory was
/// planned, take for temporaries.
void noteTemporaries(mlir::ModuleOp module, ModuleManifest &manifest);

/// Adds to `module`, which is in the LLVM dialect, the function that sets the
/// number of threads and, with `exports`, the manifest's text.
void addModuleSymbols(mlir::ModuleOp module, const ModuleManifest &manifest,
                      bool exports);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_MODULEENTRIES_H
