//===- CostEstimate.cpp - What tuning a module's operators takes ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Tuning/CostEstimate.h"

#include "passes/Lowering/HostDescription.h"

using namespace mlir;
using namespace orcinus;

FailureOr<TuningDatabase> orcinus::openDatabase(ModuleOp module,
                                                const std::string &path,
                                                const std::string &target,
                                                int64_t threads) {
  StatusOr<TargetDescription> described = describeTarget(target, threads);
  if (!described.ok())
    return module.emitError() << described.message();
  TuningContext context = tuningContext(*described);
  StatusOr<TuningDatabase> database =
      path.empty() ? TuningDatabase::open(":memory:", context)
                   : TuningDatabase::openReadOnly(path, context);
  if (!database.ok())
    return module.emitError() << database.message();
  return std::move(*database);
}

FailureOr<MeasuredCosts>
orcinus::estimateCosts(ModuleOp module, const std::string &path,
                       const std::string &target, int64_t threads,
                       const std::vector<OperatorDescription> &operators) {
  FailureOr<TuningDatabase> database =
      openDatabase(module, path, target, threads);
  if (failed(database))
    return failure();
  StatusOr<MeasuredCosts> costs =
      MeasuredCosts::create(*database, operators, TrialCounts());
  if (!costs.ok())
    return module.emitError() << costs.message();
  return std::move(*costs);
}
