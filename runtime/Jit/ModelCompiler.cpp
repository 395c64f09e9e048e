//===- ModelCompiler.cpp - From a model to a program ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Compiler.h"

#include "orcinus/Support/Processors.h"
#include "passes/Lowering/CompilerDigest.h"
#include "passes/Lowering/HostDescription.h"
#include "passes/Model/Manifest.h"
#include "passes/Pipelines/LowerToGpu.h"
#include "passes/Pipelines/StepPipeline.h"
#include "runtime/Abi/Abi.h"
#include "runtime/Abi/CollectiveAbi.h"
#include "runtime/Jit/CollectErrors.h"
#include "runtime/Jit/Jit.h"
#include "runtime/Jit/ModelSource.h"
#include "runtime/Jit/OpenMP.h"
#include "runtime/Jit/Plugins.h"
#include "runtime/Jit/ProgramTarget.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace orcinus;

namespace {

class JitModel : public CompiledModel {
public:
  JitModel(CompileOptions options, std::string text,
           std::unique_ptr<Executable> executable,
           std::shared_ptr<Device> opened, TuningUse tuned,
           const JitReport &report)
      : compileOptions(std::move(options)), text(std::move(text)),
        opened(std::move(opened)), tuned(std::move(tuned)),
        executable(std::move(executable)), report(report) {}

  const std::string &manifest() const override {
    return executable->manifest();
  }
  void *lookup(std::string_view symbol) const override {
    StatusOr<void *> address = executable->lookup(symbol);
    return address.ok() ? *address : nullptr;
  }
  StatusOr<std::shared_ptr<Device>> device() const override { return opened; }
  const std::string &modelText() const override { return text; }
  const CompileOptions &options() const override { return compileOptions; }
  TuningUse tuningUse() const override { return tuned; }
  std::string cacheWarning() const override { return report.cacheWarning; }
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
  std::shared_ptr<Device> opened;
  TuningUse tuned;
  std::unique_ptr<Executable> executable;
  JitReport report;
};

} // namespace

//===----------------------------------------------------------------------===//
// The program
//===----------------------------------------------------------------------===//

static StatusOr<LoweredProgram> buildProgram(mlir::MLIRContext &context,
                                             const CompileOptions &options,
                                             const std::string &text,
                                             const ProgramTarget &target,
                                             int threads) {
  mlir::DialectRegistry registry;
  if (target.device()) {
    registerGpuTargets(registry);
    context.appendDialectRegistry(registry);
  }
  StatusOr<mlir::OwningOpRef<mlir::ModuleOp>> step =
      buildSteps(context, options, text);
  if (!step.ok())
    return step.status();
  LoweredProgram source;
  source.module = std::move(*step);
  source.manifest = buildManifest(*source.module, options.target);

  mlir::PassManager manager(&context);
  // Verifying between passes takes a third of the time; what is wrong with a
  // model shows before.
  manager.enableVerifier(false);
  BufferizePipelineOptions bufferize;
  if (std::string tuned = target.tuningTarget(); !tuned.empty()) {
    bufferize.tuningDatabase = options.tuningDatabase;
    bufferize.target = tuned;
  }
  bufferize.threads = threads;
  buildBufferizePipeline(manager, bufferize);
  auto run = [&](mlir::PassManager &passes) {
    return collectErrors(context, "cannot lower the model",
                         [&] { return succeeded(passes.run(*source.module)); });
  };
  if (Status status = run(manager); !status.ok())
    return status;
  if (!options.tuningDatabase.empty())
    source.manifest = addTunedPrograms(source.manifest, *source.module);
  mlir::PassManager lowering(&context);
  lowering.enableVerifier(false);
  target.addLowering(lowering, threads);
  if (Status status = run(lowering); !status.ok())
    return status;
  return source;
}

namespace {

/// What a tuning database has for a target.
struct TunedSchedules {
  /// The schedules as text: whatever else it holds does not decide on programs.
  std::string text;
  TuningUse use;
};

} // namespace

