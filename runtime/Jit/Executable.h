//===- Executable.h - A compiled program in memory --------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_EXECUTABLE_H
#define ORCINUS_RUNTIME_JIT_EXECUTABLE_H

#include "runtime/Jit/ObjectCache.h"

#include "llvm/ADT/ArrayRef.h"

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace llvm::orc {
class JITTargetMachineBuilder;
class LLJIT;
} // namespace llvm::orc

namespace orcinus {

/// A name that compiled programs may refer to, and what it stands for.
using RuntimeSymbol = std::pair<std::string, void *>;

/// A compiled program, linked and ready to call.
class Executable {
public:
  /// Links `program` against `symbols`, compilerBuiltins(), LLVM's OpenMP
  /// runtime, and the process's mathematical functions; nothing else can be
  /// called.
  static StatusOr<std::unique_ptr<Executable>>
  load(CompiledProgram program,
       const llvm::orc::JITTargetMachineBuilder &target,
       llvm::ArrayRef<RuntimeSymbol> symbols);

  ~Executable();

  /// The address of function `name`; an error where the program has none.
  StatusOr<void *> lookup(llvm::StringRef name) const;

  /// Function `name` of the packed convention, see docs/abi.md.
  using PackedFunction = void (*)(void **arguments);
  StatusOr<PackedFunction> packedFunction(llvm::StringRef name) const;

  /// What the caller of the compiler said of the program.
  const std::string &manifest() const { return program.manifest; }

  /// The program's object files.
  const std::vector<std::string> &objects() const { return program.objects; }

  /// The first error since it was last taken, of whichever thread.
  class FirstError {
  public:
    void set(std::string message);
    std::string take();

  private:
    std::mutex mutex;
    std::string text;
  };

private:
  Executable(std::unique_ptr<llvm::orc::LLJIT> jit, CompiledProgram program,
             std::shared_ptr<FirstError> problem);

  std::shared_ptr<FirstError> problem;
  std::unique_ptr<llvm::orc::LLJIT> jit;
  CompiledProgram program;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_EXECUTABLE_H
