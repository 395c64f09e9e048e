//===- TemporalGraph.cpp - Temporal adjacency (T-CSR) ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/TemporalGraph.h"

#include <algorithm>
#include <cassert>
#include <type_traits>

using namespace orcinus;

namespace {

/// A stable counting sort of the events' endpoints by node. Each part of the
/// stream (a contiguous range of events) counts its own endpoints; a part
/// writes a node's entries behind those of the parts before it, so that the
/// stream's order, which is that of (time, event index), is kept.
struct CountingSort {
  CountingSort(const EventStream &stream, std::span<const uint8_t> keepEvent,
               int parts)
      : stream(stream), keepEvent(keepEvent), parts(parts),
        positions(static_cast<size_t>(parts)) {}

  int64_t begin(int part) const { return stream.eventCount() * part / parts; }

  /// Calls `visit(event)` for each kept event of `part`.
  template <typename Visit>
  void forEachEvent(int part, Visit visit) const {
    for (int64_t event = begin(part); event < begin(part + 1); ++event)
      if (keepEvent.empty() || keepEvent[static_cast<size_t>(event)])
        visit(static_cast<size_t>(event));
  }

  void count(int part) {
    std::vector<int64_t> &counts = positions[static_cast<size_t>(part)];
    counts.assign(static_cast<size_t>(stream.nodeCount), 0);
    forEachEvent(part, [&](size_t event) {
      ++counts[static_cast<size_t>(stream.source[event])];
      ++counts[static_cast<size_t>(stream.destination[event])];
    });
  }

  /// Turns counts into first positions, and returns the total.
  int64_t scan(std::span<int64_t> begins, std::span<int64_t> ends) {
    int64_t total = 0;
    for (size_t node = 0; node < begins.size(); ++node) {
      begins[node] = total;
      for (std::vector<int64_t> &part : positions) {
        int64_t count = part[node];
        part[node] = total;
        total += count;
      }
      ends[node] = total;
    }
    return total;
  }

  const EventStream &stream;
  std::span<const uint8_t> keepEvent;
  int parts;
  /// By part and node: first the count, then the next position to write.
  std::vector<std::vector<int64_t>> positions;
};

} // namespace

/// How many parts to divide the events into: no more than threads, and few
/// enough for the counts of all parts to take O(|V| + |E|) memory.
static int chooseParts(const EventStream &stream, int threads) {
  int64_t affordable =
      1 + stream.eventCount() / (static_cast<int64_t>(stream.nodeCount) + 1);
  return static_cast<int>(
      std::clamp<int64_t>(threads, 1, std::max<int64_t>(1, affordable)));
}

TemporalGraph TemporalGraph::build(const EventStream &stream,
                                   std::span<const uint8_t> keepEvent,
                                   int threads, bool spills) {
  assert((keepEvent.empty() || keepEvent.size() == stream.time.size()) &&
         "one flag an event");
  int parts = chooseParts(stream, threads);
  CountingSort sort(stream, keepEvent, parts);
#pragma omp parallel for num_threads(parts) schedule(static) if (parts > 1)
  for (int part = 0; part < parts; ++part)
    sort.count(part);

  TemporalGraph graph;
  graph.scale = stream.timeScale;
  auto makeRoom = [&](auto &values, size_t count) {
    using Values = std::remove_reference_t<decltype(values)>;
    values = Values(count, typename Values::allocator_type(spills));
  };
  auto nodes = static_cast<size_t>(stream.nodeCount);
  makeRoom(graph.begins, nodes);
  makeRoom(graph.ends, nodes);
  graph.entries = sort.scan(graph.begins, graph.ends);
  size_t entries = static_cast<size_t>(graph.entries);
  makeRoom(graph.neighbours, entries);
  makeRoom(graph.events, entries);
  makeRoom(graph.times, entries);
#pragma omp parallel for num_threads(parts) schedule(static) if (parts > 1)
  for (int part = 0; part < parts; ++part) {
    std::vector<int64_t> &next = sort.positions[static_cast<size_t>(part)];
    auto append = [&](int32_t node, int32_t neighbour, size_t event) {
      size_t entry = static_cast<size_t>(next[static_cast<size_t>(node)]++);
      graph.neighbours[entry] = neighbour;
      graph.events[entry] = static_cast<int32_t>(event);
      graph.times[entry] = stream.time[event];
    };
    sort.forEachEvent(part, [&](size_t event) {
      append(stream.source[event], stream.destination[event], event);
      append(stream.destination[event], stream.source[event], event);
    });
  }
  return graph;
}

void TemporalGraph::growNodes(int32_t nodes) {
  size_t count = std::max(static_cast<size_t>(nodes), begins.size());
  if (limits.empty())
    limits = ends;
  for (auto *each : {&begins, &ends, &limits})
    each->resize(count, 0);
}

void TemporalGraph::append(const EventStream &stream, int32_t event) {
  size_t index = static_cast<size_t>(event);
  if (entries == 0)
    scale = stream.timeScale;
  if (limits.empty())
    limits = ends;
  int32_t source = stream.source[index];
  int32_t destination = stream.destination[index];
  append(source, destination, event, stream.time[index]);
  append(destination, source, event, stream.time[index]);
}

void TemporalGraph::append(int32_t node, int32_t neighbour, int32_t event,
                           Timestamp time) {
  if (ends[static_cast<size_t>(node)] == limits[static_cast<size_t>(node)])
    moveRow(node);
  size_t entry = static_cast<size_t>(ends[static_cast<size_t>(node)]++);
  neighbours[entry] = neighbour;
  events[entry] = event;
  times[entry] = time;
  ++entries;
}

/// Moves the row of `node` behind all others, with twice its room.
void TemporalGraph::moveRow(int32_t node) {
  int64_t &begin = begins[static_cast<size_t>(node)];
  int64_t &end = ends[static_cast<size_t>(node)];
  int64_t count = end - begin;
  constexpr int64_t leastRoom = 4;
  size_t place = neighbours.size();
  size_t size = place + static_cast<size_t>(std::max(2 * count, leastRoom));
  auto move = [&](auto &values) {
    values.resize(size);
    std::copy(values.begin() + begin, values.begin() + end,
              values.begin() + static_cast<int64_t>(place));
  };
  move(neighbours);
  move(events);
  move(times);
  begin = static_cast<int64_t>(place);
  end = begin + count;
  limits[static_cast<size_t>(node)] = static_cast<int64_t>(size);
}
