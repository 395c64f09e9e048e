//===- DreyfusWagner.cpp - The least cost of a Steiner tree ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DreyfusWagner.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>
#include <queue>
#include <utility>

using namespace orcinus;

static constexpr double infinity = std::numeric_limits<double>::infinity();

/// Shortens `cost`, the least cost from each vertex to a set of terminals, by
/// paths that lead to other vertices first (Dijkstra's algorithm, backwards).
static void relaxBackwards(const CostGraph &graph, std::vector<double> &cost) {
  using Entry = std::pair<double, size_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  for (size_t vertex = 0; vertex < cost.size(); ++vertex)
    if (cost[vertex] < infinity)
      queue.emplace(cost[vertex], vertex);
  auto costs = boost::get(boost::edge_weight, graph);
  while (!queue.empty()) {
    auto [reached, vertex] = queue.top();
    queue.pop();
    if (reached > cost[vertex])
      continue;
    for (auto edge :
         boost::make_iterator_range(boost::in_edges(vertex, graph))) {
      size_t source = boost::source(edge, graph);
      double longer = reached + boost::get(costs, edge);
      if (longer >= cost[source])
        continue;
      cost[source] = longer;
      queue.emplace(longer, source);
    }
  }
}

double orcinus::dreyfusWagnerCost(const SteinerProblem &problem) {
  size_t vertices = boost::num_vertices(problem.graph);
  size_t subsets = size_t(1) << problem.terminals.size();
  // The least cost of a tree from each vertex to each subset of the terminals.
  std::vector<std::vector<double>> cost(
      subsets, std::vector<double>(vertices, infinity));
  cost[0].assign(vertices, 0);
  for (size_t subset = 1; subset < subsets; ++subset) {
    std::vector<double> &best = cost[subset];
    if ((subset & (subset - 1)) == 0)
      best[problem.terminals[std::countr_zero(subset)]] = 0;
    // The tree branches at the vertex.
    for (size_t part = (subset - 1) & subset; part > 0;
         part = (part - 1) & subset)
      for (size_t vertex = 0; vertex < vertices; ++vertex)
        best[vertex] = std::min(best[vertex], cost[part][vertex] +
                                                  cost[subset ^ part][vertex]);
    relaxBackwards(problem.graph, best);
  }
  return cost.back()[problem.root];
}
