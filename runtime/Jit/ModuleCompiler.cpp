//===- ModuleCompiler.cpp - From functions of tensors to a module ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Compiler.h"
#include "orcinus/Runtime/Module.h"
#include "orcinus/Support/Processors.h"
#include "passes/Lowering/CompilerDigest.h"
#include "passes/Lowering/Passes.h"
#include "passes/Pipelines/CompilerDialects.h"
#include "passes/Pipelines/ModulePipeline.h"
#include "passes/Pipelines/ParseModule.h"
#include "passes/Tuning/ProgramChoice.h"
#include "runtime/Abi/Abi.h"
#include "runtime/Jit/CollectErrors.h"
#include "runtime/Jit/HostObject.h"
#include "runtime/Jit/Jit.h"
#include "runtime/Jit/Linker.h"
#include "runtime/Jit/ModuleEntries.h"
#include "runtime/Jit/ModuleHeader.h"
#include "runtime/Jit/Plugins.h"
#include "runtime/Jit/ProgramTarget.h"
#include "runtime/Jit/ToolProcess.h"
#include "runtime/Jit/WeightPreparation.h"
#include "runtime/Jit/WeightsObject.h"
#include "runtime/Module/ModuleCode.h"
#include "runtime/Module/WeightsFile.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/BinaryFormat/Magic.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace orcinus;

namespace {

/// A module that was compiled, or found in the object cache, and is linked in
/// memory.
class ExecutableCode : public ModuleCode {
public:
  ExecutableCode(std::unique_ptr<Executable> executable,
                 std::shared_ptr<const WeightsFile> weights,
                 std::shared_ptr<Device> device)
      : executable(std::move(executable)), weights(std::move(weights)),
        device(std::move(device)) {}

  std::string manifest() const override { return executable->manifest(); }
  void *lookup(std::string_view symbol) const override {
    StatusOr<void *> address = executable->lookup(symbol);
    return address.ok() ? *address : nullptr;
  }
  const char *call(Function function, void **arguments) const override;

private:
  std::unique_ptr<Executable> executable;
  std::shared_ptr<const WeightsFile> weights;
  /// Null for the host.
  std::shared_ptr<Device> device;
};

/// A module's text and what it becomes.
struct Source {
  std::string path;
  std::string text;
  /// What its symbols begin with.
  std::string name;
  int threads = 1;
  std::string tuningDatabase;
  /// Null where it has none.
  std::shared_ptr<const WeightsFile> weights;
  /// Whether it becomes a library that Module::load reads.
  bool exportsManifest = false;
  /// Null for the host.
  std::shared_ptr<const ProgramTarget> target;
};

} // namespace

const char *ExecutableCode::call(Function function, void **arguments) const {
  if (!device)
    return function(arguments);
  static thread_local std::string words;
  DeviceScope scope(device.get());
  const char *reason = function(arguments);
  Status status = device->takeError();
  if (reason || status.ok())
    return reason;
  words = status.message();
  return words.c_str();
}

/// Reads what `options.path` names, with the weights beside it, as `name`.
static StatusOr<Source> readSource(const ModuleOptions &options,
                                   const std::string &name) {
  Source source;
  source.path = options.path;
  source.text = options.text;
  if (options.text.empty()) {
    StatusOr<std::string> text = readBytes(options.path);
    if (!text.ok())
      return text.status();
    source.text = std::move(*text);
  }
  source.name = name;
  source.threads = options.threads > 0 ? options.threads : usableProcessors();
  source.tuningDatabase = options.tuningDatabase;
  if (options.target != "host") {
    CompileOptions compile;
    compile.target = options.target;
    compile.checkKernels = options.target == "simulator";
    StatusOr<ProgramTarget> target = ProgramTarget::open(compile);
    if (!target.ok())
      return target.status();
    source.target = std::make_shared<ProgramTarget>(std::move(*target));
  }
  std::string path = weightsPathOf(options.path);
  if (!llvm::sys::fs::exists(path))
    return source;
  StatusOr<std::shared_ptr<const WeightsFile>> weights =
      WeightsFile::open(path);
  if (!weights.ok())
    return weights.status();
  source.weights = std::move(*weights);
  return source;
}

