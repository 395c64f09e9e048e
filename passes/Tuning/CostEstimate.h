//===- CostEstimate.h - What tuning a module's operators takes --*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TUNING_COSTESTIMATE_H
#define ORCINUS_PASSES_TUNING_COSTESTIMATE_H

#include "orcinus/Tuning/MeasuredCosts.h"

#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace orcinus {

/// What tuning `operators` on this machine, divided among `threads`, takes by
/// the measurements in the file `database`; by none where that is empty. An
/// error at `module` where the file cannot be read.
mlir::FailureOr<MeasuredCosts>
estimateCosts(mlir::ModuleOp module, const std::string &database,
              int64_t threads,
              const std::vector<OperatorDescription> &operators);

} // namespace orcinus

#endif // ORCINUS_PASSES_TUNING_COSTESTIMATE_H
