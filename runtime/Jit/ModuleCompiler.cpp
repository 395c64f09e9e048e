//===- ModuleCompiler.cpp - From functions of tensors to a module ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Module.h"
#include "orcinus/Support/Processors.h"
#include "passes/Lowering/CompilerDigest.h"
#include "passes/Pipelines/CompilerDialects.h"
#include "passes/Pipelines/ModulePipeline.h"
#include "passes/Pipelines/ParseModule.h"
#include "runtime/Abi/Abi.h"
#include "runtime/Jit/CollectErrors.h"
#include "runtime/Jit/HostObject.h"
#include "runtime/Jit/Jit.h"
#include "runtime/Jit/Linker.h"
#include "runtime/Jit/ModuleEntries.h"
#include "runtime/Jit/ModuleHeader.h"
#include "runtime/Jit/Plugins.h"
#include "runtime/Module/ModuleCode.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <string>
#include <utility>

using namespace orcinus;

namespace {

/// A module that was compiled, or found in the object cache, and is linked in
/// memory.
class ExecutableCode : public ModuleCode {
public:
  explicit ExecutableCode(std::unique_ptr<Executable> executable)
      : executable(std::move(executable)) {}

  std::string manifest() const override { return executable->manifest(); }
  void *lookup(std::string_view symbol) const override {
    StatusOr<void *> address = executable->lookup(symbol);
    return address.ok() ? *address : nullptr;
  }

private:
  std::unique_ptr<Executable> executable;
};

/// A module's text and what it becomes.
struct Source {
  std::string path;
  std::string text;
  /// What its symbols begin with.
  std::string name;
  int threads = 1;
  std::string tuningDatabase;
  /// Whether it becomes a library that Module::load reads.
  bool exportsManifest = false;
};

} // namespace

static StatusOr<std::string> readText(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return Status::error("cannot read '" + path +
                             "': " + buffer.getError().message(),
                         StatusCode::InputOutput);
  return (*buffer)->getBuffer().str();
}

static int threadsOf(const ModuleOptions &options) {
  return options.threads > 0 ? options.threads : usableProcessors();
}

static StatusOr<LoweredProgram> build(mlir::MLIRContext &context,
                                      const Source &source) {
  mlir::DialectRegistry registry;
  registerCompilerDialects(registry);
  registerPluginDialects(registry);
  context.appendDialectRegistry(registry);
  LoweredProgram program;
  Status status = collectErrors(context, "cannot read the module", [&] {
    program.module = parseModule(source.text, context, source.path);
    return bool(program.module);
  });
  if (!status.ok())
    return status;
  StatusOr<ModuleManifest> manifest = nameEntries(*program.module, source.name);
  if (!manifest.ok())
    return manifest.status();
  mlir::PassManager manager(&context);
  ModulePipelineOptions pipeline;
  pipeline.tuningDatabase = source.tuningDatabase;
  pipeline.threads = source.threads;
  buildModulePipeline(manager, pipeline);
  status = collectErrors(context, "cannot compile the module", [&] {
    return succeeded(manager.run(*program.module));
  });
  if (!status.ok())
    return status;
  addModuleSymbols(*program.module, *manifest, source.threads > 1,
                   source.exportsManifest);
  program.manifest = manifest->print();
  return program;
}

//===----------------------------------------------------------------------===//
// In memory
//===----------------------------------------------------------------------===//

static std::string cacheDirectoryOf(const ModuleOptions &options) {
  if (!options.useCache)
    return "";
  if (!options.cacheDirectory.empty())
    return options.cacheDirectory;
  llvm::SmallString<128> path;
  if (!llvm::sys::path::cache_directory(path))
    return "";
  llvm::sys::path::append(path, "orcinus");
  return path.str().str();
}

StatusOr<std::shared_ptr<const Module>>
orcinus::openModule(const ModuleOptions &options) {
  StatusOr<std::string> text = readText(options.path);
  if (!text.ok())
    return text.status();
  if (text->starts_with("\x7f"
                        "ELF"))
    return Module::load(options.path);
  Source source{options.path, std::move(*text), "module", threadsOf(options),
                options.tuningDatabase};
  JitOptions jit;
  jit.cacheDirectory = cacheDirectoryOf(options);
  for (const AbiSymbol &symbol : abiSymbols())
    jit.symbols.emplace_back(symbol.name, symbol.address);
  std::string key = std::string(compilerDigest()) + "\nmodule " +
                    pluginDigest() + std::to_string(source.threads) + "\n" +
                    source.text;
  // What a database holds for the module is known once it is compiled.
  if (!options.tuningDatabase.empty())
    jit.cacheDirectory.clear();
  StatusOr<std::unique_ptr<Executable>> executable = jitCompile(
      key, [&](mlir::MLIRContext &context) { return build(context, source); },
      jit);
  if (!executable.ok())
    return executable.status();
  return Module::create(
      std::make_unique<ExecutableCode>(std::move(*executable)));
}

//===----------------------------------------------------------------------===//
// As files
//===----------------------------------------------------------------------===//

StatusOr<ModuleFiles> orcinus::compileModuleFiles(const ModuleOptions &options,
                                                  const std::string &name,
                                                  bool asObject) {
  if (!isIdentifier(name))
    return Status::error("'" + name +
                         "' cannot begin the names of C functions: give a "
                         "name of letters, digits and _ with --name");
  StatusOr<std::string> text = readText(options.path);
  if (!text.ok())
    return text.status();
  Source source{options.path,       std::move(*text),       name,
                threadsOf(options), options.tuningDatabase, !asObject};
  mlir::DialectRegistry registry;
  registerHostTranslations(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  StatusOr<LoweredProgram> program = build(context, source);
  if (!program.ok())
    return program.status();
  StatusOr<ModuleManifest> manifest = ModuleManifest::parse(program->manifest);
  if (!manifest.ok())
    return manifest.status();
  StatusOr<std::string> object =
      makeHostObject(*program->module, "module", /*checked=*/false);
  if (!object.ok())
    return object.status();
  ModuleFiles files;
  StatusOr<std::string> header = moduleHeader(*manifest);
  if (!header.ok())
    return header.status();
  files.header = std::move(*header);
  StatusOr<std::string> code = linkModule(
      *object, name, asObject ? LinkKind::Object : LinkKind::Library);
  if (!code.ok())
    return code.status();
  files.code = std::move(*code);
  return files;
}