/// What a tuning is for, without the features that its processor's name tells.
static std::string describeContext(const TuningContext &context) {
  std::string text;
  llvm::SmallVector<llvm::StringRef> words;
  llvm::StringRef(context.target).split(words, ' ');
  for (llvm::StringRef word : words)
    if (!word.starts_with("+") && !word.starts_with("-"))
      text += word.str() + " ";
  return text + "by " + context.compiler;
}

/// Says what `database` holds for others than `context`.
static Status describeOthers(const TuningDatabase &database,
                             const TuningContext &context, TuningUse &use) {
  use.wanted = describeContext(context);
  StatusOr<std::vector<TuningContext>> others = database.contexts();
  if (!others.ok())
    return others.status();
  for (const TuningContext &other : *others)
    use.others.push_back(describeContext(other));
  return Status();
}

static StatusOr<TunedSchedules>
schedulesOf(const std::string &path, const ProgramTarget &target, int threads) {
  TunedSchedules schedules;
  std::string tuned = target.tuningTarget();
  if (tuned.empty()) {
    schedules.use.wanted = "this target, which is not tuned for";
    return schedules;
  }
  StatusOr<TargetDescription> described = describeTarget(tuned, threads);
  if (!described.ok())
    return described.status();
  TuningContext context = tuningContext(*described);
  StatusOr<TuningDatabase> database =
      TuningDatabase::openReadOnly(path, context);
  if (!database.ok())
    return database.status();
  StatusOr<std::vector<TunedProgram>> programs = database->programs();
  if (!programs.ok())
    return programs.status();
  for (const TunedProgram &program : *programs) {
    schedules.text += program.kind;
    for (int64_t extent : program.extents)
      schedules.text += " " + std::to_string(extent);
    schedules.text += ": " + program.schedule.toString() + "\n";
  }
  schedules.use.programs = static_cast<int64_t>(programs->size());
  if (programs->empty())
    if (Status status = describeOthers(*database, context, schedules.use);
        !status.ok())
      return status;
  return schedules;
}

/// How many ops the program of `manifest` executes by tuned programs.
static int64_t tunedOperators(const std::string &manifest) {
  auto parsed = nlohmann::json::parse(manifest, nullptr, false);
  auto place = nlohmann::json::json_pointer("/tuned/operators");
  return parsed.is_object() ? parsed.value(place, int64_t(0)) : 0;
}

/// An option that the model decides on where it is not given. A fraction is
/// written to its last bit.
template <typename T>
static std::string givenOrOwn(const std::optional<T> &option) {
  if (!option)
    return "own ";
  char text[32];
  return std::string(text,
                     std::to_chars(text, text + sizeof(text), *option).ptr) +
         " ";
}

static std::string givenOrOwn(const std::optional<std::string> &option) {
  return option.value_or("own") + " ";
}

static std::string givenOrOwn(const std::optional<bool> &option) {
  return option ? std::to_string(*option) + " " : "own ";
}

/// All that decides on the program besides the machine.
static std::string keyOf(const CompileOptions &options, const std::string &text,
                         const std::string &schedules,
                         const ProgramTarget &target, int threads) {
  std::string key(compilerDigest());
  key += "\n" + pluginDigest();
  key += givenOrOwn(options.layers) + givenOrOwn(options.neighbours) +
         givenOrOwn(options.dimension) + givenOrOwn(options.heads) +
         givenOrOwn(options.sizes) + givenOrOwn(options.dropout) +
         givenOrOwn(options.optimizer) + givenOrOwn(options.weightDecay) +
         givenOrOwn(options.momentum) + givenOrOwn(options.nesterov) +
         givenOrOwn(options.clip) + givenOrOwn(options.task) +
         givenOrOwn(options.outputs) + givenOrOwn(options.freezeEncoder) +
         givenOrOwn(options.edgeFeatureColumns) +
         givenOrOwn(options.nodeFeatureColumns);
  key += options.reuse + " ";
  // Of the model's text it is not known here which of the two it is.
  for (bool embedsAtEventTime : {false, true}) {
    CompileOptions all = options;
    setReuseDefaults(all, embedsAtEventTime);
    key += givenOrOwn(all.share) + givenOrOwn(all.capacity) +
           givenOrOwn(all.blockGradient);
  }
  key += options.policy + " " + std::to_string(options.memory.has_value()) +
         " " + std::to_string(options.maxAge) + " " +
         std::to_string(options.measureStaleness) + " " +
         std::to_string(options.exactEpochs.value_or(0) > 0) + " " +
         options.target + " " + target.key() + " " + std::to_string(threads) +
         " " + std::to_string(options.compileThreads) + " " +
         std::to_string(options.plainLoops) + " " +
         std::to_string(options.tuningDatabase.empty()) + " " +
         std::to_string(options.sharded.value_or(false));
  for (const std::string &function : options.functions)
    key += " " + function;
  key += "\n" + schedules + "\n" + text;
  return key;
}

