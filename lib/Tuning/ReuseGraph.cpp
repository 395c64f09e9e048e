//===- ReuseGraph.cpp - Who may reuse whose program -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/ReuseGraph.h"

#include "ExtentIndex.h"

#include "lib/Support/Json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

using namespace orcinus;

TuningCosts::~TuningCosts() = default;

/// Adds the edges between the nodes from `first` on and all others.
static void addEdges(ReuseGraph &graph, size_t first, const TuningCosts &costs,
                     const ReuseConditions &conditions) {
  ExtentIndex index(conditions.differingExtents);
  for (size_t node = 0; node < graph.nodes.size(); ++node) {
    const OperatorDescription &description = graph.nodes[node].description;
    if (node >= first)
      for (size_t other : index.near(description)) {
        const OperatorDescription &near = graph.nodes[other].description;
        graph.edges.push_back(
            {node, other, costs.reuseSeconds(description, near)});
        graph.edges.push_back(
            {other, node, costs.reuseSeconds(near, description)});
      }
    index.add(node, description);
  }
}

ReuseGraph
orcinus::buildReuseGraph(const std::vector<OperatorDescription> &terminals,
                         const TuningCosts &costs,
                         const ReuseConditions &conditions) {
  ReuseGraph graph;
  for (const OperatorDescription &terminal : terminals)
    graph.nodes.push_back(
        {terminal, /*bridge=*/false, costs.searchSeconds(terminal)});
  addEdges(graph, 0, costs, conditions);
  return graph;
}

void orcinus::addFarEdges(ReuseGraph &graph, const TuningCosts &costs,
                          const ReuseConditions &conditions) {
  std::map<std::string, std::vector<size_t>> kinds;
  for (size_t node = 0; node < graph.nodes.size(); ++node)
    if (!graph.nodes[node].bridge)
      kinds[graph.nodes[node].description.kind()].push_back(node);
  std::set<std::pair<size_t, size_t>> pairs;
  for (const auto &[kind, members] : kinds) {
    std::vector<std::vector<int64_t>> extents;
    for (size_t node : members)
      extents.push_back(graph.nodes[node].description.extents());
    for (size_t at = 0; at < members.size(); ++at)
      for (size_t other :
           nearestBeyond(extents[at], extents, conditions.differingExtents)) {
        pairs.emplace(members[at], members[other]);
        pairs.emplace(members[other], members[at]);
      }
  }
  for (auto [source, target] : pairs)
    graph.edges.push_back(
        {source, target,
         costs.reuseSeconds(graph.nodes[source].description,
                            graph.nodes[target].description)});
}

void orcinus::addBridges(ReuseGraph &graph,
                         std::vector<OperatorDescription> operators,
                         const TuningCosts &costs,
                         const ReuseConditions &conditions) {
  size_t first = graph.nodes.size();
  for (OperatorDescription &bridge : operators) {
    double seconds = costs.searchSeconds(bridge);
    graph.nodes.push_back({std::move(bridge), /*bridge=*/true, seconds});
  }
  addEdges(graph, first, costs, conditions);
}

void orcinus::addBridges(ReuseGraph &graph, const TuningCosts &costs,
                         const ReuseConditions &conditions) {
  std::vector<OperatorDescription> present;
  for (const ReuseNode &node : graph.nodes)
    present.push_back(node.description);
  addBridges(graph, possibleBridges(present, conditions), costs, conditions);
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

std::string ReuseGraph::toJson() const {
  nlohmann::ordered_json json = {{"nodes", nlohmann::ordered_json::array()},
                                 {"edges", nlohmann::ordered_json::array()}};
  for (const ReuseNode &node : nodes)
    json["nodes"].push_back({{"name", node.description.name},
                             {"bridge", node.bridge},
                             {"search_seconds", node.searchSeconds}});
  for (const ReuseEdge &edge : edges)
    json["edges"].push_back({{"source", nodes[edge.source].description.name},
                             {"target", nodes[edge.target].description.name},
                             {"reuse_seconds", edge.reuseSeconds}});
  return printJson(json);
}

std::string orcinus::dotName(const std::string &name) {
  std::string text = "\"";
  for (char letter : name) {
    if (letter == '"' || letter == '\\')
      text += '\\';
    text += letter;
  }
  return text + "\"";
}

std::string orcinus::dotNode(const ReuseNode &node) {
  return fmt::format("  {}{};\n", dotName(node.description.name),
                     node.bridge ? " [style=dashed]" : "");
}

std::string ReuseGraph::toDot() const {
  std::string text = "digraph reuse {\n  \"\" [shape=point];\n";
  for (const ReuseNode &node : nodes) {
    text += dotNode(node);
    fmt::format_to(std::back_inserter(text),
                   "  \"\" -> {} [label=\"{:.2f} s\"];\n",
                   dotName(node.description.name), node.searchSeconds);
  }
  for (const ReuseEdge &edge : edges)
    fmt::format_to(
        std::back_inserter(text), "  {} -> {} [label=\"{:.2f} s\"];\n",
        dotName(nodes[edge.source].description.name),
        dotName(nodes[edge.target].description.name), edge.reuseSeconds);
  return text + "}\n";
}
