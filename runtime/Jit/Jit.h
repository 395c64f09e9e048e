//===- Jit.h - Compile a program, or load it from the cache -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_JIT_H
#define ORCINUS_RUNTIME_JIT_JIT_H

#include "runtime/Jit/Executable.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace orcinus {

/// A program before it becomes machine code.
struct LoweredProgram {
  /// In the LLVM dialect.
  mlir::OwningOpRef<mlir::ModuleOp> module;
  /// Kept with the machine code and handed back by `Executable::manifest`.
  std::string manifest;
};

/// Makes the program. The context knows the dialects that translate to LLVM IR;
/// what else is needed the function registers and loads itself.
using BuildProgram =
    std::function<StatusOr<LoweredProgram>(mlir::MLIRContext &)>;

struct JitOptions {
  /// Folder of compiled programs; empty compiles anew each time.
  std::string cacheDirectory;
  /// What the program may call besides OpenMP: `orcinus_rt_allocate` and so on.
  std::vector<RuntimeSymbol> symbols;
  /// Threads to compile with.
  int compileThreads = 2;
};

/// How a program came to be.
struct JitReport {
  bool cached = false;
  double buildSeconds = 0;
  double compileSeconds = 0;
  double loadSeconds = 0;
  /// Why the compiled program could not be stored; empty where it was. Running
  /// does not need the cache.
  std::string cacheWarning;
};

/// The program that `key` names: loaded where the cache has it for this
/// machine, else made by `build`, compiled and stored. `key` must name all
/// that decides on the program: the model, the pipeline, its options. Where
/// the cache has it, no MLIR context is made.
StatusOr<std::unique_ptr<Executable>> jitCompile(llvm::StringRef key,
                                                 const BuildProgram &build,
                                                 const JitOptions &options,
                                                 JitReport *report = nullptr);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_JIT_H
