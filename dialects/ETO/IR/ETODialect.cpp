//===- ETODialect.cpp - The eto dialect -----------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/ETO/IR/ETODialect.h"
#include "dialects/ETO/IR/ETOOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;
using namespace orcinus::eto;

#include "dialects/ETO/IR/ETODialect.cpp.inc"

void ETODialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "dialects/ETO/IR/ETOOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Attributes of ops of other dialects
//===----------------------------------------------------------------------===//

static LogicalResult verifySchedule(Operation *op, Attribute attribute) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp)
    return op->emitOpError() << "carries '" << scheduleAttributeName
                             << "', which is for linalg ops";
  if (isa<ScheduleAttr>(attribute))
    return success();
  auto dispatch = dyn_cast<DispatchAttr>(attribute);
  if (!dispatch)
    return op->emitOpError() << "needs '" << scheduleAttributeName
                             << "' to be a schedule or a dispatch";
  if (dispatch.getLoop() >= linalgOp.getNumLoops())
    return op->emitOpError()
           << "has " << linalgOp.getNumLoops() << " loops, no loop "
           << dispatch.getLoop() << " to dispatch on";
  return success();
}

/// That `instance` names an operator of `module`, at a bucket of its own.
static LogicalResult verifyInstance(ModuleOp module, InstanceAttr instance,
                                    StringRef attributeName) {
  auto op = module.lookupSymbol<OperatorOp>(instance.getOp().getAttr());
  if (!op)
    return module.emitOpError() << "has no operator " << instance.getOp()
                                << ", which '" << attributeName << "' names";
  ArrayRef<int64_t> buckets = op.getBuckets();
  if (buckets.empty() ? instance.getBucket() == 0
                      : llvm::is_contained(buckets, instance.getBucket()))
    return success();
  InFlightDiagnostic diagnostic = module.emitOpError()
                                  << "'" << attributeName << "' names "
                                  << instance.getOp();
  if (instance.getBucket() == 0)
    diagnostic << " without a bucket";
  else
    diagnostic << " at " << instance.getBucket() << ", no bucket of it";
  diagnostic.attachNote(op.getLoc()) << "the operator";
  return diagnostic;
}

static LogicalResult verifyReuseGraph(ModuleOp module, ReuseGraphAttr graph) {
  for (ArrayRef<InstanceAttr> instances :
       {graph.getOperators(), graph.getBridges()})
    for (InstanceAttr instance : instances)
      if (failed(verifyInstance(module, instance, reuseGraphAttributeName)))
        return failure();
  return success();
}

static LogicalResult verifyPlan(ModuleOp module, PlanAttr plan) {
  for (ReuseEdgeAttr step : plan.getSteps())
    if (failed(verifyInstance(module, step.getTarget(), planAttributeName)))
      return failure();
  return success();
}

LogicalResult ETODialect::verifyOperationAttribute(Operation *op,
                                                   NamedAttribute attribute) {
  StringRef name = attribute.getName();
  if (name == scheduleAttributeName)
    return verifySchedule(op, attribute.getValue());
  if (name != reuseGraphAttributeName && name != planAttributeName)
    return op->emitOpError() << "carries '" << name
                             << "', which is no attribute of the eto dialect";
  auto module = dyn_cast<ModuleOp>(op);
  if (!module)
    return op->emitOpError()
           << "carries '" << name << "', which is for modules";
  if (name == reuseGraphAttributeName) {
    if (auto graph = dyn_cast<ReuseGraphAttr>(attribute.getValue()))
      return verifyReuseGraph(module, graph);
    return op->emitOpError() << "needs '" << name << "' to be a reuse graph";
  }
  if (auto plan = dyn_cast<PlanAttr>(attribute.getValue()))
    return verifyPlan(module, plan);
  return op->emitOpError() << "needs '" << name << "' to be a plan";
}
