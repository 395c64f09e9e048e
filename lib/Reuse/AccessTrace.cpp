//===- AccessTrace.cpp - Which embeddings training reads and when ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/AccessTrace.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

using namespace orcinus;

namespace {

/// The distinct nodes of one batch and how often each is read: its targets
/// first, then the others in order of their first read. A hash table of row
/// numbers finds them, which for usual batches stays in the first-level cache
/// however large the graph is.
class BatchRows {
public:
  BatchRows() : table(1024, noRow) { updateShift(); }

  /// The row of a node; a new one has no reads yet. Valid until the next call.
  NeighbourReads &operator[](int32_t node) {
    size_t place = home(node);
    for (; table[place] != noRow; place = (place + 1) & (table.size() - 1))
      if (rows[table[place]].node == node)
        return rows[table[place]];
    table[place] = static_cast<int32_t>(rows.size());
    rows.push_back({node, 0, 0});
    if (2 * rows.size() > table.size())
      grow();
    return rows.back();
  }

  void clear() {
    std::fill(table.begin(), table.end(), noRow);
    rows.clear();
  }

  std::span<const NeighbourReads> all() const { return rows; }

private:
  static constexpr int32_t noRow = -1;

  /// Fibonacci hashing, as in NodeMap.
  size_t home(int32_t node) const {
    return (static_cast<uint32_t>(node) * 2654435769u) >> shift;
  }

  void updateShift() {
    shift = 32 - static_cast<uint32_t>(std::countr_zero(table.size()));
  }

  void grow() {
    table.assign(2 * table.size(), noRow);
    updateShift();
    for (size_t row = 0; row < rows.size(); ++row) {
      size_t place = home(rows[row].node);
      while (table[place] != noRow)
        place = (place + 1) & (table.size() - 1);
      table[place] = static_cast<int32_t>(row);
    }
  }

  std::vector<NeighbourReads> rows;
  std::vector<int32_t> table;
  uint32_t shift;
};

/// TemporalGraph::endBefore for queries at the times of `events`, in their
/// order, where the graph holds exactly these events: a node's end then is the
/// number of its earlier entries, which costs no search through their times.
class PastEntries {
public:
  PastEntries(const EventStream &stream, const TemporalGraph &graph,
              std::span<const int32_t> events)
      : stream(stream), graph(graph), events(events),
        counts(stream.nodeCount, 0) {}

  /// Moves on to `time`.
  void advanceTo(Timestamp time) {
    for (; stream.time[events[next]] < time; ++next) {
      ++counts[stream.source[events[next]]];
      ++counts[stream.destination[events[next]]];
    }
  }

  int64_t end(int32_t node) const { return graph.offset(node) + counts[node]; }

private:
  const EventStream &stream;
  const TemporalGraph &graph;
  std::span<const int32_t> events;
  /// The first event that is not in the past.
  size_t next = 0;
  /// One a node: its entries in the past.
  std::vector<int32_t> counts;
};

/// Keys of models that embed neighbours at their query's time.
struct NodeKeys {
  static constexpr NeighbourTime time = NeighbourTime::Query;

  const EventStream &stream;
  const TemporalGraph &graph;

  int32_t ofEndpoint(int32_t, int32_t node) const { return node; }
  int32_t ofEntry(int64_t entry) const { return graph.neighbour(entry); }
  /// The query that recomputes the embedding: its node and event.
  std::pair<int32_t, int32_t> recomputation(const NeighbourReads &read) const {
    return {read.node, read.lastReader};
  }
};

/// Keys of models that embed neighbours at their event's time.
struct EventKeys {
  static constexpr NeighbourTime time = NeighbourTime::Event;

  const EventStream &stream;
  const TemporalGraph &graph;

  int32_t ofEndpoint(int32_t event, int32_t node) const {
    return eventKey(stream, event, node);
  }
  int32_t ofEntry(int64_t entry) const {
    return eventKey(stream, graph.event(entry), graph.neighbour(entry));
  }
  std::pair<int32_t, int32_t> recomputation(const NeighbourReads &read) const {
    return {keyNode(stream, read.node), keyEvent(read.node)};
  }
};

/// Appends batches to a trace. All targets of a batch are added before any
/// read, since they decide which reads are in-batch.
template <typename Keys>
class TraceWriter {
public:
  TraceWriter(const EventStream &stream, const TemporalGraph &graph,
              int32_t neighbours, bool separate)
      : keys{stream, graph}, graph(graph), neighbours(neighbours),
        hasTargets(!separate || Keys::time == NeighbourTime::Event) {
    trace.nodeCount = static_cast<int32_t>(keyCount(stream, Keys::time));
  }

  void addTarget(int32_t key) {
    if (hasTargets)
      rows[key];
  }

  void endTargets() { targetCount = rows.all().size(); }

  void addReads(const NeighbourReads &added) {
    NeighbourReads &row = rows[added.node];
    row.reads += added.reads;
    row.lastReader = std::max(row.lastReader, added.lastReader);
  }

  void addInBatchReads(int64_t count) { inBatchReads += count; }

  /// Adds what a query at the time of `event` reads: the most recent of the
  /// entries before `end`, which is its node's end before that time.
  ///
  /// The neighbours are only copied here: apart from the hash table's branches,
  /// the processor waits for the cache misses of many queries at once.
  void addQuery(int32_t node, int64_t end, int32_t event) {
    int64_t begin = std::max(graph.offset(node), end - neighbours);
    for (int64_t entry = begin; entry < end; ++entry)
      sampled.push_back(keys.ofEntry(entry));
    queries.push_back({event, static_cast<int32_t>(end - begin)});
  }

