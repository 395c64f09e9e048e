//===- GpuOperatorCompiler.cpp - Operators to GPU kernels -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/GpuOperatorCompiler.h"

#include "dialects/ETO/IR/ETODialect.h"
#include "passes/Pipelines/CompilerDialects.h"
#include "passes/Pipelines/LowerToGpu.h"
#include "runtime/Jit/CollectErrors.h"
#include "runtime/Jit/GpuObject.h"
#include "runtime/Jit/OperatorLowering.h"

using namespace orcinus;

GpuOperatorCompiler::GpuOperatorCompiler(const GpuChip *chip) : chip(chip) {
  mlir::DialectRegistry registry;
  registerCompilerDialects(registry);
  context = std::make_unique<mlir::MLIRContext>(
      registry, mlir::MLIRContext::Threading::DISABLED);
  // Its attributes are set on modules that have none of it.
  context->loadDialect<eto::ETODialect>();
}

GpuOperatorCompiler::~GpuOperatorCompiler() = default;

StatusOr<mlir::OwningOpRef<mlir::ModuleOp>>
GpuOperatorCompiler::bufferize(llvm::StringRef text, const Schedule &schedule) {
  StatusOr<mlir::OwningOpRef<mlir::ModuleOp>> module =
      parseOperator(*context, text);
  if (!module.ok())
    return module;
  setSchedule(**module, schedule);
  mlir::PassManager manager(context.get());
  manager.enableVerifier(false);
  addOperatorBufferization(manager);
  Status bufferized =
      collectErrors(*context, "cannot bufferize the operator",
                    [&] { return succeeded(manager.run(**module)); });
  if (!bufferized.ok())
    return bufferized;
  return module;
}

Status GpuOperatorCompiler::lowerToSimulator(mlir::ModuleOp module) {
  mlir::PassManager manager(context.get());
  manager.enableVerifier(false);
  LowerToSimulatorOptions options;
  options.check = true;
  buildLowerToSimulatorPipeline(manager, options);
  return collectErrors(*context, "cannot lower the operator",
                       [&] { return succeeded(manager.run(module)); });
}

StatusOr<GpuProgram> GpuOperatorCompiler::compile(llvm::StringRef text,
                                                  const Schedule &schedule) {
  StatusOr<mlir::OwningOpRef<mlir::ModuleOp>> module =
      bufferize(text, schedule);
  if (!module.ok())
    return module.status();
  GpuProgram program;
  if (chip) {
    StatusOr<GpuObject> kernels =
        orcinus::compileKernels(**module, *chip, /*asText=*/false);
    if (!kernels.ok())
      return kernels.status();
    if (Status status = lowerLaunches(**module, *kernels); !status.ok())
      return status;
    program.kernels = std::move(kernels->kernels);
  } else if (Status status = lowerToSimulator(**module); !status.ok()) {
    return status;
  }
  StatusOr<std::string> object = makeOperatorObject(**module);
  if (!object.ok())
    return object.status();
  program.object = std::move(*object);
  return program;
}

StatusOr<std::vector<KernelResources>>
GpuOperatorCompiler::compileKernels(llvm::StringRef text,
                                    const Schedule &schedule) {
  StatusOr<mlir::OwningOpRef<mlir::ModuleOp>> module =
      bufferize(text, schedule);
  if (!module.ok())
    return module.status();
  StatusOr<GpuObject> object =
      orcinus::compileKernels(**module, *chip, /*asText=*/false);
  if (!object.ok())
    return object.status();
  return std::move(object->kernels);
}
