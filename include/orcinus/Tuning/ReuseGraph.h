//===- ReuseGraph.h - Who may reuse whose program ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The nodes are operators: those asked for (terminals) and possible bridges. An
// edge from the root costs what tuning the operator from nothing is expected to
// take, an edge between operators what the reuse tuner is. A plan is a tree in
// it from the root to all terminals.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TUNING_REUSEGRAPH_H
#define ORCINUS_TUNING_REUSEGRAPH_H

#include "orcinus/Tuning/Operator.h"
#include "orcinus/Tuning/ReuseConditions.h"

#include <cstddef>
#include <string>
#include <vector>

namespace orcinus {

/// What tuning an operator is expected to cost, in seconds.
class TuningCosts {
public:
  virtual ~TuningCosts();

  /// The backend search's.
  virtual double searchSeconds(const OperatorDescription &op) const = 0;

  /// The reuse tuner's, from the program of `source`, plus what the speed lost
  /// is worth, which grows with the ratio of the extents.
  virtual double reuseSeconds(const OperatorDescription &source,
                              const OperatorDescription &target) const = 0;
};

struct ReuseNode {
  OperatorDescription description;
  /// Not asked for: worth tuning only for others.
  bool bridge = false;
  /// Cost of the edge from the root, in seconds.
  double searchSeconds = 0;
};

struct ReuseEdge {
  size_t source = 0;
  size_t target = 0;
  /// In seconds.
  double reuseSeconds = 0;
};

struct ReuseGraph {
  /// The terminals in the order in which they were asked for, then bridges.
  std::vector<ReuseNode> nodes;
  std::vector<ReuseEdge> edges;

  /// One object: `{"nodes":[{"name":…,"bridge":…,"search_seconds":…}],
  /// "edges":[{"source":…,"target":…,"reuse_seconds":…}]}`.
  std::string toJson() const;
  /// A digraph for Graphviz; bridges are dashed.
  std::string toDot() const;
};

/// The graph of `terminals` without bridges.
ReuseGraph buildReuseGraph(const std::vector<OperatorDescription> &terminals,
                           const TuningCosts &costs,
                           const ReuseConditions &conditions);

/// Adds edges between operators of `graph` that are no bridges and differ in
/// more extents than `conditions` allow: to the few nearest of each, for
/// programs that are taken over a long way and mended where they fall short.
void addFarEdges(ReuseGraph &graph, const TuningCosts &costs,
                 const ReuseConditions &conditions);

/// Adds `operators`, which nobody asked for, as bridges to `graph`.
void addBridges(ReuseGraph &graph, std::vector<OperatorDescription> operators,
                const TuningCosts &costs, const ReuseConditions &conditions);

/// Adds possible bridges to `graph`: operators whose extents mix those of two
/// terminals that are too far apart, and powers of two between extents that are
/// far from each other.
void addBridges(ReuseGraph &graph, const TuningCosts &costs,
                const ReuseConditions &conditions);

/// How one operator of a plan is tuned.
struct PlanStep {
  /// Index into the graph's nodes.
  size_t node = 0;
  /// The node whose program it reuses, or `fromNothing`.
  size_t source = fromNothing;
  double expectedSeconds = 0;

  static constexpr size_t fromNothing = static_cast<size_t>(-1);
};

/// What is tuned, from what, in this order: a source comes before whoever
/// reuses it.
struct TuningPlan {
  std::vector<PlanStep> steps;
  double expectedSeconds = 0;

  /// A line a step.
  std::string toText(const ReuseGraph &graph) const;
  /// `{"expected_seconds":…,"steps":[{"name":…,"bridge":…,"source":…,
  /// "expected_seconds":…}]}`, `source` null where it is tuned from nothing.
  std::string toJson(const ReuseGraph &graph) const;
  /// A digraph for Graphviz of the tree alone.
  std::string toDot(const ReuseGraph &graph) const;
};

/// The plan that is expected to take the fewest seconds. Without bridges in the
/// graph that is the arborescence of minimum cost, which is exact; with them
/// the cheapest of several heuristics for the directed Steiner tree.
TuningPlan planTuning(const ReuseGraph &graph);

} // namespace orcinus

#endif // ORCINUS_TUNING_REUSEGRAPH_H
