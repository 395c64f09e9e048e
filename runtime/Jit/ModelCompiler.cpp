//===- ModelCompiler.cpp - From a model to a program ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Compiler.h"

#include "dialects/TGNN/IR/TGNNDialect.h"
#include "models/BuiltinModels.h"
#include "passes/Model/Manifest.h"
#include "passes/Pipelines/LowerToHost.h"
#include "passes/Pipelines/StepPipeline.h"
#include "runtime/Abi/Abi.h"
#include "runtime/Jit/CompilerDigest.h"
#include "runtime/Jit/Jit.h"
#include "runtime/Jit/OpenMP.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <thread>

using namespace orcinus;

namespace {

class JitModel : public CompiledModel {
public:
  JitModel(CompileOptions options, std::string text,
           std::unique_ptr<Executable> executable, const JitReport &report)
      : compileOptions(std::move(options)), text(std::move(text)),
        executable(std::move(executable)), report(report) {}

  const std::string &manifest() const override {
    return executable->manifest();
  }
  void *lookup(std::string_view symbol) const override {
    StatusOr<void *> address = executable->lookup(symbol);
    return address.ok() ? *address : nullptr;
  }
  const std::string &modelText() const override { return text; }
  const CompileOptions &options() const override { return compileOptions; }
  std::string_view objectCode() const override {
    return executable->objects().front();
  }
  void useThreads(int threads) const override {
    if (StatusOr<OpenMP *> runtime = OpenMP::open(); runtime.ok())
      (*runtime)->setThreads(threads);
  }
  double compileSeconds() const override {
    return report.buildSeconds + report.compileSeconds + report.loadSeconds;
  }
  bool cacheHit() const override { return report.cached; }

private:
  CompileOptions compileOptions;
  std::string text;
  std::unique_ptr<Executable> executable;
  JitReport report;
};

} // namespace

//===----------------------------------------------------------------------===//
// The model's text
//===----------------------------------------------------------------------===//

static StatusOr<std::string> readModel(const std::string &model) {
  std::string names;
  for (const BuiltinModel &builtin : builtinModels()) {
    if (builtin.name == model)
      return std::string(builtin.text);
    names += (names.empty() ? "" : ", ") + std::string(builtin.name);
  }
  auto buffer = llvm::MemoryBuffer::getFile(model);
  if (!buffer)
    return Status::error("no model '" + model + "': neither one of " + names +
                         " nor a file that can be read (" +
                         buffer.getError().message() + ")");
  return (*buffer)->getBuffer().str();
}

//===----------------------------------------------------------------------===//
// The program
//===----------------------------------------------------------------------===//

/// The sizes that `options` override, as `tgnn-specialize-model` reads them.
static std::vector<std::string> sizesOf(const CompileOptions &options) {
  auto size = [](const char *name, int64_t value) {
    return std::string(name) + ":" + std::to_string(value);
  };
  return {size("layers", options.layers),
          size("neighbours", options.neighbours),
          size("dim", options.dimension),
          size("time", options.dimension),
          size("heads", options.heads),
          size("edge", options.edgeFeatureColumns),
          size("node", options.nodeFeatureColumns)};
}

static void registerDialects(mlir::MLIRContext &context) {
  mlir::DialectRegistry registry;
  registerStepDialects(registry);
  registerLowerToHostDialects(registry);
  context.appendDialectRegistry(registry);
}

/// Runs `body` and returns the first error that MLIR reports meanwhile, with
/// its location.
static Status collectErrors(mlir::MLIRContext &context, llvm::StringRef what,
                            llvm::function_ref<bool()> body) {
  std::string message;
  mlir::ScopedDiagnosticHandler handler(
      &context, [&](mlir::Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() != mlir::DiagnosticSeverity::Error ||
            !message.empty())
          return mlir::success();
        llvm::raw_string_ostream stream(message);
        if (auto location =
                llvm::dyn_cast<mlir::FileLineColLoc>(diagnostic.getLocation()))
          stream << location.getFilename().getValue() << ":"
                 << location.getLine() << ":" << location.getColumn() << ": ";
        stream << diagnostic;
        return mlir::success();
      });
  if (body())
    return Status();
  return Status::error(what.str() + ": " + message);
}