/// What a device returns lies where the caller says, which must know how much
/// it is.
static Status checkResults(const ModuleManifest &manifest) {
  for (const EntryPoint &entry : manifest.entryPoints)
    for (const TensorType &type : entry.results)
      if (!type.isStatic())
        return Status::error("cannot compile the module: " + entry.toString() +
                             " returns a tensor of dynamic extents, which "
                             "only the host does");
  return Status();
}

static void addPipeline(mlir::PassManager &manager, const Source &source) {
  if (!source.target) {
    ModulePipelineOptions pipeline;
    pipeline.tuningDatabase = source.tuningDatabase;
    pipeline.threads = source.threads;
    buildModulePipeline(manager, pipeline);
    return;
  }
  // As for steps: what comes between the passes is of no dialect of its own.
  manager.enableVerifier(false);
  buildModuleForDevicePipeline(manager);
  source.target->addLowering(manager, source.threads, /*hostArguments=*/true);
  manager.addPass(createGuardEntries());
}

/// The program of `source`. Where `preparation` is given, what prepares weights
/// is there, and not in the program.
static StatusOr<LoweredProgram>
build(mlir::MLIRContext &context, const Source &source,
      mlir::OwningOpRef<mlir::ModuleOp> *preparation = nullptr) {
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
  if (source.target)
    if (status = checkResults(*manifest); !status.ok())
      return status;
  status = nameWeights(*program.module, *manifest, source.weights.get());
  if (!status.ok())
    return status;
  // Its programs are the host's.
  if (source.target)
    dropPrograms(*program.module);
  mlir::PassManager manager(&context);
  addPipeline(manager, source);
  status = collectErrors(context, "cannot compile the module", [&] {
    return succeeded(manager.run(*program.module));
  });
  if (!status.ok())
    return status;
  noteTemporaries(*program.module, *manifest);
  // Before the symbols, which depend on whether the program has parallel loops.
  if (preparation)
    *preparation = takePreparation(*program.module);
  addModuleSymbols(*program.module, *manifest, source.exportsManifest);
  program.manifest = manifest->print();
  return program;
}

//===----------------------------------------------------------------------===//
// In memory
//===----------------------------------------------------------------------===//

static std::string cacheDirectoryOf(const ModuleOptions &options) {
  // What a database holds for the module is known once it is compiled.
  if (!options.useCache || !options.tuningDatabase.empty())
    return "";
  if (!options.cacheDirectory.empty())
    return options.cacheDirectory;
  llvm::SmallString<128> path;
  if (!llvm::sys::path::cache_directory(path))
    return "";
  llvm::sys::path::append(path, "orcinus");
  return path.str().str();
}

/// What the code of `source` may call, and its weights.
static std::vector<RuntimeSymbol> symbolsOf(const Source &source) {
  std::vector<RuntimeSymbol> symbols;
  for (const AbiSymbol &symbol : abiSymbols())
    symbols.emplace_back(symbol.name, symbol.address);
  if (source.target)
    for (const RuntimeSymbol &symbol : deviceSymbols())
      symbols.push_back(symbol);
  if (!source.weights)
    return symbols;
  ModuleManifest names;
  names.name = source.name;
  for (const Weight &weight : source.weights->weights())
    symbols.emplace_back(names.weightSymbol(weight.name),
                         const_cast<void *>(weight.data));
  return symbols;
}

/// Whether the file at `path` begins as a library does.
static bool isLibrary(const std::string &path) {
  llvm::file_magic magic;
  return !llvm::identify_magic(path, magic) &&
         magic == llvm::file_magic::elf_shared_object;
}

