//===- Neighbourhood.h - Temporal neighbours by exhaustive search *- C++ -*===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REFERENCE_NEIGHBOURHOOD_H
#define ORCINUS_REFERENCE_NEIGHBOURHOOD_H

#include "orcinus/Graph/EventStream.h"

#include <cstdint>
#include <span>
#include <vector>

namespace orcinus::reference {

/// One temporal neighbour: the other endpoint of an event.
struct Neighbour {
  int32_t node;
  int32_t event;
  double time;

  bool operator==(const Neighbour &) const = default;
};

/// N(node, time): the `k` most recent neighbours strictly before `time`, by
/// (time, event index) ascending (Orca, eq. 1), found by looking at every
/// event. Each event counts for both endpoints, a self-loop twice. Only events
/// with a true `visible[event]` are looked at; all, where `visible` is empty.
std::vector<Neighbour> recentNeighbours(const EventStream &stream,
                                        std::span<const uint8_t> visible,
                                        int32_t node, double time, int32_t k);

} // namespace orcinus::reference

#endif // ORCINUS_REFERENCE_NEIGHBOURHOOD_H
