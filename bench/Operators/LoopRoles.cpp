//===- LoopRoles.cpp - What the loops of a sum of products are ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoopRoles.h"

using namespace orcinus;
using namespace orcinus::bench;

static int64_t coefficientIn(const IndexExpression &expression, size_t loop) {
  for (auto [other, coefficient] : expression.terms)
    if (other == loop)
      return coefficient;
  return 0;
}

LoopRoles::LoopRoles(const OperatorDescription &description) {
  size_t operands[] = {0, 1, description.operands.size() - 1};
  for (size_t at = 0; at < 3; ++at) {
    const OperatorOperand &operand = description.operands[operands[at]];
    maps[at] = *parseIndexMap(operand.map, description.loops);
    shapes[at] = description.shapeOf(operand);
  }
  for (size_t loop = 0; loop < description.loops.size(); ++loop) {
    bool left = stride(0, loop) != 0, right = stride(1, loop) != 0;
    if (description.loops[loop].kind == LoopKind::Reduction)
      sums.push_back(loop);
    else if (left && right)
      batches.push_back(loop);
    else
      (left ? rows : columns).push_back(loop);
  }
}

int64_t LoopRoles::stride(size_t operand, size_t loop) const {
  int64_t total = 0, stride = 1;
  for (size_t at = maps[operand].size(); at-- > 0;) {
    total += stride * coefficientIn(maps[operand][at], loop);
    stride *= shapes[operand][at];
  }
  return total;
}

bool LoopRoles::hasWindows() const {
  for (const IndexExpression &expression : maps[0])
    if (expression.terms.size() > 1)
      return true;
  return false;
}

int64_t LoopRoles::coefficient(size_t loop) const {
  for (const IndexExpression &expression : maps[0])
    if (int64_t found = coefficientIn(expression, loop))
      return found;
  return 0;
}

std::optional<size_t> LoopRoles::slidingLoop(size_t tap) const {
  for (const IndexExpression &expression : maps[0])
    if (coefficientIn(expression, tap))
      for (auto [loop, coefficient] : expression.terms)
        if (loop != tap)
          return loop;
  return std::nullopt;
}
