//===- InjectBridges.cpp - Operators between operators --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Tuning/CostEstimate.h"
#include "passes/Tuning/ModuleOperators.h"
#include "passes/Tuning/Passes.h"
#include "passes/Tuning/SpecializeOperator.h"

#include "mlir/IR/SymbolTable.h"

#include "llvm/ADT/StringMap.h"

namespace orcinus {
#define GEN_PASS_DEF_INJECTBRIDGES
#include "passes/Tuning/Passes.h.inc"
} // namespace orcinus

using namespace mlir;
using namespace orcinus;

/// An operator that `description`, which has the kind of `model`, describes.
static eto::OperatorOp buildBridge(const OperatorAnalysis &model,
                                   const OperatorDescription &description) {
  SmallVector<int64_t> extents(model.loops().size());
  for (auto [loop, extent] :
       llvm::zip(model.canonicalOrder(), description.extents()))
    extents[loop] = extent;
  eto::OperatorOp bridge = specializeOperator(model, extents);
  bridge.setBridge(true);
  return bridge;
}

namespace {

class InjectBridgesPass
    : public orcinus::impl::InjectBridgesBase<InjectBridgesPass> {
public:
  using InjectBridgesBase::InjectBridgesBase;

  LogicalResult initialize(MLIRContext *context) override {
    return checkReuseOptions(*this, context, threads, differingExtents,
                             paddingShare);
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<ModuleOperators> operators = ModuleOperators::of(module);
    if (failed(operators))
      return signalPassFailure();
    FailureOr<ReuseGraph> graph = operators->reuseGraph();
    if (failed(graph))
      return signalPassFailure();
    FailureOr<MeasuredCosts> costs = estimateCosts(
        module, database, target, threads, operators->terminals());
    if (failed(costs))
      return signalPassFailure();
    ReuseConditions conditions;
    conditions.differingExtents = differingExtents;
    conditions.paddingShare = paddingShare;
    size_t before = graph->nodes.size();
    addBridges(*graph, *costs, conditions);
    insertBridges(*operators, *graph, before);

    FailureOr<ModuleOperators> extended = ModuleOperators::of(module);
    if (failed(extended))
      return signalPassFailure();
    module->setAttr(eto::reuseGraphAttributeName,
                    extended->toAttribute(*graph));
    module->removeAttr(eto::planAttributeName);
    injectedBridges += graph->nodes.size() - before;
    if (failed(writeText(module, json, graph->toJson())) ||
        failed(writeText(module, dot, graph->toDot())))
      return signalPassFailure();
  }

private:
  /// Inserts the operators of the nodes of `graph` from `first` on, in their
  /// order, and names the nodes after them.
  void insertBridges(const ModuleOperators &operators, ReuseGraph &graph,
                     size_t first) {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    llvm::StringMap<size_t> models;
    for (size_t node = 0; node < first; ++node)
      models.try_emplace(graph.nodes[node].description.kind(), node);
    for (size_t node = first; node < graph.nodes.size(); ++node) {
      OperatorDescription &description = graph.nodes[node].description;
      const OperatorAnalysis &model =
          operators.analysisOf(models.at(description.kind()));
      eto::OperatorOp bridge = buildBridge(model, description);
      bridge.setSymName("bridge");
      symbols.insert(bridge, insertionPoint());
      description.name = bridge.getSymName().str();
    }
  }

  /// After the last operator.
  Block::iterator insertionPoint() {
    Block *body = getOperation().getBody();
    Block::iterator point = body->begin();
    for (auto op : getOperation().getOps<eto::OperatorOp>())
      point = std::next(op->getIterator());
    return point;
  }
};

} // namespace
