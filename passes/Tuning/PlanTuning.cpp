//===- PlanTuning.cpp - What is tuned from what ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Tuning/ModuleOperators.h"
#include "passes/Tuning/Passes.h"

#include "mlir/IR/Remarks.h"

namespace orcinus {
#define GEN_PASS_DEF_PLANTUNING
#include "passes/Tuning/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;

namespace {

class PlanTuningPass : public orcinus::impl::PlanTuningBase<PlanTuningPass> {
public:
  using PlanTuningBase::PlanTuningBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<ModuleOperators> operators = ModuleOperators::of(module);
    if (failed(operators))
      return signalPassFailure();
    FailureOr<ReuseGraph> graph = operators->reuseGraph();
    if (failed(graph))
      return signalPassFailure();
    TuningPlan plan = planTuning(*graph);
    module->setAttr(eto::planAttributeName, operators->toAttribute(plan));
    for (const PlanStep &step : plan.steps)
      explain(*operators, *graph, step);
    if (failed(writeText(module, text, plan.toText(*graph))) ||
        failed(writeText(module, json, plan.toJson(*graph))) ||
        failed(writeText(module, dot, plan.toDot(*graph))))
      return signalPassFailure();
  }

private:
  void explain(const ModuleOperators &operators, const ReuseGraph &graph,
               const PlanStep &step) {
    const ReuseNode &node = graph.nodes[step.node];
    bool searched = step.source == PlanStep::fromNothing;
    searchedOperators += searched;
    usedBridges += node.bridge;
    std::string how = searched ? std::string("by search")
                               : "from the program of " +
                                     graph.nodes[step.source].description.name;
    remark::analysis(operators.analysisOf(step.node).getOperator().getLoc(),
                     remark::RemarkOpts::name("plan").category("eto-plan"))
        << remark::add("{0}{1} is tuned {2}, {3} s expected",
                       node.bridge ? "bridge " : "", node.description.name, how,
                       step.expectedSeconds);
  }
};

} // namespace
