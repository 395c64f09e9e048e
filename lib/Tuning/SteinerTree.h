//===- SteinerTree.h - The cheapest tree to some vertices -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_STEINERTREE_H
#define ORCINUS_LIB_TUNING_STEINERTREE_H

#include "CostGraph.h"

#include <cstddef>
#include <vector>

namespace orcinus {

/// Find a tree from `root` to all `terminals`, through any vertex, of least
/// cost: the directed Steiner tree problem, which is NP-hard. Every vertex must
/// have an edge from the root.
struct SteinerProblem {
  const CostGraph &graph;
  size_t root = 0;
  std::vector<size_t> terminals;
};

/// The minimum arborescence of all vertices, less the branches that lead to no
/// terminal.
CostTree prunedArborescence(const SteinerProblem &problem);

/// Adds the cheapest path from the tree to a terminal that is missing, until
/// none is, beginning with the path to the terminal number `first`; with
/// `first` = terminals.size() begins with the cheapest.
///
/// H. Takahashi, A. Matsuyama, "An approximate solution for the Steiner problem
/// in graphs", 1980.
CostTree repeatedCheapestPaths(const SteinerProblem &problem, size_t first);

/// Adds and removes single vertices that are no terminals, as long as the
/// arborescence of what is left gets cheaper and the work stays within a bound
/// that depends on the problem's size alone.
CostTree improvedLocally(const SteinerProblem &problem, CostTree tree);

/// The cheapest that the above find.
CostTree steinerTree(const SteinerProblem &problem);

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_STEINERTREE_H
