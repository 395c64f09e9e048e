//===- TuningPlanTest.cpp - Reuse graphs, bridges and plans ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/ReuseGraph.h"

#include "lib/Tuning/OperatorFamilies.h"
#include "orcinus/Tuning/OperatorSets.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <set>

using namespace orcinus;

namespace {

/// A search costs 64, a reuse 8 and one more for each factor of two.
class TestCosts : public TuningCosts {
public:
  double searchSeconds(const OperatorDescription &) const override {
    return 64;
  }
  double reuseSeconds(const OperatorDescription &source,
                      const OperatorDescription &target) const override {
    return 8 + std::log2(extentRatio(source.extents(), target.extents()));
  }
};

std::vector<OperatorDescription> descriptionsOf(std::string_view set) {
  std::vector<TunableOperator> operators = *operatorSet(set, 0);
  std::vector<OperatorDescription> descriptions;
  for (TunableOperator &op : operators)
    descriptions.push_back(std::move(op.description));
  return descriptions;
}

ReuseGraph graphOf(const std::vector<OperatorDescription> &terminals,
                   bool bridges) {
  ReuseGraph graph = buildReuseGraph(terminals, TestCosts(), {});
  if (bridges)
    addBridges(graph, TestCosts(), {});
  return graph;
}

/// That each terminal is tuned once, and every source before its users and
/// within reach of them.
void expectGoodPlan(const ReuseGraph &graph, const TuningPlan &plan) {
  std::set<size_t> tuned;
  double seconds = 0;
  for (const PlanStep &step : plan.steps) {
    seconds += step.expectedSeconds;
    if (step.source != PlanStep::fromNothing) {
      EXPECT_TRUE(tuned.contains(step.source));
      EXPECT_TRUE(mayReuse(graph.nodes[step.source].description,
                           graph.nodes[step.node].description, {})
                      .ok());
    }
    EXPECT_TRUE(tuned.insert(step.node).second);
  }
  for (size_t node = 0; node < graph.nodes.size(); ++node) {
    if (!graph.nodes[node].bridge) {
      EXPECT_TRUE(tuned.contains(node));
    }
  }
  EXPECT_NEAR(seconds, plan.expectedSeconds, 1e-6);
}

int64_t searches(const TuningPlan &plan) {
  int64_t count = 0;
  for (const PlanStep &step : plan.steps)
    count += step.source == PlanStep::fromNothing;
  return count;
}

} // namespace

TEST(ReuseGraph, JoinsWhatDiffersInOneExtent) {
  ReuseGraph graph = graphOf({matmul(64, 64, 64), matmul(128, 64, 64),
                              matmul(128, 64, 32), batchMatmul(1, 64, 64, 64)},
                             /*bridges=*/false);
  std::set<std::pair<size_t, size_t>> edges;
  for (const ReuseEdge &edge : graph.edges)
    edges.emplace(edge.source, edge.target);
  EXPECT_EQ(edges, (std::set<std::pair<size_t, size_t>>{
                       {0, 1}, {1, 0}, {1, 2}, {2, 1}}));
}

TEST(ReuseGraph, HasAChainOfBucketsPlannedFromOneSearch) {
  std::vector<OperatorDescription> terminals;
  for (int64_t rows = 256; rows <= 8192; rows *= 2)
    terminals.push_back(matmul(rows, 100, 100));
  ReuseGraph graph = graphOf(terminals, /*bridges=*/false);
  TuningPlan plan = planTuning(graph);
  expectGoodPlan(graph, plan);
  EXPECT_EQ(searches(plan), 1);
  EXPECT_EQ(plan.expectedSeconds, 64 + 5 * 9);
}

TEST(ReuseGraph, GetsBridgesWhereNothingElseJoins) {
  std::vector<OperatorDescription> terminals = descriptionsOf("gemm-apart");
  ReuseGraph apart = graphOf(terminals, /*bridges=*/false);
  EXPECT_TRUE(apart.edges.empty());
  TuningPlan without = planTuning(apart);
  expectGoodPlan(apart, without);
  EXPECT_EQ(searches(without), 16);

  ReuseGraph joined = graphOf(terminals, /*bridges=*/true);
  TuningPlan with = planTuning(joined);
  expectGoodPlan(joined, with);
  EXPECT_EQ(searches(with), 1);
  EXPECT_LT(with.expectedSeconds, without.expectedSeconds / 2);
}

