//===- ContractionLoops.cpp - What schedules of contractions cut ----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ContractionLoops.h"

#include "lib/Tuning/SumOfProducts.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

using namespace orcinus;

/// How many of the result's loops `map` has.
static size_t sharedLoops(const IndexMap &map, const IndexMap &result) {
  return std::count_if(result.begin(), result.end(),
                       [&](const IndexExpression &index) {
                         return contains(map, index.terms.front().first);
                       });
}

StatusOr<ContractionLoops>
ContractionLoops::of(const OperatorDescription &description) {
  constexpr size_t fewestOperands = 3;
  if (description.operands.size() < fewestOperands)
    return Status::error(
        fmt::format("'{}' is no contraction: it has {} operands",
                    description.name, description.operands.size()));
  auto mapOf = [&](const OperatorOperand &operand) {
    return *parseIndexMap(operand.map, description.loops);
  };
  IndexMap left = mapOf(description.operands[0]);
  IndexMap right = mapOf(description.operands[1]);
  IndexMap result = mapOf(description.operands.back());
  // Of a bucket, the program must serve all extents.
  std::vector<int64_t> extents;
  for (const OperatorLoop &loop : description.loops)
    extents.push_back(loop.bucketed ? SumOfProducts::unknown : loop.extent);
  StatusOr<SumOfProducts> parts =
      SumOfProducts::of({{{left}, {right}}}, {result}, extents);
  if (!parts.ok())
    return Status::error(
        fmt::format("'{}' {}", description.name, parts.message()),
        parts.code());
  size_t column = result.back().terms.front().first;
  ContractionLoops loops;
  if (!contains(right, column) ||
      (contains(left, column) &&
       sharedLoops(left, result) < sharedLoops(right, result))) {
    std::swap(left, right);
    std::swap(loops.left, loops.right);
  }

  loops.column = static_cast<int>(column);
  loops.leftHasColumn = contains(left, column);
  auto takeLongest = [&](int &longest, size_t loop) {
    if (longest < 0 ||
        description.loops[loop].extent >= description.loops[longest].extent)
      longest = static_cast<int>(loop);
  };
  for (size_t loop = 0; loop < description.loops.size(); ++loop) {
    int64_t extent = description.loops[loop].extent;
    if (description.loops[loop].kind == LoopKind::Reduction) {
      loops.allReductions *= extent;
      takeLongest(loops.reduction, loop);
    } else if (loop == column || !contains(left, loop)) {
      loops.allColumns *= extent;
    } else {
      bool isRow = !contains(right, loop);
      (isRow ? loops.allRows : loops.batches) *= extent;
      if (isRow)
        takeLongest(loops.row, loop);
    }
  }
  return loops;
}