  void endBatch() {
    countSampled();
    for (const NeighbourReads &target : rows.all().first(targetCount)) {
      trace.targets.push_back(target.node);
      inBatchReads += target.reads;
    }
    auto outOfBatch = rows.all().subspan(targetCount);
    trace.neighbours.insert(trace.neighbours.end(), outOfBatch.begin(),
                            outOfBatch.end());
    trace.targetOffsets.push_back(static_cast<int64_t>(trace.targets.size()));
    trace.neighbourOffsets.push_back(
        static_cast<int64_t>(trace.neighbours.size()));
    trace.inBatchReads.push_back(inBatchReads);
    inBatchReads = 0;
    rows.clear();
  }

  AccessTrace take() { return std::move(trace); }

  const Keys keys;

private:
  struct Query {
    int32_t event;
    int32_t count;
  };

  void countSampled() {
    const int32_t *node = sampled.data();
    for (auto [event, count] : queries)
      for (const int32_t *end = node + count; node != end; ++node) {
        NeighbourReads &row = rows[*node];
        ++row.reads;
        row.lastReader = std::max(row.lastReader, event);
      }
    sampled.clear();
    queries.clear();
  }

  const TemporalGraph &graph;
  int32_t neighbours;
  /// Whether the embeddings of targets serve neighbours.
  bool hasTargets;
  AccessTrace trace;
  BatchRows rows;
  /// The neighbours of all queries of the batch, one query after the other.
  std::vector<int32_t> sampled;
  std::vector<Query> queries;
  size_t targetCount = 0;
  int64_t inBatchReads = 0;
};

} // namespace

template <typename Keys>
static AccessTrace
buildTrace(const EventStream &stream, const TemporalGraph &graph,
           std::span<const int32_t> events, int64_t batchSize,
           int32_t neighbours, bool separate) {
  TraceWriter<Keys> writer(stream, graph, neighbours, separate);
  PastEntries past(stream, graph, events);
  while (!events.empty()) {
    size_t size = std::min(events.size(), static_cast<size_t>(batchSize));
    std::span<const int32_t> batch = events.first(size);
    events = events.subspan(size);
    for (int32_t event : batch)
      for (int32_t node : {stream.source[event], stream.destination[event]})
        writer.addTarget(writer.keys.ofEndpoint(event, node));
    writer.endTargets();
    for (int32_t event : batch) {
      past.advanceTo(stream.time[event]);
      for (int32_t node : {stream.source[event], stream.destination[event]})
        writer.addQuery(node, past.end(node), event);
    }
    writer.endBatch();
  }
  return writer.take();
}

AccessTrace orcinus::buildAccessTrace(const EventStream &stream,
                                      const TemporalGraph &graph,
                                      std::span<const int32_t> events,
                                      int64_t batchSize, int32_t neighbours,
                                      NeighbourTime neighbourTime,
                                      bool separate) {
  assert(batchSize > 0 && neighbours > 0 && "empty batches or neighbourhoods");
  assert(graph.entryCount() == 2 * static_cast<int64_t>(events.size()) &&
         "the graph is not that of the events");
  return neighbourTime == NeighbourTime::Query
             ? buildTrace<NodeKeys>(stream, graph, events, batchSize,
                                    neighbours, separate)
             : buildTrace<EventKeys>(stream, graph, events, batchSize,
                                     neighbours, separate);
}

template <typename Keys>
static AccessTrace
buildLowerTrace(const EventStream &stream, const TemporalGraph &graph,
                const AccessTrace &upper, std::span<const uint8_t> recomputed,
                int32_t neighbours, bool separate) {
  TraceWriter<Keys> writer(stream, graph, neighbours, separate);
  for (int64_t batch = 0; batch < upper.batchCount(); ++batch) {
    std::span<const NeighbourReads> reads = upper.batchNeighbours(batch);
    std::span<const uint8_t> isTarget =
        recomputed.subspan(upper.neighbourOffsets[batch], reads.size());
    for (int32_t node : upper.batchTargets(batch))
      writer.addTarget(node);
    for (size_t index = 0; index < reads.size(); ++index)
      if (isTarget[index])
        writer.addTarget(reads[index].node);
    writer.endTargets();
    // The upper targets read the same neighbours again, one layer down.
    writer.addInBatchReads(upper.inBatchReads[batch]);
    for (const NeighbourReads &read : reads)
      writer.addReads(read);
    for (size_t index = 0; index < reads.size(); ++index) {
      auto [node, event] = writer.keys.recomputation(reads[index]);
      if (isTarget[index])
        writer.addQuery(node, graph.endBefore(node, stream.time[event]), event);
    }
    writer.endBatch();
  }
  return writer.take();
}

AccessTrace orcinus::buildLowerAccessTrace(
    const EventStream &stream, const TemporalGraph &graph,
    const AccessTrace &upper, std::span<const uint8_t> recomputed,
    int32_t neighbours, NeighbourTime neighbourTime, bool separate) {
  assert(recomputed.size() == upper.neighbours.size() &&
         "one flag a neighbour");
  return neighbourTime == NeighbourTime::Query
             ? buildLowerTrace<NodeKeys>(stream, graph, upper, recomputed,
                                         neighbours, separate)
             : buildLowerTrace<EventKeys>(stream, graph, upper, recomputed,
                                          neighbours, separate);
}