static std::string defaultCacheDirectory() {
  llvm::SmallString<128> path;
  if (!llvm::sys::path::cache_directory(path))
    return "";
  llvm::sys::path::append(path, "orcinus");
  return path.str().str();
}

static Status checkReuse(const CompileOptions &options) {
  bool reuses = options.reuse != "none";
  if (int epochs = options.exactEpochs.value_or(0); epochs < 0)
    return Status::error("the number of exact epochs is " +
                         std::to_string(epochs) + ", but must be 0 or more");
  if (options.reuse == "push-pull" && options.share == "separate")
    return Status::error("push-pull computes no embeddings for neighbours "
                         "alone, which separate sharing is about: choose "
                         "recompute");
  if (options.measureStaleness && !reuses)
    return Status::error("without reuse there is no staleness to measure: "
                         "choose push-pull or recompute");
  if (options.memory && !reuses)
    return Status::error("without reuse there is no cache to divide a memory "
                         "among: choose push-pull or recompute");
  if (options.memory && options.capacity >= 0)
    return Status::error("a memory for all caches takes the place of a "
                         "capacity for each: give one of them");
  return Status();
}

StatusOr<std::shared_ptr<const CompiledModel>>
orcinus::compileModel(const CompileOptions &options) {
  if (Status status = checkReuse(options); !status.ok())
    return status;
  StatusOr<std::string> text = readModelText(options);
  if (!text.ok())
    return text.status();
  StatusOr<ProgramTarget> target = ProgramTarget::open(options);
  if (!target.ok())
    return target.status();
  int threads = options.threads > 0 ? options.threads : usableProcessors();
  StatusOr<TunedSchedules> schedules = TunedSchedules();
  if (!options.tuningDatabase.empty())
    schedules = schedulesOf(options.tuningDatabase, *target, threads);
  if (!schedules.ok())
    return schedules.status();
  JitOptions jit;
  jit.compileThreads = options.compileThreads;
  if (options.useCache)
    jit.cacheDirectory = options.cacheDirectory.empty()
                             ? defaultCacheDirectory()
                             : options.cacheDirectory;
  for (const AbiSymbol &symbol : abiSymbols())
    jit.symbols.emplace_back(symbol.name, symbol.address);
  for (const AbiSymbol &symbol : collectiveSymbols())
    jit.symbols.emplace_back(symbol.name, symbol.address);
  if (target->device())
    for (const RuntimeSymbol &symbol : deviceSymbols())
      jit.symbols.push_back(symbol);
  JitReport report;
  StatusOr<std::unique_ptr<Executable>> executable = jitCompile(
      keyOf(options, *text, schedules->text, *target, threads),
      [&](mlir::MLIRContext &context) {
        return buildProgram(context, options, *text, *target, threads);
      },
      jit, &report);
  if (!executable.ok())
    return executable.status();
  if (Status status = target->loadKernels(**executable); !status.ok())
    return status;
  TuningUse tuned = std::move(schedules->use);
  tuned.operators = tunedOperators((*executable)->manifest());
  return std::shared_ptr<const CompiledModel>(std::make_shared<JitModel>(
      options, std::move(*text), std::move(*executable), target->device(),
      std::move(tuned), report));
}
