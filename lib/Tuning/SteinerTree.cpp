//===- SteinerTree.cpp - The cheapest tree to some vertices ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SteinerTree.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <queue>
#include <utility>

using namespace orcinus;

static constexpr double infinity = std::numeric_limits<double>::infinity();

/// Cuts off the branches without a terminal.
static CostTree pruned(const SteinerProblem &problem, CostTree tree) {
  std::vector<bool> needed(tree.parent.size(), false);
  needed[problem.root] = true;
  for (size_t terminal : problem.terminals)
    for (size_t vertex = terminal; !needed[vertex];
         vertex = tree.parent[vertex])
      needed[vertex] = true;
  for (size_t vertex = 0; vertex < needed.size(); ++vertex) {
    if (needed[vertex] || !tree.contains(vertex))
      continue;
    tree.cost -= costBetween(problem.graph, tree.parent[vertex], vertex);
    tree.parent[vertex] = CostTree::outside;
  }
  return tree;
}

CostTree orcinus::prunedArborescence(const SteinerProblem &problem) {
  std::vector<bool> all(boost::num_vertices(problem.graph), true);
  return pruned(problem, minimumArborescence(problem.graph, problem.root, all));
}

//===----------------------------------------------------------------------===//
// Repeated cheapest paths
//===----------------------------------------------------------------------===//

namespace {

/// A tree that grows by cheapest paths. Distances from the tree are kept from
/// path to path: they only shrink where it grows.
class PathGrower {
public:
  explicit PathGrower(const SteinerProblem &problem)
      : problem(problem),
        distance(boost::num_vertices(problem.graph), infinity),
        before(distance.size(), CostTree::outside),
        missing(distance.size(), false) {
    for (size_t terminal : problem.terminals)
      missing[terminal] = terminal != problem.root;
    tree.parent.assign(distance.size(), CostTree::outside);
    tree.parent[problem.root] = problem.root;
    reach(problem.root, 0, problem.root);
  }

  CostTree grow(size_t first) {
    if (first < problem.terminals.size() && missing[problem.terminals[first]]) {
      std::vector<bool> others = missing;
      std::fill(missing.begin(), missing.end(), false);
      missing[problem.terminals[first]] = true;
      size_t reached = nextTerminal();
      missing = std::move(others);
      addPath(reached);
      // Those that the search has passed.
      for (size_t terminal : problem.terminals)
        if (missing[terminal] && distance[terminal] < infinity)
          queue.emplace(distance[terminal], terminal);
    }
    for (size_t terminal = nextTerminal(); terminal != CostTree::outside;
         terminal = nextTerminal())
      addPath(terminal);
    return std::move(tree);
  }

private:
  using Entry = std::pair<double, size_t>;

  void reach(size_t vertex, double cost, size_t from) {
    if (cost >= distance[vertex])
      return;
    distance[vertex] = cost;
    before[vertex] = from;
    queue.emplace(cost, vertex);
  }

  /// The missing terminal that is nearest to the tree; `outside` where none is
  /// missing.
  size_t nextTerminal() {
    auto costs = boost::get(boost::edge_weight, problem.graph);
    while (!queue.empty()) {
      auto [cost, vertex] = queue.top();
      if (cost > distance[vertex]) {
        queue.pop();
        continue;
      }
      // Left in the queue: its neighbours are still to be reached.
      if (missing[vertex])
        return vertex;
      queue.pop();
      for (auto edge :
           boost::make_iterator_range(boost::out_edges(vertex, problem.graph)))
        reach(boost::target(edge, problem.graph),
              cost + boost::get(costs, edge), vertex);
    }
    return CostTree::outside;
  }

  void addPath(size_t terminal) {
    tree.cost += distance[terminal];
    std::vector<size_t> path;
    for (size_t vertex = terminal; !tree.contains(vertex);
         vertex = before[vertex])
      path.push_back(vertex);
    for (size_t vertex : path) {
      tree.parent[vertex] = before[vertex];
      missing[vertex] = false;
    }
    for (size_t vertex : path)
      reach(vertex, 0, before[vertex]);
  }

  const SteinerProblem &problem;
  CostTree tree;
  std::vector<double> distance;
  std::vector<size_t> before;
  std::vector<bool> missing;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
};

} // namespace

CostTree orcinus::repeatedCheapestPaths(const SteinerProblem &problem,
                                        size_t first) {
  return PathGrower(problem).grow(first);
}

//===----------------------------------------------------------------------===//
// Local search
//===----------------------------------------------------------------------===//

namespace {

/// Walks from one set of vertices to another that differs in one and has a
/// cheaper arborescence.
class LocalSearch {
public:
  LocalSearch(const SteinerProblem &problem, CostTree start)
      : problem(problem), best(std::move(start)),
        terminal(best.parent.size(), false) {
    for (size_t each : problem.terminals)
      terminal[each] = true;
  }

  CostTree run() {
    // Edges looked at: about a second.
    constexpr size_t mostWork = 1'000'000;
    bool improved = true;
    while (improved && work < mostWork) {
      improved = false;
      for (size_t vertex = 0; vertex < terminal.size() && work < mostWork;
           ++vertex)
        if (vertex != problem.root && !terminal[vertex])
          improved |= tryWithout(vertex);
    }
    return std::move(best);
  }

private:
  /// Takes `vertex` into the tree where it is not in it, or out of it.
  bool tryWithout(size_t vertex) {
    std::vector<bool> wanted(terminal.size());
    for (size_t each = 0; each < wanted.size(); ++each)
      wanted[each] = best.contains(each) != (each == vertex);
    for (size_t each = 0; each < wanted.size(); ++each)
      if (wanted[each])
        work += boost::out_degree(each, problem.graph);
    CostTree tree = pruned(
        problem, minimumArborescence(problem.graph, problem.root, wanted));
    // Rounding must not count as progress.
    if (tree.cost >= best.cost * (1 - 1e-9))
      return false;
    best = std::move(tree);
    return true;
  }

  const SteinerProblem &problem;
  CostTree best;
  std::vector<bool> terminal;
  size_t work = 0;
};

} // namespace

CostTree orcinus::improvedLocally(const SteinerProblem &problem,
                                  CostTree tree) {
  return LocalSearch(problem, std::move(tree)).run();
}

CostTree orcinus::steinerTree(const SteinerProblem &problem) {
  // More beginnings than this bring little.
  constexpr size_t mostBeginnings = 16;
  CostTree best = prunedArborescence(problem);
  auto consider = [&](CostTree tree) {
    if (tree.cost < best.cost)
      best = std::move(tree);
  };
  size_t terminals = problem.terminals.size();
  consider(repeatedCheapestPaths(problem, terminals));
  size_t step = std::max<size_t>(1, terminals / mostBeginnings);
  for (size_t first = 0; first < terminals; first += step)
    consider(repeatedCheapestPaths(problem, first));
  return improvedLocally(problem, std::move(best));
}
