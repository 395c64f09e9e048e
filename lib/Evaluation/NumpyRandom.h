//===- NumpyRandom.h - The draws of numpy's RandomState ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_EVALUATION_NUMPYRANDOM_H
#define ORCINUS_LIB_EVALUATION_NUMPYRANDOM_H

#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace orcinus {

/// numpy.random.RandomState(seed): the Mersenne Twister MT19937, whose words
/// are masked to the bits of the largest value and drawn again while they are
/// above it. The same seed and calls give numpy's numbers.
class NumpyRandom {
public:
  explicit NumpyRandom(uint32_t seed) : words(seed) {}

  /// randint(0, bound), `bound` > 0.
  uint32_t below(uint32_t bound);

  /// randint(0, bound, size) for all of `result`.
  void fillBelow(uint32_t bound, std::span<uint32_t> result);

  /// choice(bound, size, replace=False): the first `size` ≤ `bound` elements of
  /// a permutation.
  std::vector<uint32_t> choose(uint32_t bound, size_t size);

private:
  std::mt19937 words;
};

} // namespace orcinus

#endif // ORCINUS_LIB_EVALUATION_NUMPYRANDOM_H
