//===- StepOperators.cpp - The operators of a training step ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/StepOperators.h"

#include "passes/Pipelines/StepPipeline.h"
#include "passes/Tuning/Passes.h"
#include "passes/Tuning/SpecializeOperator.h"
#include "runtime/Jit/CollectErrors.h"
#include "runtime/Jit/ModelSource.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"

using namespace orcinus;

/// How often the functions of `module` call each operator.
static llvm::StringMap<int64_t> countCalls(mlir::ModuleOp module) {
  llvm::StringMap<int64_t> calls;
  module.walk([&](eto::CallOp call) { ++calls[call.getCallee()]; });
  return calls;
}

/// The contractions among the operators of `module`.
static StatusOr<std::vector<TunableOperator>>
contractionsOf(mlir::ModuleOp module, int64_t fewestMultiplications) {
  llvm::StringMap<int64_t> calls = countCalls(module);
  std::vector<TunableOperator> operators;
  for (auto op : module.getOps<eto::OperatorOp>()) {
    OperatorAnalysis::Obstacle obstacle;
    std::optional<OperatorAnalysis> analysis =
        OperatorAnalysis::of(op, obstacle);
    if (!analysis)
      return Status::error("the operator " + op.getSymName().str() +
                           " cannot be tuned: " + obstacle.reason);
    if (familyOf(analysis->root()) != OperatorFamily::Contraction)
      continue;
    llvm::SmallVector<int64_t> buckets(op.getBuckets());
    if (buckets.empty())
      buckets.push_back(0);
    for (int64_t bucket : buckets) {
      if (analysis->describe(bucket).iterations() < fewestMultiplications)
        continue;
      operators.push_back(makeTunable(*analysis, bucket));
      operators.back().occurrences = calls[op.getSymName()];
    }
  }
  return operators;
}

StatusOr<std::vector<TunableOperator>>
orcinus::stepOperators(const CompileOptions &options,
                       int64_t fewestMultiplications) {
  StatusOr<std::string> text = readModelText(options);
  if (!text.ok())
    return text.status();
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  StatusOr<mlir::OwningOpRef<mlir::ModuleOp>> steps =
      buildSteps(context, options, *text);
  if (!steps.ok())
    return steps.status();
  mlir::PassManager manager(&context);
  buildLinalgPipeline(manager);
  manager.addPass(createOutlineOperators());
  Status outlined = collectErrors(context, "cannot outline the model", [&] {
    return succeeded(manager.run(**steps));
  });
  if (!outlined.ok())
    return outlined;
  return contractionsOf(**steps, fewestMultiplications);
}
