//===- ModelSource.cpp - A model's text and its steps ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/ModelSource.h"

#include "models/BuiltinModels.h"
#include "passes/Pipelines/CompilerDialects.h"
#include "passes/Pipelines/StepPipeline.h"
#include "runtime/Jit/CollectErrors.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace orcinus;

StatusOr<std::string> orcinus::readModelText(const CompileOptions &options) {
  if (!options.modelText.empty())
    return options.modelText;
  const std::string &model = options.model;
  std::string names;
  for (const BuiltinModel &builtin : builtinModels()) {
    if (builtin.name == model)
      return std::string(builtin.text);
    names += (names.empty() ? "" : ", ") + std::string(builtin.name);
  }
  auto buffer = llvm::MemoryBuffer::getFile(model);
  if (!buffer)
    return Status::error("no model '" + model + "': neither one of " + names +
                         " nor a file that can be read (" +
                         buffer.getError().message() + ")");
  return (*buffer)->getBuffer().str();
}

std::vector<std::string> orcinus::sizesOf(const CompileOptions &options) {
  auto size = [](const char *name, int64_t value) {
    return std::string(name) + ":" + std::to_string(value);
  };
  return {size("layers", options.layers),
          size("neighbours", options.neighbours),
          size("dim", options.dimension),
          size("time", options.dimension),
          size("heads", options.heads),
          size("edge", options.edgeFeatureColumns),
          size("node", options.nodeFeatureColumns)};
}

static void registerDialects(mlir::MLIRContext &context) {
  mlir::DialectRegistry registry;
  registerCompilerDialects(registry);
  context.appendDialectRegistry(registry);
}

StatusOr<mlir::OwningOpRef<mlir::ModuleOp>>
orcinus::buildSteps(mlir::MLIRContext &context, const CompileOptions &options,
                    const std::string &text) {
  registerDialects(context);
  mlir::OwningOpRef<mlir::ModuleOp> module;
  Status parsed = collectErrors(context, "cannot read the model", [&] {
    module = mlir::parseSourceString<mlir::ModuleOp>(
        text, mlir::ParserConfig(&context), options.model);
    return bool(module);
  });
  if (!parsed.ok())
    return parsed;
  StepPipelineOptions step;
  for (const std::string &size : sizesOf(options))
    step.sizes.push_back(size);
  step.dropout = options.dropout;
  step.reuse = options.reuse;
  step.share = options.share;
  step.policy = options.policy;
  step.capacity = options.capacity;
  step.maxAge = options.maxAge;
  step.blockGradient = options.blockGradient;
  step.measure = options.measureStaleness;
  mlir::PassManager manager(&context);
  buildTrainPipeline(manager, step);
  Status compiled = collectErrors(context, "cannot compile the model", [&] {
    return succeeded(manager.run(*module));
  });
  if (!compiled.ok())
    return compiled;
  return module;
}
