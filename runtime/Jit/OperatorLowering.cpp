//===- OperatorLowering.cpp - What is common to all targets ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/OperatorLowering.h"

#include "dialects/ETO/IR/ETOOps.h"
#include "passes/Lowering/Passes.h"
#include "passes/Pipelines/ParseModule.h"
#include "runtime/Jit/CollectErrors.h"
#include "runtime/Jit/HostObject.h"

#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Transforms/Passes.h"

using namespace orcinus;

StatusOr<mlir::OwningOpRef<mlir::ModuleOp>>
orcinus::parseOperator(mlir::MLIRContext &context, llvm::StringRef text) {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  Status status = collectErrors(context, "cannot read the operator", [&] {
    module = parseModule(text, context);
    return bool(module);
  });
  if (!status.ok())
    return status;
  return module;
}

/// The op that the schedule is of.
static mlir::linalg::LinalgOp mainOp(mlir::ModuleOp module) {
  mlir::linalg::LinalgOp contraction, reduction, last;
  module.walk([&](mlir::linalg::LinalgOp op) {
    last = op;
    if (!reduction && op.getNumReductionLoops() > 0)
      reduction = op;
    if (!contraction && (mlir::linalg::isaContractionOpInterface(op) ||
                         mlir::linalg::isaConvolutionOpInterface(op)))
      contraction = op;
  });
  return contraction ? contraction : reduction ? reduction : last;
}

void orcinus::setSchedule(mlir::ModuleOp module, const Schedule &schedule) {
  mlir::linalg::LinalgOp op = mainOp(module);
  if (!op || schedule.empty())
    return;
  op->setAttr(eto::scheduleAttributeName,
              eto::ScheduleAttr::get(module.getContext(), schedule));
}

void orcinus::addOperatorBufferization(mlir::OpPassManager &manager) {
  mlir::bufferization::OneShotBufferizePassOptions bufferize;
  bufferize.bufferizeFunctionBoundaries = true;
  bufferize.functionBoundaryTypeConversion =
      mlir::bufferization::LayoutMapOption::IdentityLayoutMap;
  manager.addPass(mlir::bufferization::createOneShotBufferizePass(bufferize));
  mlir::bufferization::BufferResultsToOutParamsPassOptions results;
  results.hoistStaticAllocs = true;
  results.modifyPublicFunctions = true;
  manager.addPass(
      mlir::bufferization::createBufferResultsToOutParamsPass(results));
  manager.addPass(mlir::createCanonicalizerPass());
  manager.addPass(createConvertCopies());
}

StatusOr<std::string> orcinus::makeOperatorObject(mlir::ModuleOp module) {
  return makeHostObject(module, "operator", /*checked=*/true);
}
