//===- GpuOperatorCompiler.cpp - Operators to GPU kernels -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/GpuOperatorCompiler.h"

#include "dialects/ETO/IR/ETODialect.h"
#include "passes/Pipelines/LowerToGpu.h"
#include "passes/Pipelines/LowerToHost.h"
#include "passes/Pipelines/StepPipeline.h"
#include "runtime/Jit/CollectErrors.h"
#include "runtime/Jit/GpuObject.h"
#include "runtime/Jit/OperatorLowering.h"

#include "mlir/Parser/Parser.h"

using namespace orcinus;

GpuOperatorCompiler::GpuOperatorCompiler(const GpuChip &chip) : chip(chip) {
  mlir::DialectRegistry registry;
  registerStepDialects(registry);
  registerLowerToHostDialects(registry);
  registerGpuTargets(registry);
  context = std::make_unique<mlir::MLIRContext>(
      registry, mlir::MLIRContext::Threading::DISABLED);
  // Its attributes are set on modules that have none of it.
  context->loadDialect<eto::ETODialect>();
}

GpuOperatorCompiler::~GpuOperatorCompiler() = default;

StatusOr<GpuObject> GpuOperatorCompiler::compile(llvm::StringRef text,
                                                 const Schedule &schedule) {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  Status parsed = collectErrors(*context, "cannot read the operator", [&] {
    module = mlir::parseSourceString<mlir::ModuleOp>(text, context.get());
    return bool(module);
  });
  if (!parsed.ok())
    return parsed;
  setSchedule(*module, schedule);
  mlir::PassManager manager(context.get());
  manager.enableVerifier(false);
  addOperatorBufferization(manager);
  Status bufferized =
      collectErrors(*context, "cannot bufferize the operator",
                    [&] { return succeeded(manager.run(*module)); });
  if (!bufferized.ok())
    return bufferized;
  return compileKernels(*module, chip, /*asText=*/false);
}