static StatusOr<ProgramSource> buildProgram(mlir::MLIRContext &context,
                                            const CompileOptions &options,
                                            const std::string &text,
                                            int threads) {
  registerDialects(context);
  ProgramSource source;
  Status parsed = collectErrors(context, "cannot read the model", [&] {
    source.module = mlir::parseSourceString<mlir::ModuleOp>(
        text, mlir::ParserConfig(&context), options.model);
    return bool(source.module);
  });
  if (!parsed.ok())
    return parsed;
  StepPipelineOptions step;
  for (const std::string &size : sizesOf(options))
    step.sizes.push_back(size);
  step.dropout = options.dropout;
  step.reuse = options.reuse;
  step.share = options.share;
  step.blockGradient = options.blockGradient;
  mlir::PassManager manager(&context);
  buildTrainPipeline(manager, step);
  Status compiled = collectErrors(context, "cannot compile the model", [&] {
    return succeeded(manager.run(*source.module));
  });
  if (!compiled.ok())
    return compiled;
  source.manifest = buildManifest(*source.module);

  mlir::PassManager bufferize(&context);
  // Verifying between passes takes a third of the time; what is wrong with a
  // model shows before.
  bufferize.enableVerifier(false);
  buildBufferizePipeline(bufferize);
  LowerToHostOptions host;
  host.threads = threads;
  buildLowerToHostPipeline(bufferize, host);
  Status lowered = collectErrors(context, "cannot lower the model", [&] {
    return succeeded(bufferize.run(*source.module));
  });
  if (!lowered.ok())
    return lowered;
  return source;
}

/// All that decides on the program besides the machine.
static std::string keyOf(const CompileOptions &options, const std::string &text,
                         int threads) {
  std::string key = ORCINUS_COMPILER_DIGEST "\n";
  for (const std::string &size : sizesOf(options))
    key += size + " ";
  key += options.reuse + " " + options.share + " " +
         std::to_string(options.blockGradient) + " " +
         std::to_string(options.dropout) + " " + options.target + " " +
         std::to_string(threads) + " " +
         std::to_string(options.compileThreads) + "\n" + text;
  return key;
}

static std::string defaultCacheDirectory() {
  llvm::SmallString<128> path;
  if (!llvm::sys::path::cache_directory(path))
    return "";
  llvm::sys::path::append(path, "orcinus");
  return path.str().str();
}

StatusOr<std::shared_ptr<const CompiledModel>>
orcinus::compileModel(const CompileOptions &options) {
  if (options.target != "host")
    return Status::error("target '" + options.target +
                         "' is not built in; use host");
  StatusOr<std::string> text = options.modelText.empty()
                                   ? readModel(options.model)
                                   : StatusOr(options.modelText);
  if (!text.ok())
    return text.status();
  int threads = std::max(1u, std::thread::hardware_concurrency());
  JitOptions jit;
  jit.compileThreads = options.compileThreads;
  if (options.useCache)
    jit.cacheDirectory = options.cacheDirectory.empty()
                             ? defaultCacheDirectory()
                             : options.cacheDirectory;
  for (const AbiSymbol &symbol : abiSymbols())
    jit.symbols.emplace_back(symbol.name, symbol.address);
  JitReport report;
  StatusOr<std::unique_ptr<Executable>> executable = jitCompile(
      keyOf(options, *text, threads),
      [&](mlir::MLIRContext &context) {
        return buildProgram(context, options, *text, threads);
      },
      jit, &report);
  if (!executable.ok())
    return executable.status();
  return std::shared_ptr<const CompiledModel>(std::make_shared<JitModel>(
      options, std::move(*text), std::move(*executable), report));
}
