//===- HostLoweringFuzzer.cpp - Modules through bufferization and lowering ===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CompilerFuzzing.h"
#include "FuzzSupport.h"

#include "passes/Pipelines/LowerToHost.h"
#include "passes/Pipelines/StepPipeline.h"

#include "mlir/Pass/PassManager.h"

using namespace orcinus;
using namespace orcinus::fuzz;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  FuzzContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module = context.parse(asText(data, size));
  if (!module)
    return 0;
  LowerToHostOptions options;
  // The same on every machine.
  options.vectorBits = 256;
  options.vectorRegisters = 16;
  options.threads = 2;
  mlir::PassManager manager(context);
  buildBufferizePipeline(manager);
  buildLowerToHostPipeline(manager, options);
  if (mlir::failed(manager.run(*module)))
    check(!context.errors().empty(), "a pipeline that fails says why");
  return 0;
}
