//===- TemporalGraph.h - Temporal adjacency (T-CSR) -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_GRAPH_TEMPORALGRAPH_H
#define ORCINUS_GRAPH_TEMPORALGRAPH_H

#include "orcinus/Graph/EventStream.h"

#include <cstdint>
#include <span>
#include <vector>

namespace orcinus {

/// The temporal adjacency of an event stream in compressed sparse rows
/// (T-CSR): node n's entries are [offset(n), offset(n+1)), ordered by
/// (time, event index). Each event enters the lists of both its endpoints; a
/// self-loop enters its node's list twice (Orca, section 1).
class TemporalGraph {
public:
  /// Builds the adjacency of `stream`, or of the events for which
  /// `keepEvent[event]` is true where that is not empty. Event indices stay
  /// those of `stream`. O(|V| + |E|), in parallel over `threads` threads.
  static TemporalGraph build(const EventStream &stream,
                             std::span<const uint8_t> keepEvent = {},
                             int threads = 1);

  int32_t nodeCount() const { return static_cast<int32_t>(offsets.size()) - 1; }
  int64_t entryCount() const { return static_cast<int64_t>(neighbours.size()); }
  int64_t offset(int32_t node) const { return offsets[node]; }

  /// The other endpoint of entry `entry`.
  int32_t neighbour(int64_t entry) const { return neighbours[entry]; }
  /// The event of entry `entry`, an index into the stream.
  int32_t event(int64_t entry) const { return events[entry]; }
  /// The time of entry `entry`.
  Timestamp time(int64_t entry) const { return times[entry]; }

  /// What the times count in.
  TimeScale timeScale() const { return scale; }

  /// The end of `node`'s entries with a time strictly before `time`: they are
  /// [offset(node), endBefore(node, time)). O(log degree).
  int64_t endBefore(int32_t node, Timestamp time) const;

private:
  std::vector<int64_t> offsets{0};
  std::vector<int32_t> neighbours;
  std::vector<int32_t> events;
  std::vector<Timestamp> times;
  TimeScale scale;
};

} // namespace orcinus

#endif // ORCINUS_GRAPH_TEMPORALGRAPH_H