TEST(ReuseGraph, PutsPowersOfTwoBetweenFarExtents) {
  ReuseGraph graph = graphOf({matmul(32, 64, 64), matmul(2048, 64, 64)},
                             /*bridges=*/true);
  bool found = false;
  for (const ReuseNode &node : graph.nodes)
    found |= node.bridge &&
             node.description.extents() == std::vector<int64_t>{256, 64, 64};
  EXPECT_TRUE(found);
}

TEST(ReuseGraph, NeverPlansWorseWithBridges) {
  for (std::string_view set : {"gemm-grid", "gemm-apart", "standard"}) {
    std::vector<OperatorDescription> terminals = descriptionsOf(set);
    ReuseGraph plain = graphOf(terminals, /*bridges=*/false);
    ReuseGraph bridged = graphOf(terminals, /*bridges=*/true);
    TuningPlan without = planTuning(plain), with = planTuning(bridged);
    expectGoodPlan(plain, without);
    expectGoodPlan(bridged, with);
    EXPECT_LE(with.expectedSeconds, without.expectedSeconds + 1e-6) << set;
  }
}

TEST(TuningPlan, PrintsItself) {
  ReuseGraph graph = graphOf({matmul(64, 64, 64), matmul(128, 64, 64)},
                             /*bridges=*/false);
  TuningPlan plan = planTuning(graph);
  EXPECT_EQ(plan.toText(graph), "matmul-64x64x64: search, 64.00 s\n"
                                "matmul-128x64x64: reuse matmul-64x64x64, "
                                "9.00 s\n"
                                "expected: 73.00 s\n");
  EXPECT_EQ(plan.toJson(graph),
            R"({"expected_seconds":73.0,"steps":[{"name":"matmul-64x64x64",)"
            R"("bridge":false,"source":null,"expected_seconds":64.0},)"
            R"({"name":"matmul-128x64x64","bridge":false,)"
            R"("source":"matmul-64x64x64","expected_seconds":9.0}]})");
  EXPECT_EQ(plan.toDot(graph),
            "digraph plan {\n"
            "  \"\" [shape=point];\n"
            "  \"matmul-64x64x64\";\n"
            "  \"\" -> \"matmul-64x64x64\" [label=\"64.00 s\"];\n"
            "  \"matmul-128x64x64\";\n"
            "  \"matmul-64x64x64\" -> \"matmul-128x64x64\" [label=\"9.00 s\"];"
            "\n}\n");
  nlohmann::json json = nlohmann::json::parse(graph.toJson());
  EXPECT_EQ(json["nodes"].size(), 2u);
  EXPECT_EQ(json["edges"].size(), 2u);
  EXPECT_NE(graph.toDot().find("\"matmul-64x64x64\" -> \"matmul-128x64x64\""),
            std::string::npos);
}

// A module's symbols are any bytes, and JSON is UTF-8.
TEST(TuningPlan, PrintsNamesOfAnyBytes) {
  ReuseGraph graph = graphOf({matmul(64, 64, 64), matmul(128, 64, 64)},
                             /*bridges=*/false);
  graph.nodes[0].description.name = "caf\xe9";
  nlohmann::json nodes = nlohmann::json::parse(graph.toJson())["nodes"];
  EXPECT_EQ(nodes[0]["name"], "caf\uFFFD");
  nlohmann::json plan =
      nlohmann::json::parse(planTuning(graph).toJson(graph))["steps"];
  EXPECT_EQ(plan[0]["name"], "caf\uFFFD");
}

TEST(TuningPlan, QuotesNames) {
  ReuseGraph graph = graphOf({matmul(64, 64, 64)}, /*bridges=*/false);
  graph.nodes[0].description.name = "a \"b\" \\";
  EXPECT_NE(graph.toDot().find(R"(  "a \"b\" \\";)"), std::string::npos)
      << graph.toDot();
  EXPECT_NE(planTuning(graph).toDot(graph).find(R"(-> "a \"b\" \\" [)"),
            std::string::npos);
}
