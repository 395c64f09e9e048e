//===- Executable.cpp - A compiled program in memory ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/Executable.h"

#include "runtime/Jit/OpenMP.h"
#include "runtime/Jit/PerfMap.h"

#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace orcinus;
using namespace llvm::orc;

namespace {

/// Resolves names that start with `__kmpc_` or `omp_` in LLVM's OpenMP runtime,
/// which is opened at the first of them.
class OpenMPGenerator : public DefinitionGenerator {
public:
  llvm::Error tryToGenerate(LookupState &, LookupKind, JITDylib &library,
                            JITDylibLookupFlags,
                            const SymbolLookupSet &wanted) override {
    SymbolMap found;
    for (const auto &[name, flags] : wanted) {
      llvm::StringRef text = *name;
      if (!text.starts_with("__kmpc_") && !text.starts_with("omp_"))
        continue;
      StatusOr<OpenMP *> runtime = OpenMP::open();
      if (!runtime.ok())
        return llvm::createStringError(runtime.message());
      if (void *address = (*runtime)->lookup(text.str().c_str()))
        found[name] = {ExecutorAddr::fromPtr(address),
                       llvm::JITSymbolFlags::Exported};
    }
    return found.empty() ? llvm::Error::success()
                         : library.define(absoluteSymbols(std::move(found)));
  }
};

} // namespace

static llvm::Error defineSymbols(LLJIT &jit,
                                 llvm::ArrayRef<RuntimeSymbol> symbols) {
  SymbolMap map;
  for (const auto &[name, address] : symbols)
    map[jit.mangleAndIntern(name)] = {ExecutorAddr::fromPtr(address),
                                      llvm::JITSymbolFlags::Exported};
  JITDylib &library = jit.getMainJITDylib();
  if (llvm::Error error = library.define(absoluteSymbols(std::move(map))))
    return error;
  library.addGenerator(std::make_unique<OpenMPGenerator>());
  return llvm::Error::success();
}

static llvm::Expected<std::unique_ptr<LLJIT>>
link(CompiledProgram &program, const JITTargetMachineBuilder &target,
     llvm::ArrayRef<RuntimeSymbol> symbols) {
  auto jit = LLJITBuilder()
                 .setJITTargetMachineBuilder(target)
                 // Programs have no constructors to run.
                 .setPlatformSetUp(setUpInactivePlatform)
                 .create();
  if (!jit)
    return jit.takeError();
  enablePerfMap(**jit);
  if (llvm::Error error = defineSymbols(**jit, symbols))
    return std::move(error);
  for (const std::string &object : program.objects)
    if (llvm::Error error = (*jit)->addObjectFile(
            llvm::MemoryBuffer::getMemBufferCopy(object, "program")))
      return std::move(error);
  return jit;
}

StatusOr<std::unique_ptr<Executable>>
Executable::load(CompiledProgram program, const JITTargetMachineBuilder &target,
                 llvm::ArrayRef<RuntimeSymbol> symbols) {
  auto jit = link(program, target, symbols);
  if (!jit)
    return Status::error("cannot link the program: " +
                         llvm::toString(jit.takeError()));
  return std::unique_ptr<Executable>(
      new Executable(std::move(*jit), std::move(program)));
}

Executable::Executable(std::unique_ptr<LLJIT> jit, CompiledProgram program)
    : jit(std::move(jit)), program(std::move(program)) {}

Executable::~Executable() = default;

StatusOr<void *> Executable::lookup(llvm::StringRef name) const {
  auto address = jit->lookup(name);
  if (!address)
    return Status::error("cannot find '" + name.str() + "' in the program: " +
                         llvm::toString(address.takeError()));
  return address->toPtr<void *>();
}

StatusOr<Executable::PackedFunction>
Executable::packedFunction(llvm::StringRef name) const {
  StatusOr<void *> address = lookup(name);
  if (!address.ok())
    return address.status();
  return reinterpret_cast<PackedFunction>(*address);
}
