//===- OutlinedOperators.cpp - The operators of a module ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/OutlinedOperators.h"

#include "passes/Pipelines/LowerToHost.h"
#include "passes/Pipelines/StepPipeline.h"
#include "passes/Tuning/Passes.h"
#include "passes/Tuning/SpecializeOperator.h"
#include "runtime/Jit/CollectErrors.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

using namespace orcinus;

/// The operators of `module`, which are outlined.
static StatusOr<std::vector<TunableOperator>>
operatorsOf(mlir::ModuleOp module) {
  std::vector<TunableOperator> operators;
  for (auto op : module.getOps<eto::OperatorOp>()) {
    OperatorAnalysis::Obstacle obstacle;
    std::optional<OperatorAnalysis> analysis =
        OperatorAnalysis::of(op, obstacle);
    if (!analysis)
      return Status::error("the operator " + op.getSymName().str() +
                           " cannot be tuned: " + obstacle.reason);
    llvm::SmallVector<int64_t> buckets(op.getBuckets());
    if (buckets.empty())
      buckets.push_back(0);
    for (int64_t bucket : buckets)
      operators.push_back(makeTunable(*analysis, bucket));
  }
  return operators;
}

StatusOr<std::vector<TunableOperator>>
orcinus::outlinedOperators(mlir::ModuleOp module) {
  mlir::PassManager manager(module.getContext());
  manager.addPass(createOutlineOperators());
  Status outlined =
      collectErrors(*module.getContext(), "cannot outline the operators",
                    [&] { return succeeded(manager.run(module)); });
  if (!outlined.ok())
    return outlined;
  return operatorsOf(module);
}

StatusOr<std::vector<TunableOperator>>
orcinus::fileOperators(const std::string &path) {
  mlir::DialectRegistry registry;
  registerStepDialects(registry);
  registerLowerToHostDialects(registry);
  registry.insert<eto::ETODialect, mlir::tensor::TensorDialect>();
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  mlir::OwningOpRef<mlir::ModuleOp> module;
  Status parsed = collectErrors(context, "cannot read the operators", [&] {
    module = mlir::parseSourceFile<mlir::ModuleOp>(path, &context);
    return bool(module);
  });
  if (!parsed.ok())
    return parsed;
  StatusOr<std::vector<TunableOperator>> operators = outlinedOperators(*module);
  if (operators.ok() && operators->empty())
    return Status::error("no operator in '" + path + "'");
  return operators;
}
