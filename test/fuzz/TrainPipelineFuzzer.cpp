//===- TrainPipelineFuzzer.cpp - Models through the train pipeline --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A first line `// reuse: MODE` gives the pipeline's option of that name, with
// a small cache and the measurement of its error.
//
//===----------------------------------------------------------------------===//

#include "CompilerFuzzing.h"
#include "FuzzSupport.h"

#include "passes/Pipelines/StepPipeline.h"

#include "mlir/Pass/PassManager.h"

using namespace orcinus;
using namespace orcinus::fuzz;

static void readOptions(std::string_view text, StepPipelineOptions &options) {
  constexpr std::string_view reuse = "// reuse: ";
  if (!text.starts_with(reuse))
    return;
  text.remove_prefix(reuse.size());
  options.reuse = std::string(takePart(text, "\n"));
  options.capacity = 8;
  options.measure = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  FuzzContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module = context.parse(asText(data, size));
  if (!module)
    return 0;
  StepPipelineOptions options;
  readOptions(asText(data, size), options);
  mlir::PassManager manager(context);
  buildTrainPipeline(manager, options);
  if (mlir::failed(manager.run(*module)))
    check(!context.errors().empty(), "a pipeline that fails says why");
  return 0;
}
