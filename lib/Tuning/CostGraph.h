//===- CostGraph.h - Directed graphs with costs -----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_COSTGRAPH_H
#define ORCINUS_LIB_TUNING_COSTGRAPH_H

#include <boost/graph/adjacency_list.hpp>

#include <cstddef>
#include <vector>

namespace orcinus {

/// Costs are edge weights, none negative.
using CostGraph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS,
                          boost::no_property,
                          boost::property<boost::edge_weight_t, double>>;

/// A tree from a root in a cost graph.
struct CostTree {
  static constexpr size_t outside = static_cast<size_t>(-1);

  /// The vertex before each; the root's is itself, `outside` where a vertex is
  /// not in the tree.
  std::vector<size_t> parent;
  double cost = 0;

  bool contains(size_t vertex) const { return parent[vertex] != outside; }
};

/// The cost of the cheapest edge from `source` to `target`; infinite where
/// there is none.
double costBetween(const CostGraph &graph, size_t source, size_t target);

/// The arborescence of minimum cost: a tree from `root` to every vertex that is
/// `wanted`, through wanted vertices alone. Each must be reachable so.
///
/// Y. J. Chu, T. H. Liu, "On the shortest arborescence of a directed graph",
/// 1965; J. Edmonds, "Optimum branchings", 1967. O(E V).
CostTree minimumArborescence(const CostGraph &graph, size_t root,
                             const std::vector<bool> &wanted);

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_COSTGRAPH_H
