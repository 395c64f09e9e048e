//===- HostCompiler.cpp - From functions on tensors to an object file -----===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNOps.h"
#include "orcinus/Runtime/Compiler.h"
#include "orcinus/Support/Processors.h"
#include "passes/Pipelines/CompilerDialects.h"
#include "passes/Pipelines/LowerToHost.h"
#include "passes/Pipelines/ParseModule.h"
#include "passes/Pipelines/StepPipeline.h"
#include "runtime/Jit/CollectErrors.h"
#include "runtime/Jit/HostObject.h"
#include "runtime/Jit/ModelSource.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"

using namespace orcinus;

/// The LLVM dialect of the functions in `module`.
static Status lower(mlir::ModuleOp module, const CompileOptions &options) {
  int threads = options.threads > 0 ? options.threads : usableProcessors();
  mlir::PassManager manager(module.getContext());
  BufferizePipelineOptions bufferize;
  bufferize.tuningDatabase = options.tuningDatabase;
  bufferize.threads = threads;
  buildBufferizePipeline(manager, bufferize);
  LowerToHostOptions host;
  host.threads = threads;
  buildLowerToHostPipeline(manager, host);
  return collectErrors(*module.getContext(), "cannot lower the functions",
                       [&] { return succeeded(manager.run(module)); });
}

StatusOr<std::optional<std::string>>
orcinus::compileFunctions(const CompileOptions &options) {
  StatusOr<std::string> text = readModelText(options);
  if (!text.ok())
    return text.status();
  mlir::DialectRegistry registry;
  registerCompilerDialects(registry);
  registerHostTranslations(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  mlir::OwningOpRef<mlir::ModuleOp> module;
  Status status = collectErrors(context, "cannot read the model", [&] {
    module = parseModule(*text, context, options.model);
    return bool(module);
  });
  if (!status.ok())
    return status;
  if (!module->getOps<tgnn::ModelOp>().empty() ||
      module->getOps<mlir::func::FuncOp>().empty())
    return std::optional<std::string>();
  if (status = lower(*module, options); !status.ok())
    return status;
  StatusOr<std::string> object =
      makeHostObject(*module, "functions", /*checked=*/false);
  if (!object.ok())
    return object.status();
  return std::optional<std::string>(std::move(*object));
}
