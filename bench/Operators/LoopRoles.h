//===- LoopRoles.h - What the loops of a sum of products are ----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_BENCH_OPERATORS_LOOPROLES_H
#define ORCINUS_BENCH_OPERATORS_LOOPROLES_H

#include "lib/Tuning/IndexMap.h"

#include <array>
#include <optional>
#include <vector>

namespace orcinus::bench {

/// The loops of a sum of products by the operands that have them.
struct LoopRoles {
  explicit LoopRoles(const OperatorDescription &description);

  /// In left and result; in right and result; in all; in left and right.
  std::vector<size_t> rows, columns, batches, sums;
  /// The maps of left, right and result.
  std::array<IndexMap, 3> maps;

  /// How far one step of `loop` goes in the memory of `operand`, in elements.
  int64_t stride(size_t operand, size_t loop) const;
  /// Whether an index of the left operand is a sum of several loops.
  bool hasWindows() const;
  /// The step of `loop` in the index of the left operand that it moves.
  int64_t coefficient(size_t loop) const;
  /// The loop that slides the window of `tap`, a sum; nothing where `tap` is
  /// alone in its index.
  std::optional<size_t> slidingLoop(size_t tap) const;

private:
  std::array<std::vector<int64_t>, 3> shapes;
};

} // namespace orcinus::bench

#endif // ORCINUS_BENCH_OPERATORS_LOOPROLES_H
