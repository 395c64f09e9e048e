//===- TemporalGraph.h - Temporal adjacency (T-CSR) -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_GRAPH_TEMPORALGRAPH_H
#define ORCINUS_GRAPH_TEMPORALGRAPH_H

#include "orcinus/Graph/EventStream.h"
#include "orcinus/Support/SpilledMemory.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace orcinus {

/// The temporal adjacency of an event stream in compressed sparse rows
/// (T-CSR): node n's entries are [offset(n), end(n)), ordered by (time, event
/// index). Each event enters the lists of both its endpoints; a self-loop
/// enters its node's list twice (Orca, section 1).
///
/// A graph that was built holds its rows one behind the other. It may grow: a
/// row that is full moves to the end of the arrays, with room for as many
/// entries again, so that an event is appended in amortised constant time and
/// the arrays are at most a small multiple of the entries.
class TemporalGraph {
public:
  /// Builds the adjacency of `stream`, or of the events for which
  /// `keepEvent[event]` is true where that is not empty. Event indices stay
  /// those of `stream`. O(|V| + |E|), in parallel over `threads` threads.
  /// Where it `spills`, what grows with the events lies in a file without a
  /// name, and takes no memory that something else needs (SpilledMemory.h).
  static TemporalGraph build(const EventStream &stream,
                             std::span<const uint8_t> keepEvent = {},
                             int threads = 1, bool spills = false);

  /// Makes room for nodes up to `nodes`, which have no entries.
  void growNodes(int32_t nodes);

  /// Appends event `event` of `stream`, not before those that the graph has;
  /// its endpoints are nodes of the graph.
  void append(const EventStream &stream, int32_t event);

  int32_t nodeCount() const { return static_cast<int32_t>(begins.size()); }
  int64_t entryCount() const { return entries; }
  int64_t offset(int32_t node) const { return begins[node]; }
  int64_t end(int32_t node) const { return ends[node]; }

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
  int64_t endBefore(int32_t node, Timestamp time) const {
    // Questions about now do not search.
    int64_t end = ends[node];
    if (end != begins[node] && times[end - 1] < time)
      return end;
    auto row = times.begin();
    return std::lower_bound(row + begins[node], row + ends[node], time) - row;
  }

private:
  void append(int32_t node, int32_t neighbour, int32_t event, Timestamp time);
  void moveRow(int32_t node);

  template <typename T>
  using Values = std::vector<T, SpillingAllocator<T>>;
  Values<int64_t> begins;
  Values<int64_t> ends;
  /// Where the room of each row ends; empty as long as that is where the row
  /// ends.
  Values<int64_t> limits;
  int64_t entries = 0;
  Values<int32_t> neighbours;
  Values<int32_t> events;
  Values<Timestamp> times;
  TimeScale scale;
};

} // namespace orcinus

#endif // ORCINUS_GRAPH_TEMPORALGRAPH_H
