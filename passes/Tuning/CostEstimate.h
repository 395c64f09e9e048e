//===- CostEstimate.h - What tuning a module's operators takes --*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TUNING_COSTESTIMATE_H
#define ORCINUS_PASSES_TUNING_COSTESTIMATE_H

#include "orcinus/Tuning/MeasuredCosts.h"
#include "passes/Support/OptionChecks.h"

#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace orcinus {

/// The tuning database `path` for `target`, host or a GPU, and `threads`; one
/// that has nothing where the path is empty. An error at `module` where the
/// target is unknown or the file cannot be read.
mlir::FailureOr<TuningDatabase> openDatabase(mlir::ModuleOp module,
                                             const std::string &path,
                                             const std::string &target,
                                             int64_t threads);

/// What tuning `operators` takes by the measurements in the database that
/// `openDatabase` opens. An error at `module` where it cannot be read.
mlir::FailureOr<MeasuredCosts>
estimateCosts(mlir::ModuleOp module, const std::string &path,
              const std::string &target, int64_t threads,
              const std::vector<OperatorDescription> &operators);

/// Checks the options of a pass that say who may reuse whose program, and of
/// which measurements costs are.
template <typename Threads, typename Extents, typename Share>
mlir::LogicalResult
checkReuseOptions(mlir::Pass &pass, mlir::MLIRContext *context,
                  const Threads &threads, const Extents &differingExtents,
                  const Share &paddingShare) {
  return OptionChecks(pass, context)
      .threads(threads)
      .inRange(differingExtents, 0)
      .inRange(paddingShare, 0.0)
      .result();
}

} // namespace orcinus

#endif // ORCINUS_PASSES_TUNING_COSTESTIMATE_H
