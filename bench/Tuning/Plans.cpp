//===- Plans.cpp - How long a plan takes, how good it is ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints what planning 500 operators takes, with bridges and without, and how
// near plans come to the least cost (Dreyfus and Wagner) on random instances of
// at most ten terminals. Usage: orcinus-bench-plans
//
//===----------------------------------------------------------------------===//

#include "lib/Reference/DreyfusWagner.h"
#include "lib/Tuning/OperatorFamilies.h"
#include "lib/Tuning/Random.h"
#include "lib/Tuning/SteinerTree.h"
#include "orcinus/Tuning/ReuseGraph.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

using namespace orcinus;

namespace {

/// In proportion to the operations, and the reuse tuner an eighth of the
/// search.
class ModelCosts : public TuningCosts {
public:
  double searchSeconds(const OperatorDescription &op) const override {
    return 5 + 1e-9 * static_cast<double>(op.floatingPointOperations());
  }
  double reuseSeconds(const OperatorDescription &source,
                      const OperatorDescription &target) const override {
    double ratio = extentRatio(source.extents(), target.extents());
    return searchSeconds(target) * (0.125 + 0.02 * std::log2(ratio));
  }
};

/// Products of random extents, most of them apart from each other.
std::vector<OperatorDescription> randomOperators(Random &random, int count,
                                                 int choices) {
  std::vector<OperatorDescription> operators;
  for (int at = 0; at < count; ++at)
    operators.push_back(matmul(64 * (1 + random.below(choices)),
                               64 * (1 + random.below(choices)),
                               64 * (1 + random.below(choices))));
  return operators;
}

void timePlans(int choices, bool bridges) {
  Random random(1, "plans");
  std::vector<OperatorDescription> operators =
      randomOperators(random, 500, choices);
  auto begin = std::chrono::steady_clock::now();
  ReuseGraph graph = buildReuseGraph(operators, ModelCosts(), {});
  if (bridges)
    addBridges(graph, ModelCosts(), {});
  TuningPlan plan = planTuning(graph);
  double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
          .count();
  fmt::print("500 operators of {}^3 shapes, {} bridges: {} nodes, {} edges, "
             "planned in {:.2f} s, cost {:.0f}\n",
             choices, bridges ? "with" : "without", graph.nodes.size(),
             graph.edges.size(), seconds, plan.expectedSeconds);
}

/// The exact cost of the plan's problem.
double leastCost(const ReuseGraph &graph) {
  size_t root = graph.nodes.size();
  CostGraph costs(root + 1);
  SteinerProblem problem{costs, root, {}};
  for (size_t node = 0; node < root; ++node) {
    boost::add_edge(root, node, graph.nodes[node].searchSeconds, costs);
    if (!graph.nodes[node].bridge)
      problem.terminals.push_back(node);
  }
  for (const ReuseEdge &edge : graph.edges)
    boost::add_edge(edge.source, edge.target, edge.reuseSeconds, costs);
  return dreyfusWagnerCost(problem);
}

void comparePlans() {
  constexpr int rounds = 200;
  Random random(2, "instances");
  double sum = 0, worst = 1;
  for (int round = 0; round < rounds; ++round) {
    int terminals = 2 + static_cast<int>(random.below(9));
    ReuseGraph graph = buildReuseGraph(randomOperators(random, terminals, 6),
                                       ModelCosts(), {});
    addBridges(graph, ModelCosts(), {});
    double ratio = planTuning(graph).expectedSeconds / leastCost(graph);
    sum += ratio;
    worst = std::max(worst, ratio);
  }
  fmt::print("{} instances of 2 to 10 terminals: {:.4f} times the least cost "
             "in the mean, {:.4f} at worst\n",
             rounds, sum / rounds, worst);
}

} // namespace

int main() {
  for (int choices : {8, 16, 64})
    for (bool bridges : {false, true})
      timePlans(choices, bridges);
  comparePlans();
  return 0;
}
