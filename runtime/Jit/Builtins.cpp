//===- Builtins.cpp - What LLVM calls for missing instructions ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/Builtins.h"

using namespace orcinus;

// Only their addresses are taken: the types do not matter here.
#define BUILTIN(name) extern "C" void name();
#include "runtime/Jit/CompilerBuiltins.inc"
#undef BUILTIN

llvm::ArrayRef<RuntimeSymbol> orcinus::compilerBuiltins() {
#define BUILTIN(name) {#name, reinterpret_cast<void *>(&name)},
  static const std::vector<RuntimeSymbol> symbols = {
#include "runtime/Jit/CompilerBuiltins.inc"
  };
#undef BUILTIN
  return symbols;
}
