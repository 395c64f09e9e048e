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
#include "runtime/Jit/CollectErrors.h"
#include "runtime/Jit/GpuObject.h"
#include "runtime/Jit/OperatorSchedule.h"

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
  return compileKernels(*module, chip, BufferizePipelineOptions(),
                        /*asText=*/false);
}
