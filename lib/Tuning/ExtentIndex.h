//===- ExtentIndex.h - Operators that differ in few extents -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_EXTENTINDEX_H
#define ORCINUS_LIB_TUNING_EXTENTINDEX_H

#include "orcinus/Tuning/Operator.h"
#include "orcinus/Tuning/ReuseConditions.h"
#include "orcinus/Tuning/ReuseGraph.h"

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace orcinus {

/// Finds the operators of one kind that differ in few extents, without a look
/// at all the others.
class ExtentIndex {
public:
  /// Finds those that differ in at most `differingExtents`.
  explicit ExtentIndex(int64_t differingExtents)
      : differingExtents(differingExtents) {}

  void add(size_t node, const OperatorDescription &description);

  /// The nodes added so far that `description` may exchange programs with, the
  /// nearest by ratio of extents, of which there are a limited number.
  std::vector<size_t> near(const OperatorDescription &description) const;

private:
  /// One key for each choice of extents to leave open.
  std::vector<std::string> keysOf(const OperatorDescription &description) const;

  int64_t differingExtents;
  std::unordered_map<std::string, std::vector<size_t>> buckets;
  std::unordered_map<size_t, std::vector<int64_t>> extentsOf;
};

/// The nearest of `others` that an operator of `extents` cannot exchange
/// programs with, as they differ in more than `differingExtents`, or whose
/// extents are to its at least in the ratio `longWay`: as indices, of which
/// there are a limited number, the nearest first.
std::vector<size_t>
nearestBeyond(const std::vector<int64_t> &extents,
              std::span<const std::vector<int64_t>> others,
              int64_t differingExtents,
              double longWay = std::numeric_limits<double>::infinity());

/// Operators that could lead from one of `terminals` to another that is too far
/// from it, the likeliest first, of which there are a limited number: mixtures
/// of both's extents, common divisors, powers of two between.
std::vector<OperatorDescription>
possibleBridges(const std::vector<OperatorDescription> &terminals,
                const ReuseConditions &conditions);

/// `name` as DOT quotes it.
std::string dotName(const std::string &name);
/// The line of a DOT file that declares `node`.
std::string dotNode(const ReuseNode &node);

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_EXTENTINDEX_H
