//===- Arborescence.cpp - The arborescence of minimum cost ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CostGraph.h"

#include <algorithm>
#include <limits>

using namespace orcinus;

double orcinus::costBetween(const CostGraph &graph, size_t source,
                            size_t target) {
  double cheapest = std::numeric_limits<double>::infinity();
  auto costs = boost::get(boost::edge_weight, graph);
  for (auto edge : boost::make_iterator_range(boost::in_edges(target, graph)))
    if (boost::source(edge, graph) == source)
      cheapest = std::min(cheapest, boost::get(costs, edge));
  return cheapest;
}

namespace {

/// An edge of one level of contractions.
struct LevelEdge {
  size_t source;
  size_t target;
  double cost;
};

/// The cheapest edge into each vertex but the root, as indices.
std::vector<size_t> cheapestIncoming(size_t vertices, size_t root,
                                     const std::vector<LevelEdge> &edges) {
  std::vector<size_t> incoming(vertices, edges.size());
  for (size_t edge = 0; edge < edges.size(); ++edge) {
    size_t target = edges[edge].target;
    if (target != root && (incoming[target] == edges.size() ||
                           edges[edge].cost < edges[incoming[target]].cost))
      incoming[target] = edge;
  }
  return incoming;
}

/// The vertices of a level grouped into cycles of their incoming edges, each
/// other vertex by itself.
struct Contraction {
  /// The group of each vertex.
  std::vector<size_t> group;
  /// Whether a vertex is on a cycle.
  std::vector<bool> onCycle;
  size_t groups = 0;
  bool hasCycle = false;
};

Contraction contractCycles(size_t vertices, size_t root,
                           const std::vector<LevelEdge> &edges,
                           const std::vector<size_t> &incoming) {
  constexpr size_t none = static_cast<size_t>(-1);
  Contraction result;
  result.group.assign(vertices, none);
  result.onCycle.assign(vertices, false);
  std::vector<size_t> visitedFrom(vertices, none);
  for (size_t start = 0; start < vertices; ++start) {
    size_t vertex = start;
    while (vertex != root && visitedFrom[vertex] == none) {
      visitedFrom[vertex] = start;
      vertex = edges[incoming[vertex]].source;
    }
    if (vertex == root || visitedFrom[vertex] != start ||
        result.group[vertex] != none)
      continue;
    // The walk came back to itself: a cycle.
    for (size_t member = vertex; result.group[member] == none;
         member = edges[incoming[member]].source) {
      result.group[member] = result.groups;
      result.onCycle[member] = true;
    }
    ++result.groups;
    result.hasCycle = true;
  }
  for (size_t vertex = 0; vertex < vertices; ++vertex)
    if (result.group[vertex] == none)
      result.group[vertex] = result.groups++;
  return result;
}

/// The edges of the arborescence, one into each vertex but the root, as indices
/// into `edges`.
std::vector<size_t> solve(size_t vertices, size_t root,
                          const std::vector<LevelEdge> &edges) {
  std::vector<size_t> incoming = cheapestIncoming(vertices, root, edges);
  Contraction contraction = contractCycles(vertices, root, edges, incoming);
  if (!contraction.hasCycle) {
    incoming.erase(incoming.begin() + root);
    return incoming;
  }
  // An edge into a cycle replaces the cycle's own edge into the same vertex.
  std::vector<LevelEdge> contracted;
  std::vector<size_t> origin;
  for (size_t edge = 0; edge < edges.size(); ++edge) {
    const LevelEdge &each = edges[edge];
    size_t source = contraction.group[each.source];
    size_t target = contraction.group[each.target];
    if (source == target)
      continue;
    double saved = contraction.onCycle[each.target]
                       ? edges[incoming[each.target]].cost
                       : 0;
    contracted.push_back({source, target, each.cost - saved});
    origin.push_back(edge);
  }
  std::vector<bool> entered(vertices, false);
  std::vector<size_t> chosen;
  for (size_t edge :
       solve(contraction.groups, contraction.group[root], contracted)) {
    chosen.push_back(origin[edge]);
    entered[edges[origin[edge]].target] = true;
  }
  for (size_t vertex = 0; vertex < vertices; ++vertex)
    if (contraction.onCycle[vertex] && !entered[vertex])
      chosen.push_back(incoming[vertex]);
  return chosen;
}

} // namespace

CostTree orcinus::minimumArborescence(const CostGraph &graph, size_t root,
                                      const std::vector<bool> &wanted) {
  // Number the wanted vertices.
  std::vector<size_t> numbers(boost::num_vertices(graph), CostTree::outside);
  std::vector<size_t> vertices;
  for (size_t vertex = 0; vertex < numbers.size(); ++vertex)
    if (wanted[vertex] || vertex == root) {
      numbers[vertex] = vertices.size();
      vertices.push_back(vertex);
    }
  std::vector<LevelEdge> edges;
  auto costs = boost::get(boost::edge_weight, graph);
  for (size_t vertex : vertices)
    for (auto edge :
         boost::make_iterator_range(boost::out_edges(vertex, graph))) {
      size_t target = boost::target(edge, graph);
      if (numbers[target] != CostTree::outside && target != vertex)
        edges.push_back(
            {numbers[vertex], numbers[target], boost::get(costs, edge)});
    }
  CostTree tree;
  tree.parent.assign(numbers.size(), CostTree::outside);
  tree.parent[root] = root;
  for (size_t edge : solve(vertices.size(), numbers[root], edges)) {
    tree.parent[vertices[edges[edge].target]] = vertices[edges[edge].source];
    tree.cost += edges[edge].cost;
  }
  return tree;
}
