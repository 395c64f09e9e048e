//===- BuildReuseGraph.cpp - Who may reuse whose program ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Tuning/CostEstimate.h"
#include "passes/Tuning/ModuleOperators.h"
#include "passes/Tuning/Passes.h"

namespace orcinus {
#define GEN_PASS_DEF_BUILDREUSEGRAPH
#include "passes/Tuning/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;

namespace {

class BuildReuseGraphPass
    : public orcinus::impl::BuildReuseGraphBase<BuildReuseGraphPass> {
public:
  using BuildReuseGraphBase::BuildReuseGraphBase;

  LogicalResult initialize(MLIRContext *context) override {
    return checkReuseOptions(*this, context, threads, differingExtents,
                             paddingShare);
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    for (auto op : llvm::make_early_inc_range(module.getOps<eto::OperatorOp>()))
      if (op.getBridge())
        op->erase();
    FailureOr<ModuleOperators> operators = ModuleOperators::of(module);
    if (failed(operators))
      return signalPassFailure();
    FailureOr<MeasuredCosts> costs = estimateCosts(
        module, database, target, threads, operators->terminals());
    if (failed(costs))
      return signalPassFailure();
    ReuseConditions conditions;
    conditions.differingExtents = differingExtents;
    conditions.paddingShare = paddingShare;
    ReuseGraph graph =
        buildReuseGraph(operators->terminals(), *costs, conditions);
    module->setAttr(eto::reuseGraphAttributeName,
                    operators->toAttribute(graph));
    module->removeAttr(eto::planAttributeName);
    if (failed(writeText(module, json, graph.toJson())) ||
        failed(writeText(module, dot, graph.toDot())))
      return signalPassFailure();
    reuseEdges += graph.edges.size();
  }
};

} // namespace
