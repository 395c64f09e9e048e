//===- ObjectCompiler.cpp - LLVM IR to object files -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/ObjectCompiler.h"

#include "runtime/Jit/Sanitizers.h"

#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/SplitModule.h"

#include <system_error>
#include <thread>

using namespace orcinus;
using llvm::orc::JITTargetMachineBuilder;

/// The loops come vectorized and tiled: what is left is to clean up after the
/// conversions, to move address arithmetic out of loops, and to share it.
static constexpr llvm::StringLiteral pipeline =
    "globaldce,function(sroa<modify-cfg>,early-cse<memssa>,simplifycfg,"
    "instcombine<no-verify-fixpoint>,"
    "loop-mssa(loop-rotate,licm<allowspeculation>),"
    "gvn,instcombine<no-verify-fixpoint>,simplifycfg,adce)";

static Status optimise(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  llvm::ModulePassManager passes;
  if (llvm::Error error = builder.parsePassPipeline(passes, pipeline))
    return Status::error(llvm::toString(std::move(error)));
  passes.run(module, modules);
  instrumentForSanitizer(module, modules);
  return Status();
}

static StatusOr<std::string> compilePart(llvm::Module &module,
                                         JITTargetMachineBuilder target) {
  auto machine = target.createTargetMachine();
  if (!machine)
    return Status::error(llvm::toString(machine.takeError()));
  if (Status status = optimise(module, **machine); !status.ok())
    return status;
  llvm::SmallString<0> object;
  llvm::raw_svector_ostream stream(object);
  llvm::legacy::PassManager passes;
  if ((*machine)->addPassesToEmitFile(passes, stream, nullptr,
                                      llvm::CodeGenFileType::ObjectFile))
    return Status::error("the target cannot emit object files");
  passes.run(module);
  return object.str().str();
}

/// Compiles a module that another thread wrote as bitcode: a context belongs
/// to one thread.
static StatusOr<std::string>
compileBitcode(llvm::StringRef bitcode, const JITTargetMachineBuilder &target) {
  llvm::LLVMContext context;
  auto module = llvm::parseBitcodeFile(
      llvm::MemoryBufferRef(bitcode, "program"), context);
  if (!module)
    return Status::error(llvm::toString(module.takeError()));
  return compilePart(**module, target);
}

/// Splits the functions of `module` into parts that take about as long to
/// compile: dealt out in turn, the largest first.
static std::vector<std::string> splitToBitcode(llvm::Module &module,
                                               int parts) {
  llvm::DenseMap<const llvm::Function *, unsigned> sizes;
  for (const llvm::Function &function : module)
    sizes[&function] = function.getInstructionCount();
  module.getFunctionList().sort(
      [&](const llvm::Function &one, const llvm::Function &other) {
        return sizes[&one] > sizes[&other];
      });
  std::vector<std::string> bitcodes;
  llvm::SplitModule(
      module, parts,
      [&](std::unique_ptr<llvm::Module> part) {
        llvm::raw_string_ostream stream(bitcodes.emplace_back());
        llvm::WriteBitcodeToFile(*part, stream);
      },
      /*PreserveLocals=*/false, /*RoundRobin=*/true);
  return bitcodes;
}

StatusOr<std::vector<std::string>>
orcinus::compileToObjects(std::unique_ptr<llvm::Module> module,
                          const JITTargetMachineBuilder &target, int parts) {
  auto machine = JITTargetMachineBuilder(target).createTargetMachine();
  if (!machine)
    return Status::error(llvm::toString(machine.takeError()));
  module->setDataLayout((*machine)->createDataLayout());
  module->setTargetTriple((*machine)->getTargetTriple());

  std::vector<StatusOr<std::string>> results;
  if (parts <= 1) {
    results.push_back(compilePart(*module, target));
  } else {
    std::vector<std::string> bitcodes = splitToBitcode(*module, parts);
    results.assign(bitcodes.size(), std::string());
    std::vector<std::thread> workers;
    for (size_t part = 0; part < bitcodes.size(); ++part) {
      auto compile = [&, part] {
        results[part] = compileBitcode(bitcodes[part], target);
      };
      try {
        workers.emplace_back(compile);
      } catch (const std::system_error &) {
        // No thread can be started: this one does it.
        compile();
      }
    }
    for (std::thread &worker : workers)
      worker.join();
  }

  std::vector<std::string> objects;
  for (StatusOr<std::string> &result : results) {
    if (!result.ok())
      return Status::error("cannot compile the program: " + result.message(),
                           StatusCode::Internal);
    objects.push_back(std::move(*result));
  }
  return objects;
}
