//===- Compile.cpp - How long a program takes to compile and to load ------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Usage: orcinus-bench-compile FILE.mlir CACHE-FOLDER [compile threads]
//
// Compiles FILE, linalg on memrefs, unless the cache has it, and prints what
// each part took. Run twice for the cold and the warm start.
//
//===----------------------------------------------------------------------===//

#include "passes/Pipelines/LowerToHost.h"
#include "runtime/Jit/Jit.h"

#include "mlir/Parser/Parser.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>
#include <ctime>

using namespace orcinus;

int main(int argc, char **argv) {
  if (argc < 3) {
    llvm::errs() << "usage: " << argv[0]
                 << " FILE.mlir CACHE-FOLDER [compile threads]\n";
    return 2;
  }
  BuildProgram build =
      [&](mlir::MLIRContext &context) -> StatusOr<LoweredProgram> {
    mlir::DialectRegistry registry;
    registerLowerToHostDialects(registry);
    context.appendDialectRegistry(registry);
    auto module = mlir::parseSourceFile<mlir::ModuleOp>(argv[1], &context);
    if (!module)
      return Status::error("cannot parse the program");
    LowerToHostOptions options;
    options.threads = 2;
    if (Status status = lowerToHost(*module, options); !status.ok())
      return status;
    return LoweredProgram{std::move(module), ""};
  };
  JitOptions options;
  options.cacheDirectory = argv[2];
  options.compileThreads = argc > 3 ? std::atoi(argv[3]) : 2;
  // The program is linked but not run.
  auto unused = reinterpret_cast<void *>(+[] {});
  options.symbols = {{"orcinus_rt_allocate", unused},
                     {"orcinus_rt_free", unused}};
  JitReport report;
  auto executable = jitCompile(argv[1], build, options, &report);
  if (!executable.ok()) {
    llvm::errs() << "error: " << executable.message() << "\n";
    return 1;
  }
  auto function = (*executable)->packedFunction("train_step");
  timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  llvm::outs() << llvm::formatv(
      "{0}: lowered {1:f3} s, compiled {2:f3} s, loaded {3:f3} s; processor "
      "time of the process {4:f3} s\n",
      report.cached ? "warm" : "cold", report.buildSeconds,
      report.compileSeconds, report.loadSeconds,
      used.tv_sec + 1e-9 * used.tv_nsec);
  return function.ok() ? 0 : 1;
}
