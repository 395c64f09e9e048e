//===- CompilerDialects.cpp - What all tools can read ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Pipelines/CompilerDialects.h"

#include "dialects/ETO/IR/ETODialect.h"
#include "passes/Pipelines/LowerToGpu.h"
#include "passes/Pipelines/LowerToHost.h"
#include "passes/Pipelines/StepPipeline.h"

#include "mlir/InitAllDialects.h"

void orcinus::registerCompilerDialects(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  registry.insert<eto::ETODialect>();
  registerStepDialects(registry);
  registerLowerToHostDialects(registry);
  // MLIR's extensions are among them.
  registerGpuTargets(registry);
}
