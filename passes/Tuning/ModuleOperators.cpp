//===- ModuleOperators.cpp - Operators of a module for the tuner ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Tuning/ModuleOperators.h"

#include "mlir/Support/FileUtilities.h"

#include "llvm/Support/ToolOutputFile.h"

#include <iterator>

using namespace mlir;
using namespace orcinus;

//===----------------------------------------------------------------------===//
// The operators
//===----------------------------------------------------------------------===//

void ModuleOperators::add(std::shared_ptr<const OperatorAnalysis> analysis) {
  eto::OperatorOp op = analysis->getOperator();
  SmallVector<int64_t> buckets(op.getBuckets());
  if (buckets.empty())
    buckets.push_back(0);
  for (int64_t bucket : buckets) {
    auto instance = eto::InstanceAttr::get(
        op.getContext(), FlatSymbolRefAttr::get(op.getSymNameAttr()), bucket);
    numbers[instance] = nodes.size();
    nodes.push_back({instance, analysis, analysis->describe(bucket)});
  }
}

FailureOr<ModuleOperators> ModuleOperators::of(ModuleOp module) {
  ModuleOperators set(module);
  for (bool bridges : {false, true})
    for (auto op : module.getOps<eto::OperatorOp>()) {
      if (op.getBridge() != bridges)
        continue;
      FailureOr<OperatorAnalysis> analysis = OperatorAnalysis::ofTunable(op);
      if (failed(analysis))
        return failure();
      set.add(std::make_shared<OperatorAnalysis>(std::move(*analysis)));
    }
  return set;
}

static bool isBridge(const OperatorAnalysis &analysis) {
  return analysis.getOperator().getBridge();
}

std::vector<OperatorDescription> ModuleOperators::terminals() const {
  std::vector<OperatorDescription> descriptions;
  for (const Node &node : nodes)
    if (!isBridge(*node.analysis))
      descriptions.push_back(node.description);
  return descriptions;
}

//===----------------------------------------------------------------------===//
// Graphs and plans
//===----------------------------------------------------------------------===//

eto::ReuseGraphAttr
ModuleOperators::toAttribute(const ReuseGraph &graph) const {
  SmallVector<eto::InstanceAttr> operators, bridges;
  SmallVector<eto::ReuseEdgeAttr> edges;
  for (auto [number, node] : llvm::enumerate(graph.nodes)) {
    (node.bridge ? bridges : operators).push_back(nodes[number].instance);
    edges.push_back(eto::ReuseEdgeAttr::get(
        eto::InstanceAttr(), nodes[number].instance, node.searchSeconds));
  }
  for (const ReuseEdge &edge : graph.edges)
    edges.push_back(eto::ReuseEdgeAttr::get(nodes[edge.source].instance,
                                            nodes[edge.target].instance,
                                            edge.reuseSeconds));
  return eto::ReuseGraphAttr::get(context(), operators, bridges, edges);
}

eto::PlanAttr ModuleOperators::toAttribute(const TuningPlan &plan) const {
  SmallVector<eto::ReuseEdgeAttr> steps;
  for (const PlanStep &step : plan.steps) {
    eto::InstanceAttr source;
    if (step.source != PlanStep::fromNothing)
      source = nodes[step.source].instance;
    steps.push_back(eto::ReuseEdgeAttr::get(source, nodes[step.node].instance,
                                            step.expectedSeconds));
  }
  return eto::PlanAttr::get(context(), steps);
}

FailureOr<ReuseGraph> ModuleOperators::reuseGraph() const {
  auto attribute =
      module->getAttrOfType<eto::ReuseGraphAttr>(eto::reuseGraphAttributeName);
  if (!attribute)
    return module->emitError("the module has no reuse graph; run "
                             "eto-reuse-graph first");
  if (attribute.getOperators().size() + attribute.getBridges().size() !=
      nodes.size())
    return module->emitError("the reuse graph has ")
           << attribute.getOperators().size() + attribute.getBridges().size()
           << " nodes, but the module has " << nodes.size()
           << " operators and buckets; run eto-reuse-graph again";
  ReuseGraph graph;
  for (const Node &node : nodes)
    graph.nodes.push_back({node.description, isBridge(*node.analysis), 0});
  SmallVector<bool> searchable(nodes.size());
  for (eto::ReuseEdgeAttr edge : attribute.getEdges()) {
    // The verifiers of the module and of the attribute have looked up all.
    size_t target = numbers.lookup(edge.getTarget());
    if (edge.getSource()) {
      graph.edges.push_back(
          {numbers.lookup(edge.getSource()), target, edge.getSeconds()});
    } else {
      graph.nodes[target].searchSeconds = edge.getSeconds();
      searchable[target] = true;
    }
  }
  for (auto [number, hasEdge] : llvm::enumerate(searchable))
    if (!hasEdge)
      return module->emitError("the reuse graph has no edge from the root to ")
             << nodes[number].instance.getOp();
  return graph;
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

LogicalResult orcinus::writeText(ModuleOp module, StringRef path,
                                 StringRef text) {
  if (path.empty())
    return success();
  std::string error;
  std::unique_ptr<llvm::ToolOutputFile> file = openOutputFile(path, &error);
  if (!file)
    return module.emitError() << error;
  file->os() << text;
  if (!text.ends_with("\n"))
    file->os() << "\n";
  file->keep();
  return success();
}
