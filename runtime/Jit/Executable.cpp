//===- Executable.cpp - A compiled program in memory ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/Executable.h"

#include "runtime/Jit/Builtins.h"
#include "runtime/Jit/OpenMP.h"
#include "runtime/Jit/PerfMap.h"
#include "runtime/Jit/Plugins.h"

#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/MemoryBuffer.h"

#include <algorithm>
#include <utility>

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

/// Resolves what plugins export.
class PluginGenerator : public DefinitionGenerator {
public:
  llvm::Error tryToGenerate(LookupState &, LookupKind, JITDylib &library,
                            JITDylibLookupFlags,
                            const SymbolLookupSet &wanted) override {
    SymbolMap found;
    for (const auto &[name, flags] : wanted)
      if (void *address = findPluginFunction((*name).str().c_str()))
        found[name] = {ExecutorAddr::fromPtr(address),
                       llvm::JITSymbolFlags::Exported};
    return found.empty() ? llvm::Error::success()
                         : library.define(absoluteSymbols(std::move(found)));
  }
};

} // namespace

static llvm::Error defineSymbols(LLJIT &jit,
                                 llvm::ArrayRef<RuntimeSymbol> symbols) {
  SymbolMap map;
  for (llvm::ArrayRef<RuntimeSymbol> group : {compilerBuiltins(), symbols})
    for (const auto &[name, address] : group)
      map[jit.mangleAndIntern(name)] = {ExecutorAddr::fromPtr(address),
                                        llvm::JITSymbolFlags::Exported};
  JITDylib &library = jit.getMainJITDylib();
  if (llvm::Error error = library.define(absoluteSymbols(std::move(map))))
    return error;
  library.addGenerator(std::make_unique<OpenMPGenerator>());
  library.addGenerator(std::make_unique<PluginGenerator>());
  return llvm::Error::success();
}

/// `error` in one line; empty where it only says that something could not be
/// had because of another error. Of names that nobody has there may be
/// hundreds: the first few say what is wrong.
static std::string describe(llvm::Error error) {
  std::string text;
  llvm::handleAllErrors(
      std::move(error),
      [&](const SymbolsNotFound &missing) {
        constexpr size_t shown = 3;
        auto names = missing.getSymbols();
        text = "it calls what is not there: ";
        for (size_t at = 0; at < std::min(names.size(), shown); ++at)
          text += (at ? ", " : "") + (*names[at]).str();
        if (names.size() > shown)
          text += " and " + std::to_string(names.size() - shown) + " more";
      },
      [](const FailedToMaterialize &) {},
      [&](const llvm::ErrorInfoBase &other) { text = other.message(); });
  return text;
}

static llvm::Expected<std::unique_ptr<LLJIT>>
link(CompiledProgram &program, const JITTargetMachineBuilder &target,
     llvm::ArrayRef<RuntimeSymbol> symbols,
     const std::shared_ptr<Executable::FirstError> &problem) {
  auto jit = LLJITBuilder()
                 .setJITTargetMachineBuilder(target)
                 // Programs have no constructors to run.
                 .setPlatformSetUp(setUpInactivePlatform)
                 .create();
  if (!jit)
    return jit.takeError();
  (*jit)->getExecutionSession().setErrorReporter([problem](llvm::Error error) {
    problem->set(describe(std::move(error)));
  });
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
  auto problem = std::make_shared<FirstError>();
  auto jit = link(program, target, symbols, problem);
  if (!jit)
    return Status::error("cannot link the program: " +
                             llvm::toString(jit.takeError()),
                         StatusCode::Internal);
  return std::unique_ptr<Executable>(
      new Executable(std::move(*jit), std::move(program), std::move(problem)));
}

Executable::Executable(std::unique_ptr<LLJIT> jit, CompiledProgram program,
                       std::shared_ptr<FirstError> problem)
    : problem(std::move(problem)), jit(std::move(jit)),
      program(std::move(program)) {}

Executable::~Executable() = default;

void Executable::FirstError::set(std::string message) {
  std::lock_guard lock(mutex);
  if (text.empty())
    text = std::move(message);
}

std::string Executable::FirstError::take() {
  std::lock_guard lock(mutex);
  return std::exchange(text, std::string());
}

StatusOr<void *> Executable::lookup(llvm::StringRef name) const {
  auto address = jit->lookup(name);
  if (!address) {
    bool isUnknown = address.errorIsA<SymbolsNotFound>();
    std::string text = describe(address.takeError());
    if (std::string reported = problem->take(); !reported.empty())
      text = reported;
    else if (isUnknown)
      text = "it has no such function";
    return Status::error("cannot find '" + name.str() +
                         "' in the program: " + text);
  }
  return address->toPtr<void *>();
}

StatusOr<Executable::PackedFunction>
Executable::packedFunction(llvm::StringRef name) const {
  StatusOr<void *> address = lookup(name);
  if (!address.ok())
    return address.status();
  return reinterpret_cast<PackedFunction>(*address);
}
