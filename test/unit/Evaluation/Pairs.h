//===- Pairs.h - Nodes and pairs for tests ----------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_EVALUATION_PAIRS_H
#define ORCINUS_TEST_UNIT_EVALUATION_PAIRS_H

#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace orcinus::test {

using Nodes = std::vector<int32_t>;
using Pair = std::pair<int32_t, int32_t>;

/// The nodes [begin, end).
inline Nodes range(int32_t begin, int32_t end) {
  Nodes result(static_cast<size_t>(end - begin));
  std::iota(result.begin(), result.end(), begin);
  return result;
}

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_EVALUATION_PAIRS_H
