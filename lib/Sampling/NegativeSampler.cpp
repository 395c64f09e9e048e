//===- NegativeSampler.cpp - Random negative destinations -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Sampling/NegativeSampler.h"

#include "orcinus/Support/CounterRng.h"

#include <cassert>

using namespace orcinus;

NegativeSampler::NegativeSampler(const EventStream &stream,
                                 std::span<const int32_t> events, uint64_t seed)
    : seed(seed) {
  std::vector<uint8_t> seen(static_cast<size_t>(stream.nodeCount), 0);
  for (int32_t event : events)
    seen[static_cast<size_t>(stream.destination[static_cast<size_t>(event)])] =
        1;
  for (int32_t node = 0; node < stream.nodeCount; ++node)
    if (seen[static_cast<size_t>(node)])
      destinations.push_back(node);
}

void NegativeSampler::sample(uint64_t firstDraw,
                             std::span<int32_t> result) const {
  assert((result.empty() || !destinations.empty()) &&
         "a negative needs a destination to choose");
  for (size_t i = 0; i < result.size(); ++i)
    result[i] =
        destinations[randomBelow(seed, randomStream("negative destinations"),
                                 firstDraw + i, destinations.size())];
}
