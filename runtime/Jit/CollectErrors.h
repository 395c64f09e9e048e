//===- CollectErrors.h - MLIR's errors as a status --------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_COLLECTERRORS_H
#define ORCINUS_RUNTIME_JIT_COLLECTERRORS_H

#include "orcinus/Support/Status.h"

#include "mlir/IR/MLIRContext.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"

namespace orcinus {

/// Runs `body`, and where it returns false returns the first error that MLIR
/// reported meanwhile, with its location, after `what`.
Status collectErrors(mlir::MLIRContext &context, llvm::StringRef what,
                     llvm::function_ref<bool()> body);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_COLLECTERRORS_H
