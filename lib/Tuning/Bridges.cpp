//===- Bridges.cpp - Operators between operators --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ExtentIndex.h"

#include <algorithm>
#include <bit>
#include <map>
#include <numeric>
#include <set>

using namespace orcinus;

namespace {

using Extents = std::vector<int64_t>;

/// Proposes bridges between the operators of one kind.
class BridgeFinder {
public:
  BridgeFinder(std::vector<Extents> terminals, int64_t differingExtents)
      : terminals(std::move(terminals)), differingExtents(differingExtents) {}

  /// The extents of bridges with how many pairs proposed each.
  std::map<Extents, int> find() {
    // Beyond this ratio of extents a stop between may pay.
    constexpr double longWay = 16;
    for (const Extents &terminal : terminals)
      for (size_t other :
           nearestBeyond(terminal, terminals, differingExtents, longWay))
        propose(terminal, terminals[other]);
    for (const Extents &terminal : terminals)
      proposals.erase(terminal);
    return std::move(proposals);
  }

private:
  void propose(const Extents &one, const Extents &other) {
    std::vector<size_t> differing;
    for (size_t at = 0; at < one.size(); ++at)
      if (one[at] != other[at])
        differing.push_back(at);
    // More than so many are mixed in no useful way.
    constexpr size_t mostMixed = 4;
    if (differing.size() <= mostMixed)
      for (uint64_t mask = 1; mask + 1 < uint64_t(1) << differing.size();
           ++mask) {
        Extents mixed = one;
        for (size_t at = 0; at < differing.size(); ++at)
          if (mask >> at & 1)
            mixed[differing[at]] = other[differing[at]];
        ++proposals[mixed];
      }
    for (size_t at : differing) {
      proposeBetween(one, at, std::gcd(one[at], other[at]));
      proposeBetween(one, at, powerOfTwoBetween(one[at], other[at]));
    }
  }

  /// `terminal` with `extent` in the place `at`, unless that is too small to
  /// hold a tile.
  void proposeBetween(Extents terminal, size_t at, int64_t extent) {
    constexpr int64_t least = 16;
    if (extent < least || extent == terminal[at])
      return;
    terminal[at] = extent;
    ++proposals[terminal];
  }

  /// The power of two that is nearest to the geometric mean; 0 where the two
  /// are less than a factor of four apart.
  static int64_t powerOfTwoBetween(int64_t one, int64_t other) {
    if (std::max(one, other) < 4 * std::min(one, other))
      return 0;
    int width = std::bit_width(static_cast<uint64_t>(one)) +
                std::bit_width(static_cast<uint64_t>(other)) - 2;
    return int64_t(1) << (width / 2);
  }

  std::vector<Extents> terminals;
  int64_t differingExtents;
  std::map<Extents, int> proposals;
};

} // namespace

std::vector<OperatorDescription>
orcinus::possibleBridges(const std::vector<OperatorDescription> &terminals,
                         const ReuseConditions &conditions) {
  std::map<std::string, std::vector<const OperatorDescription *>> kinds;
  for (const OperatorDescription &terminal : terminals)
    kinds[terminal.kind()].push_back(&terminal);
  std::vector<OperatorDescription> bridges;
  for (const auto &[kind, members] : kinds) {
    std::set<Extents> distinct;
    for (const OperatorDescription *member : members)
      distinct.insert(member->extents());
    std::map<Extents, int> proposals =
        BridgeFinder({distinct.begin(), distinct.end()},
                     conditions.differingExtents)
            .find();
    std::vector<std::pair<int, Extents>> ranked;
    for (const auto &[extents, count] : proposals)
      ranked.emplace_back(-count, extents);
    std::sort(ranked.begin(), ranked.end());
    // Those that several pairs propose are likely to pay.
    size_t most = 2 * members.size() + 32;
    for (size_t at = 0; at < std::min(most, ranked.size()); ++at)
      bridges.push_back(members.front()->withExtents(ranked[at].second));
  }
  return bridges;
}
