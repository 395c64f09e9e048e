//===- NumpyRandom.cpp - The draws of numpy's RandomState -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NumpyRandom.h"

#include <bit>
#include <cassert>
#include <numeric>

using namespace orcinus;

uint32_t NumpyRandom::below(uint32_t bound) {
  assert(bound > 0 && "nothing is below 0");
  uint32_t largest = bound - 1;
  // One choice takes no word.
  if (largest == 0)
    return 0;
  uint32_t mask = UINT32_MAX >> std::countl_zero(largest);
  for (;;)
    if (uint32_t value = static_cast<uint32_t>(words()) & mask;
        value <= largest)
      return value;
}

void NumpyRandom::fillBelow(uint32_t bound, std::span<uint32_t> result) {
  for (uint32_t &value : result)
    value = below(bound);
}

std::vector<uint32_t> NumpyRandom::choose(uint32_t bound, size_t size) {
  assert(size <= bound && "without replacement there are no more");
  std::vector<uint32_t> order(bound);
  std::iota(order.begin(), order.end(), 0);
  for (uint32_t last = bound; last-- > 1;)
    std::swap(order[last], order[below(last + 1)]);
  order.resize(size);
  return order;
}
