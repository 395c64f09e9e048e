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

uint64_t orcinus::negativeSeed(uint64_t seed, std::string_view purpose) {
  return randomBits(seed, randomStream(purpose), 0);
}

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

int32_t NegativeSampler::draw(uint64_t number, int32_t own) const {
  size_t count = destinations.size();
  size_t choice =
      randomBelow(seed, randomStream("negative destinations"), number, count);
  if (destinations[choice] != own || count == 1)
    return destinations[choice];
  // One of the others, each with the same chance.
  size_t other = randomBelow(seed, randomStream("negative destinations, again"),
                             number, count - 1);
  return destinations[other < choice ? other : other + 1];
}

void NegativeSampler::sample(uint64_t firstDraw, std::span<const int32_t> own,
                             std::span<int32_t> result) const {
  assert((result.empty() || !destinations.empty()) &&
         "a negative needs a destination to choose");
  assert(own.size() == result.size() && "one own destination a draw");
  for (size_t i = 0; i < result.size(); ++i)
    result[i] = draw(firstDraw + i, own[i]);
}

void NegativeSampler::sample(uint64_t firstDraw, const EventStream &stream,
                             std::span<const int32_t> events,
                             std::span<int32_t> result) const {
  assert((result.empty() || !destinations.empty()) &&
         "a negative needs a destination to choose");
  assert(events.size() == result.size() && "one event a draw");
  for (size_t i = 0; i < result.size(); ++i)
    result[i] =
        draw(firstDraw + i, stream.destination[static_cast<size_t>(events[i])]);
}
