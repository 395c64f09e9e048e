//===- AccessTrace.cpp - Which embeddings training reads and when ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/AccessTrace.h"

#include "orcinus/Reuse/NodeMap.h"

#include <algorithm>
#include <cassert>

using namespace orcinus;

namespace {

/// Appends batches to a trace. All targets of a batch are added before any
/// read, since they decide which reads are in-batch.
class TraceWriter {
public:
  TraceWriter(const EventStream &stream, const TemporalGraph &graph,
              int32_t neighbours)
      : stream(stream), graph(graph), neighbours(neighbours) {
    trace.nodeCount = stream.nodeCount;
  }

  void addTarget(int32_t node) {
    if (indices.tryInsert(node, targetMark).second)
      trace.targets.push_back(node);
  }

  void addReads(const NeighbourReads &added) {
    int64_t begin = trace.neighbourOffsets.back();
    auto [index, isNew] = indices.tryInsert(
        added.node, static_cast<int32_t>(trace.neighbours.size() - begin));
    if (isNew) {
      trace.neighbours.push_back(added);
    } else if (index == targetMark) {
      inBatchReads += added.reads;
    } else {
      NeighbourReads &known = trace.neighbours[begin + index];
      known.reads += added.reads;
      known.lastReader = std::max(known.lastReader, added.lastReader);
    }
  }

  void addInBatchReads(int64_t count) { inBatchReads += count; }

  /// Adds what the query (node, time of `event`) reads.
  void addQuery(int32_t node, int32_t event) {
    int64_t end = graph.endBefore(node, stream.time[event]);
    int64_t begin = std::max(graph.offset(node), end - neighbours);
    for (int64_t entry = begin; entry < end; ++entry)
      addReads({graph.neighbour(entry), 1, event});
  }

  void endBatch() {
    trace.targetOffsets.push_back(static_cast<int64_t>(trace.targets.size()));
    trace.neighbourOffsets.push_back(
        static_cast<int64_t>(trace.neighbours.size()));
    trace.inBatchReads.push_back(inBatchReads);
    inBatchReads = 0;
    indices.clear();
  }

  AccessTrace take() { return std::move(trace); }

private:
  static constexpr int32_t targetMark = -1;

  const EventStream &stream;
  const TemporalGraph &graph;
  int32_t neighbours;
  AccessTrace trace;
  /// Of the current batch: `targetMark`, or the index among its neighbours.
  NodeMap indices;
  int64_t inBatchReads = 0;
};

} // namespace

AccessTrace orcinus::buildAccessTrace(const EventStream &stream,
                                      const TemporalGraph &graph,
                                      std::span<const int32_t> events,
                                      int64_t batchSize, int32_t neighbours) {
  assert(batchSize > 0 && neighbours > 0 && "empty batches or neighbourhoods");
  TraceWriter writer(stream, graph, neighbours);
  while (!events.empty()) {
    size_t size = std::min(events.size(), static_cast<size_t>(batchSize));
    std::span<const int32_t> batch = events.first(size);
    events = events.subspan(size);
    for (int32_t event : batch) {
      writer.addTarget(stream.source[event]);
      writer.addTarget(stream.destination[event]);
    }
    for (int32_t event : batch) {
      writer.addQuery(stream.source[event], event);
      writer.addQuery(stream.destination[event], event);
    }
    writer.endBatch();
  }
  return writer.take();
}

AccessTrace orcinus::buildLowerAccessTrace(const EventStream &stream,
                                           const TemporalGraph &graph,
                                           const AccessTrace &upper,
                                           std::span<const uint8_t> recomputed,
                                           int32_t neighbours) {
  assert(recomputed.size() == upper.neighbours.size() &&
         "one flag a neighbour");
  TraceWriter writer(stream, graph, neighbours);
  for (int64_t batch = 0; batch < upper.batchCount(); ++batch) {
    std::span<const NeighbourReads> reads = upper.batchNeighbours(batch);
    std::span<const uint8_t> isTarget =
        recomputed.subspan(upper.neighbourOffsets[batch], reads.size());
    for (int32_t node : upper.batchTargets(batch))
      writer.addTarget(node);
    for (size_t index = 0; index < reads.size(); ++index)
      if (isTarget[index])
        writer.addTarget(reads[index].node);
    // The upper targets read the same neighbours again, one layer down.
    writer.addInBatchReads(upper.inBatchReads[batch]);
    for (const NeighbourReads &read : reads)
      writer.addReads(read);
    for (size_t index = 0; index < reads.size(); ++index)
      if (isTarget[index])
        writer.addQuery(reads[index].node, reads[index].lastReader);
    writer.endBatch();
  }
  return writer.take();
}
