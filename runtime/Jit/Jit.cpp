//===- Jit.cpp - Compile a program, or load it from the cache -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/Jit.h"

#include "lib/Support/Clock.h"
#include "runtime/Jit/HostObject.h"
#include "runtime/Jit/ObjectCompiler.h"
#include "runtime/Jit/Sanitizers.h"
#include "runtime/Jit/Target.h"

#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Support/ThreadPool.h"

#include <optional>
#include <system_error>
#include <thread>

using namespace orcinus;

namespace {

/// Adds the seconds of its own life to a number.
class Stopwatch {
public:
  explicit Stopwatch(double &total) : total(total) {}
  ~Stopwatch() { total += secondsSince(begin); }

private:
  double &total;
  Clock::time_point begin = Clock::now();
};

} // namespace

static std::unique_ptr<mlir::MLIRContext> makeContext() {
  mlir::DialectRegistry registry;
  registerHostTranslations(registry);
  return std::make_unique<mlir::MLIRContext>(
      registry, mlir::MLIRContext::Threading::DISABLED);
}

/// Whether a thread can be started now. LLVM's pool ends the process where one
/// cannot.
static bool startsThreads() {
  try {
    std::thread([] {}).join();
    return true;
  } catch (const std::system_error &) {
    return false;
  }
}

static StatusOr<CompiledProgram>
compile(const BuildProgram &build,
        const llvm::orc::JITTargetMachineBuilder &target,
        const JitOptions &options, JitReport &report) {
  // Outlives the context, whose passes take functions to its threads.
  std::optional<llvm::DefaultThreadPool> threads;
  std::unique_ptr<mlir::MLIRContext> context = makeContext();
  if (options.compileThreads > 1 && startsThreads()) {
    threads.emplace(llvm::hardware_concurrency(options.compileThreads));
    context->setThreadPool(*threads);
  }
  StatusOr<LoweredProgram> source = [&] {
    Stopwatch stopwatch(report.buildSeconds);
    return build(*context);
  }();
  if (!source.ok())
    return source.status();

  Stopwatch stopwatch(report.compileSeconds);
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> module =
      mlir::translateModuleToLLVMIR(*source->module, llvmContext, "program");
  if (!module)
    return Status::error("cannot translate the program to LLVM IR",
                         StatusCode::Internal);
  markForSanitizer(*module);
  StatusOr<std::vector<std::string>> objects =
      compileToObjects(std::move(module), target, options.compileThreads);
  if (!objects.ok())
    return objects.status();
  return CompiledProgram{std::move(*objects), std::move(source->manifest)};
}

/// The stored program, or a new one, which it stores.
static StatusOr<CompiledProgram>
findOrCompile(llvm::StringRef key, const BuildProgram &build,
              const llvm::orc::JITTargetMachineBuilder &target,
              const JitOptions &options, JitReport &report) {
  if (options.cacheDirectory.empty())
    return compile(build, target, options, report);
  ObjectCache cache(options.cacheDirectory);
  std::string fullKey = key.str() + "\n" + describeTarget(target);
  if (std::optional<CompiledProgram> found = cache.find(fullKey)) {
    report.cached = true;
    return std::move(*found);
  }
  StatusOr<CompiledProgram> program = compile(build, target, options, report);
  if (program.ok())
    report.cacheWarning = cache.store(fullKey, *program).message();
  return program;
}

StatusOr<std::unique_ptr<Executable>>
orcinus::jitCompile(llvm::StringRef key, const BuildProgram &build,
                    const JitOptions &options, JitReport *report) {
  JitReport unread;
  JitReport &notes = report ? *report : unread;
  notes = JitReport();
  StatusOr<llvm::orc::JITTargetMachineBuilder> target = hostTarget();
  if (!target.ok())
    return target.status();
  StatusOr<CompiledProgram> program =
      findOrCompile(key, build, *target, options, notes);
  if (!program.ok())
    return program.status();
  Stopwatch stopwatch(notes.loadSeconds);
  return Executable::load(std::move(*program), *target, options.symbols);
}
