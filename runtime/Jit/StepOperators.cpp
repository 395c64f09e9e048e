//===- StepOperators.cpp - The operators of a training step ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/StepOperators.h"

#include "orcinus/Tuning/OperatorSets.h"
#include "passes/Pipelines/StepPipeline.h"
#include "runtime/Jit/CollectErrors.h"
#include "runtime/Jit/ModelSource.h"
#include "runtime/Jit/OutlinedOperators.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"

using namespace orcinus;

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
  Status lowered = collectErrors(context, "cannot lower the model", [&] {
    return succeeded(manager.run(**steps));
  });
  if (!lowered.ok())
    return lowered;
  StatusOr<OutlinedOperators> all = outlinedOperators(**steps);
  if (!all.ok())
    return all.status();
  std::erase_if(all->operators, [&](const TunableOperator &op) {
    return op.description.family != OperatorFamily::Contraction ||
           op.description.iterations() < fewestMultiplications;
  });
  return std::move(all->operators);
}

CompileOptions orcinus::stepSetModel() {
  CompileOptions model;
  model.edgeFeatureColumns = 172;
  return model;
}

StatusOr<std::vector<TunableOperator>>
orcinus::operatorsOfSet(const std::string &set, const CompileOptions &model,
                        uint64_t seed) {
  if (set == stepSet)
    return stepOperators(model);
  std::string all(stepSet);
  for (const OperatorSet &known : operatorSets()) {
    if (set == known.name)
      return operatorSet(set, seed);
    all.append(", ").append(known.name);
  }
  return Status::error("no set of operators '" + set + "'; use one of " + all);
}
