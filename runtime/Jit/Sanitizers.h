//===- Sanitizers.h - Checks in compiled programs ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A build with AddressSanitizer or ThreadSanitizer instruments the programs
// that it compiles, too, as its compiler instrumented it. Other builds leave
// them as they are.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_SANITIZERS_H
#define ORCINUS_RUNTIME_JIT_SANITIZERS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PassManager.h"

namespace orcinus {

/// The sanitizer whose checks programs have that run in this process:
/// `address`, `thread` or, in other builds, nothing.
llvm::StringRef programSanitizer();

/// Marks the functions that `module` defines for programSanitizer(), before
/// they are optimised: what is marked is not optimised into accesses that the
/// program does not make. Only for what runs in a process of this build.
void markForSanitizer(llvm::Module &module);

/// Puts checks before the memory accesses of the functions that are marked.
/// What they call is in the sanitizer's runtime, which is part of the process.
void instrumentForSanitizer(llvm::Module &module,
                            llvm::ModuleAnalysisManager &analyses);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_SANITIZERS_H
