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

FailureOr<MeasuredCosts>
orcinus::estimateCosts(ModuleOp module, const std::string &database,
                       int64_t threads,
                       const std::vector<OperatorDescription> &operators) {
  TuningContext context = tuningContext(describeHost(threads));
  StatusOr<TuningDatabase> file =
      database.empty() ? TuningDatabase::open(":memory:", context)
                       : TuningDatabase::openReadOnly(database, context);
  if (!file.ok())
    return module.emitError() << file.message();
  StatusOr<MeasuredCosts> costs =
      MeasuredCosts::create(*file, operators, TrialCounts());
  if (!costs.ok())
    return module.emitError() << costs.message();
  return std::move(*costs);
}
