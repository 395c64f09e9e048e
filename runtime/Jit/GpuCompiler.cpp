//===- GpuCompiler.cpp - From a model or operators to GPU kernels ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNOps.h"
#include "passes/Pipelines/CompilerDialects.h"
#include "passes/Pipelines/ParseModule.h"
#include "passes/Pipelines/StepPipeline.h"
#include "passes/Tuning/Passes.h"
#include "passes/Tuning/ProgramChoice.h"
#include "runtime/Jit/CollectErrors.h"
#include "runtime/Jit/GpuObject.h"
#include "runtime/Jit/ModelSource.h"

#include "mlir/Pass/PassManager.h"

using namespace orcinus;

/// Whether the text is that of a model; of operators otherwise.
static StatusOr<bool> holdsModel(mlir::MLIRContext &context,
                                 const CompileOptions &options,
                                 const std::string &text,
                                 mlir::OwningOpRef<mlir::ModuleOp> &module) {
  Status parsed = collectErrors(context, "cannot read the input", [&] {
    module = parseModule(text, context, options.model);
    return bool(module);
  });
  if (!parsed.ok())
    return parsed;
  return !module->getOps<tgnn::ModelOp>().empty();
}

StatusOr<GpuObject> orcinus::compileForGpu(const CompileOptions &options,
                                           bool asText) {
  StatusOr<const GpuChip *> chip = findGpuChip(options.target);
  if (!chip.ok())
    return chip.status();
  if (asText && (*chip)->vendor != GpuVendor::Nvidia)
    return Status::error("PTX is for NVIDIA's GPUs, not for " + options.target);
  StatusOr<std::string> text = readModelText(options);
  if (!text.ok())
    return text.status();
  mlir::DialectRegistry registry;
  registerCompilerDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  mlir::OwningOpRef<mlir::ModuleOp> module;
  StatusOr<bool> isModel = holdsModel(context, options, *text, module);
  if (!isModel.ok())
    return isModel.status();
  if (*isModel) {
    auto steps = buildSteps(context, options, *text);
    if (!steps.ok())
      return steps.status();
    module = std::move(*steps);
  }
  mlir::PassManager manager(&context);
  manager.enableVerifier(false);
  // A tuned network has its operators apart, with programs of the host.
  dropPrograms(*module);
  manager.addPass(createApplyPrograms());
  BufferizePipelineOptions bufferize;
  bufferize.tuningDatabase = options.tuningDatabase;
  bufferize.target = options.target;
  buildBufferizePipeline(manager, bufferize);
  Status bufferized =
      collectErrors(context, "cannot bufferize the program",
                    [&] { return succeeded(manager.run(*module)); });
  if (!bufferized.ok())
    return bufferized;
  return compileKernels(*module, **chip, asText);
}
