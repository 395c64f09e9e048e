//===- Neighbourhood.cpp - Temporal neighbours by exhaustive search -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Reference/Neighbourhood.h"

using namespace orcinus;
using namespace orcinus::reference;

std::vector<Neighbour>
reference::recentNeighbours(const EventStream &stream,
                            std::span<const uint8_t> visible, int32_t node,
                            double time, int32_t k) {
  std::vector<Neighbour> all;
  for (int32_t event = 0; event < stream.eventCount(); ++event) {
    if (!visible.empty() && !visible[event])
      continue;
    double eventTime = stream.seconds(event);
    if (eventTime >= time)
      continue;
    int32_t source = stream.source[event];
    int32_t destination = stream.destination[event];
    if (source == node)
      all.push_back({destination, event, eventTime});
    if (destination == node)
      all.push_back({source, event, eventTime});
  }
  if (static_cast<int64_t>(all.size()) > k)
    all.erase(all.begin(), all.end() - k);
  return all;
}
