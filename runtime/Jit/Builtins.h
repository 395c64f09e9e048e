//===- Builtins.h - What LLVM calls for missing instructions ----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_BUILTINS_H
#define ORCINUS_RUNTIME_JIT_BUILTINS_H

#include "runtime/Jit/Executable.h"

namespace orcinus {

/// compiler-rt's functions of arithmetic and conversion, by name. Code for a
/// processor without an instruction calls them: without AVX512-BF16, a
/// conversion to bf16 is a call of `__truncsfbf2`.
llvm::ArrayRef<RuntimeSymbol> compilerBuiltins();

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_BUILTINS_H
