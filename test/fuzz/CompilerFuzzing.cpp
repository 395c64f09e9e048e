//===- CompilerFuzzing.cpp - MLIR for fuzzers -----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CompilerFuzzing.h"

#include "dialects/ETO/IR/ETODialect.h"
#include "passes/Pipelines/LowerToHost.h"
#include "passes/Pipelines/ParseModule.h"
#include "passes/Pipelines/StepPipeline.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/DialectRegistry.h"

using namespace orcinus;
using namespace orcinus::fuzz;

static mlir::DialectRegistry makeRegistry() {
  mlir::DialectRegistry registry;
  registry.insert<eto::ETODialect>();
  registerStepDialects(registry);
  registerLowerToHostDialects(registry);
  return registry;
}

FuzzContext::FuzzContext()
    : context(makeRegistry(), mlir::MLIRContext::Threading::DISABLED) {
  context.getDiagEngine().registerHandler([this](mlir::Diagnostic &diagnostic) {
    messages += diagnostic.str() + "\n";
    return mlir::success();
  });
}

mlir::OwningOpRef<mlir::ModuleOp> FuzzContext::parse(std::string_view text) {
  return parseModule(text, context);
}
