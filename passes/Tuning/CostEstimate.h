#pragma once
#include "orcinus/Tuning/ReuseGraph.h"
#include "mlir/IR/BuiltinOps.h"
#include <memory>
namespace orcinus {
mlir::FailureOr<std::unique_ptr<TuningCosts>>
estimateCosts(mlir::ModuleOp module, const std::string &database, int64_t threads);
}
