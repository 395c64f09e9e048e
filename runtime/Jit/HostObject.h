//===- HostObject.h - Modules of the LLVM dialect to objects ----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_HOSTOBJECT_H
#define ORCINUS_RUNTIME_JIT_HOSTOBJECT_H

#include "orcinus/Support/Status.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"

#include <string>

namespace orcinus {

/// Registers how the dialects that code for the host ends in become LLVM IR.
void registerHostTranslations(mlir::DialectRegistry &registry);

/// The host's object file of `module`, which is in the LLVM dialect; with
/// `checked` for a process of this build, whose sanitizer then sees its
/// accesses. `what` it is, a noun for errors.
StatusOr<std::string> makeHostObject(mlir::ModuleOp module, const char *what,
                                     bool checked);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_HOSTOBJECT_H
