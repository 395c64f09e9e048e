//===- SteinerTreeTest.cpp - Trees against exact ones ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tuning/SteinerTree.h"

#include "lib/Reference/DreyfusWagner.h"
#include "lib/Tuning/Random.h"

#include <gtest/gtest.h>

#include <limits>

using namespace orcinus;

namespace {

/// A random problem in which every vertex has an edge from the root.
struct Instance {
  CostGraph graph;
  SteinerProblem problem{graph, 0, {}};
};

std::unique_ptr<Instance> randomInstance(Random &random, size_t vertices,
                                         size_t terminals, size_t edges) {
  auto instance = std::make_unique<Instance>();
  instance->graph = CostGraph(vertices);
  // As in reuse: from nothing is dear, from another cheap.
  for (size_t vertex = 1; vertex < vertices; ++vertex)
    boost::add_edge(0, vertex, 40 + random.below(60), instance->graph);
  for (size_t edge = 0; edge < edges; ++edge) {
    size_t source = 1 + random.below(vertices - 1);
    size_t target = 1 + random.below(vertices - 1);
    if (source != target)
      boost::add_edge(source, target, 1 + random.below(30), instance->graph);
  }
  for (size_t terminal = 1; terminal <= terminals; ++terminal)
    instance->problem.terminals.push_back(terminal);
  return instance;
}

/// That `tree` is one, reaches the terminals, and costs what it says.
void expectTree(const SteinerProblem &problem, const CostTree &tree) {
  double cost = 0;
  for (size_t vertex = 0; vertex < tree.parent.size(); ++vertex) {
    if (vertex == problem.root || !tree.contains(vertex))
      continue;
    cost += costBetween(problem.graph, tree.parent[vertex], vertex);
    size_t steps = 0;
    for (size_t at = vertex; at != problem.root; at = tree.parent[at]) {
      ASSERT_TRUE(tree.contains(at));
      ASSERT_LT(++steps, tree.parent.size()) << "a cycle";
    }
  }
  for (size_t terminal : problem.terminals)
    EXPECT_TRUE(tree.contains(terminal));
  EXPECT_NEAR(cost, tree.cost, 1e-6);
}

/// The least cost of all choices of an edge into each vertex that make a tree.
double bruteForceArborescence(const CostGraph &graph) {
  size_t vertices = boost::num_vertices(graph);
  std::vector<size_t> parent(vertices, 0);
  double best = std::numeric_limits<double>::infinity();
  while (true) {
    double cost = 0;
    bool tree = true;
    for (size_t vertex = 1; vertex < vertices; ++vertex) {
      cost += costBetween(graph, parent[vertex], vertex);
      size_t at = vertex;
      for (size_t step = 0; step < vertices && at != 0; ++step)
        at = parent[at];
      tree &= at == 0;
    }
    if (tree)
      best = std::min(best, cost);
    size_t digit = 1;
    while (digit < vertices && ++parent[digit] == vertices)
      parent[digit++] = 0;
    if (digit == vertices)
      return best;
  }
}

} // namespace

TEST(Arborescence, EqualsTheBestOfAllTrees) {
  Random random(1, "arborescence");
  for (int round = 0; round < 60; ++round) {
    size_t vertices = 3 + random.below(4);
    auto instance = randomInstance(random, vertices, vertices - 1, 14);
    std::vector<bool> all(vertices, true);
    CostTree tree = minimumArborescence(instance->graph, 0, all);
    expectTree(instance->problem, tree);
    EXPECT_NEAR(tree.cost, bruteForceArborescence(instance->graph), 1e-9);
  }
}

TEST(Arborescence, KeepsToTheVerticesThatAreWanted) {
  CostGraph graph(4);
  boost::add_edge(0, 1, 1, graph);
  boost::add_edge(1, 2, 1, graph);
  boost::add_edge(0, 2, 10, graph);
  boost::add_edge(0, 3, 1, graph);
  CostTree tree = minimumArborescence(graph, 0, {true, false, true, false});
  EXPECT_EQ(tree.cost, 10);
  EXPECT_FALSE(tree.contains(1));
  EXPECT_FALSE(tree.contains(3));
}

TEST(SteinerTree, FindsTheWayThroughABridge) {
  CostGraph graph(4);
  for (size_t vertex = 1; vertex < 4; ++vertex)
    boost::add_edge(0, vertex, 100, graph);
  boost::add_edge(1, 3, 10, graph);
  boost::add_edge(3, 2, 10, graph);
  SteinerProblem problem{graph, 0, {1, 2}};
  CostTree tree = steinerTree(problem);
  expectTree(problem, tree);
  EXPECT_EQ(tree.cost, 120);
  EXPECT_EQ(tree.parent[2], 3u);
}

TEST(SteinerTree, CutsOffWhatLeadsNowhere) {
  CostGraph graph(4);
  for (size_t vertex = 1; vertex < 4; ++vertex)
    boost::add_edge(0, vertex, 5, graph);
  boost::add_edge(1, 3, 1, graph);
  SteinerProblem problem{graph, 0, {1}};
  CostTree tree = prunedArborescence(problem);
  EXPECT_EQ(tree.cost, 5);
  EXPECT_FALSE(tree.contains(2));
  EXPECT_FALSE(tree.contains(3));
}

TEST(SteinerTree, IsNearTheExactOneOnRandomInstances) {
  Random random(7, "steiner");
  constexpr int rounds = 300;
  double sum = 0;
  for (int round = 0; round < rounds; ++round) {
    size_t terminals = 2 + random.below(9);
    size_t vertices = terminals + 2 + random.below(25);
    auto instance = randomInstance(random, vertices, terminals,
                                   vertices * (1 + random.below(5)));
    CostTree tree = steinerTree(instance->problem);
    expectTree(instance->problem, tree);
    double exact = dreyfusWagnerCost(instance->problem);
    EXPECT_GE(tree.cost, exact - 1e-9);
    EXPECT_LE(tree.cost, 2 * exact);
    sum += tree.cost / exact;
  }
  EXPECT_LE(sum / rounds, 1.05);
  RecordProperty("mean_ratio", std::to_string(sum / rounds));
}

TEST(SteinerTree, EachHeuristicMakesATree) {
  Random random(9, "heuristics");
  for (int round = 0; round < 50; ++round) {
    auto instance = randomInstance(random, 20, 6, 60);
    const SteinerProblem &problem = instance->problem;
    double exact = dreyfusWagnerCost(problem);
    for (size_t first = 0; first <= problem.terminals.size(); ++first) {
      CostTree tree = repeatedCheapestPaths(problem, first);
      expectTree(problem, tree);
      EXPECT_GE(tree.cost, exact - 1e-9);
      CostTree improved = improvedLocally(problem, tree);
      expectTree(problem, improved);
      EXPECT_LE(improved.cost, tree.cost);
    }
  }
}
