//===- WeightPreparation.h - Weights as the code reads them -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A module's code reads some weights in another order, or multiplied by each
// other. A function of the module (`passes/Lowering/Weights.h`) computes them:
// once after a module was linked in memory, or while a library is made, which
// then holds them instead of what they are made of.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_WEIGHTPREPARATION_H
#define ORCINUS_RUNTIME_JIT_WEIGHTPREPARATION_H

#include "runtime/Jit/Executable.h"
#include "runtime/Jit/ToolProcess.h"
#include "runtime/Jit/WeightsObject.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <string>
#include <vector>

namespace orcinus {

/// Computes the weights that the module linked as `executable` prepares.
/// Errors: no memory for it.
Status prepareWeights(const Executable &executable);

/// Takes what prepares weights out of `module`, which is in the LLVM dialect:
/// the module that comes back does it, and `module` refers to what that one
/// computes as it does to weights. Weights that no function reads are no longer
/// declared in it.
mlir::OwningOpRef<mlir::ModuleOp> takePreparation(mlir::ModuleOp module);

/// The symbols of the weights that `module` refers to.
std::vector<std::string> weightSymbolsOf(mlir::ModuleOp module);

/// Runs `preparation` on `weights` and writes those of its results that are
/// among `wanted` into a file of `folder`. Errors: those of the compiler, no
/// memory, a file that cannot be written.
StatusOr<std::vector<StoredWeight>>
storePrepared(mlir::ModuleOp preparation,
              const std::vector<RuntimeSymbol> &weights,
              const std::vector<std::string> &wanted, const WorkFolder &folder);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_WEIGHTPREPARATION_H