StatusOr<std::shared_ptr<const Module>>
orcinus::openModule(const ModuleOptions &options) {
  if (options.text.empty() && isLibrary(options.path)) {
    if (options.target != "host")
      return Status::error("'" + options.path +
                           "' is a library, which is for the host");
    return Module::load(options.path);
  }
  StatusOr<Source> source = readSource(options, "module");
  if (!source.ok())
    return source.status();
  JitOptions jit;
  jit.cacheDirectory = cacheDirectoryOf(options);
  jit.symbols = symbolsOf(*source);
  std::string key = std::string(compilerDigest()) + "\nmodule " +
                    pluginDigest() + std::to_string(source->threads) + " " +
                    (source->target ? source->target->key() : "host") + "\n" +
                    source->text;
  if (source->weights)
    key += source->weights->header();
  StatusOr<std::unique_ptr<Executable>> executable = jitCompile(
      key, [&](mlir::MLIRContext &context) { return build(context, *source); },
      jit);
  if (!executable.ok())
    return executable.status();
  std::shared_ptr<Device> device;
  if (source->target) {
    if (Status status = source->target->loadKernels(**executable); !status.ok())
      return status;
    device = source->target->device();
  } else if (Status status = prepareWeights(**executable); !status.ok()) {
    return status;
  }
  return Module::create(std::make_unique<ExecutableCode>(
      std::move(*executable), std::move(source->weights), std::move(device)));
}

//===----------------------------------------------------------------------===//
// As files
//===----------------------------------------------------------------------===//

/// The object file of the weights `wanted`: those of the source, and those that
/// `preparation` makes of them; nothing where there are none.
static StatusOr<std::optional<std::string>>
weightsObject(const Source &source, mlir::ModuleOp preparation,
              const std::vector<std::string> &wanted) {
  StatusOr<WorkFolder> folder = WorkFolder::make();
  if (!folder.ok())
    return folder.status();
  StatusOr<std::vector<StoredWeight>> weights =
      storePrepared(preparation, symbolsOf(source), wanted, *folder);
  if (!weights.ok())
    return weights.status();
  ModuleManifest names;
  names.name = source.name;
  if (source.weights)
    for (const Weight &weight : source.weights->weights()) {
      std::string symbol = names.weightSymbol(weight.name);
      if (llvm::is_contained(wanted, symbol))
        weights->push_back(
            {symbol, source.weights->path(), weight.offset, weight.bytes});
    }
  if (weights->empty())
    return std::optional<std::string>();
  StatusOr<std::string> object = makeWeightsObject(*weights);
  if (!object.ok())
    return object.status();
  return std::optional<std::string>(std::move(*object));
}

/// The object files of `source`, and its manifest.
static StatusOr<CompiledProgram> makeObjects(const Source &source) {
  mlir::DialectRegistry registry;
  registerHostTranslations(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  mlir::OwningOpRef<mlir::ModuleOp> preparation;
  StatusOr<LoweredProgram> program = build(context, source, &preparation);
  if (!program.ok())
    return program.status();
  StatusOr<std::string> code =
      makeHostObject(*program->module, "module", /*checked=*/false);
  if (!code.ok())
    return code.status();
  CompiledProgram compiled{{std::move(*code)}, std::move(program->manifest)};
  StatusOr<std::optional<std::string>> weights =
      weightsObject(source, *preparation, weightSymbolsOf(*program->module));
  if (!weights.ok())
    return weights.status();
  if (*weights)
    compiled.objects.push_back(std::move(**weights));
  return compiled;
}

StatusOr<ModuleFiles> orcinus::compileModuleFiles(const ModuleOptions &options,
                                                  const std::string &name,
                                                  bool asObject) {
  if (options.target != "host")
    return Status::error("libraries are for the host");
  if (!isIdentifier(name))
    return Status::error("'" + name +
                         "' cannot begin the names of C functions: give a "
                         "name of letters, digits and _ with --name");
  StatusOr<Source> source = readSource(options, name);
  if (!source.ok())
    return source.status();
  source->exportsManifest = !asObject;
  StatusOr<CompiledProgram> program = makeObjects(*source);
  if (!program.ok())
    return program.status();
  StatusOr<ModuleManifest> manifest = ModuleManifest::parse(program->manifest);
  if (!manifest.ok())
    return manifest.status();
  StatusOr<std::string> header = moduleHeader(*manifest);
  if (!header.ok())
    return header.status();
  StatusOr<std::string> code = linkModule(
      program->objects, name, asObject ? LinkKind::Object : LinkKind::Library);
  if (!code.ok())
    return code.status();
  return ModuleFiles{std::move(*code), std::move(*header)};
}
