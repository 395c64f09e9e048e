//===- TuningPlan.cpp - Which operator is tuned from which ----------------===//
//------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ExtentIndex.h"
#include "SteinerTree.h"

#include "lib/Support/Json.h"
#include "orcinus/Tuning/ReuseGraph.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iterator>

using namespace orcinus;

/// The graph's nodes with their numbers, and the root as the last vertex.
static CostGraph costGraphOf(const ReuseGraph &graph) {
  size_t root = graph.nodes.size();
  CostGraph result(root + 1);
  for (size_t node = 0; node < root; ++node)
    boost::add_edge(root, node, graph.nodes[node].searchSeconds, result);
  for (const ReuseEdge &edge : graph.edges)
    boost::add_edge(edge.source, edge.target, edge.reuseSeconds, result);
  return result;
}

TuningPlan orcinus::planTuning(const ReuseGraph &graph) {
  CostGraph costs = costGraphOf(graph);
  size_t root = graph.nodes.size();
  SteinerProblem problem{costs, root, {}};
  for (size_t node = 0; node < root; ++node)
    if (!graph.nodes[node].bridge)
      problem.terminals.push_back(node);
  CostTree tree = problem.terminals.size() == root ? prunedArborescence(problem)
                                                   : steinerTree(problem);

  // From the root on, each level in the order of the nodes.
  TuningPlan plan;
  std::vector<std::vector<size_t>> children(root + 1);
  for (size_t node = 0; node < root; ++node)
    if (tree.contains(node))
      children[tree.parent[node]].push_back(node);
  std::vector<size_t> ready(children[root].rbegin(), children[root].rend());
  while (!ready.empty()) {
    size_t node = ready.back();
    ready.pop_back();
    size_t parent = tree.parent[node];
    double seconds = costBetween(costs, parent, node);
    plan.steps.push_back(
        {node, parent == root ? PlanStep::fromNothing : parent, seconds});
    plan.expectedSeconds += seconds;
    ready.insert(ready.end(), children[node].rbegin(), children[node].rend());
  }
  return plan;
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

std::string TuningPlan::toText(const ReuseGraph &graph) const {
  std::string text;
  for (const PlanStep &step : steps) {
    const ReuseNode &node = graph.nodes[step.node];
    fmt::format_to(std::back_inserter(text), "{}{}: ", node.description.name,
                   node.bridge ? " (bridge)" : "");
    if (step.source == PlanStep::fromNothing)
      text += "search";
    else
      fmt::format_to(std::back_inserter(text), "reuse {}",
                     graph.nodes[step.source].description.name);
    fmt::format_to(std::back_inserter(text), ", {:.2f} s\n",
                   step.expectedSeconds);
  }
  fmt::format_to(std::back_inserter(text), "expected: {:.2f} s\n",
                 expectedSeconds);
  return text;
}

std::string TuningPlan::toJson(const ReuseGraph &graph) const {
  nlohmann::ordered_json json = {{"expected_seconds", expectedSeconds},
                                 {"steps", nlohmann::ordered_json::array()}};
  for (const PlanStep &step : steps) {
    const ReuseNode &node = graph.nodes[step.node];
    nlohmann::ordered_json source;
    if (step.source != PlanStep::fromNothing)
      source = graph.nodes[step.source].description.name;
    json["steps"].push_back({{"name", node.description.name},
                             {"bridge", node.bridge},
                             {"source", source},
                             {"expected_seconds", step.expectedSeconds}});
  }
  return printJson(json);
}

std::string TuningPlan::toDot(const ReuseGraph &graph) const {
  std::string text = "digraph plan {\n  \"\" [shape=point];\n";
  for (const PlanStep &step : steps) {
    const ReuseNode &node = graph.nodes[step.node];
    text += dotNode(node);
    fmt::format_to(std::back_inserter(text),
                   "  {} -> {} [label=\"{:.2f} s\"];\n",
                   dotName(step.source == PlanStep::fromNothing
                               ? ""
                               : graph.nodes[step.source].description.name),
                   dotName(node.description.name), step.expectedSeconds);
  }
  return text + "}\n";
}
