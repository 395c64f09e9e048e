//===- RingReplacer.cpp - The last neighbours of each node ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/CacheReplacer.h"

#include <cassert>

using namespace orcinus;

namespace {

/// The embedding of key (event, endpoint) is read by the event's other
/// endpoint, its reader, and only as long as the event is among the reader's
/// last k: entry p of the reader's neighbour list lies in slot p mod k of the
/// reader's ring. Nothing has to be remembered: positions follow from the
/// graph.
class RingReplacer : public CacheReplacer {
public:
  RingReplacer(const EventStream &stream, const TemporalGraph &graph,
               int32_t neighbours)
      : stream(stream), graph(graph), ringSize(neighbours) {}

  int64_t slotCount() const override {
    return int64_t(stream.nodeCount) * ringSize;
  }

  void replace(const CacheAccess &access, CacheChanges &changes) override {
    changes.clear();
    assert(!access.events.empty() && "a batch has events");
    for (int32_t key : access.computedKeys)
      write(key, access.events.back(), changes);
  }

  void reset() override {}

private:
  void write(int32_t key, int32_t lastEvent, CacheChanges &changes) {
    int32_t reader = keyReader(stream, key);
    int64_t begin = graph.offset(reader), end = graph.end(reader);
    int64_t entry = lastEntry(begin, end, keyEvent(key));
    // A recomputed embedding may be pushed out by an event of its own batch.
    int64_t successor = entry + ringSize;
    if (successor < end && graph.event(successor) <= lastEvent)
      return;
    // Of a self-loop's two entries only the last one has a slot.
    bool isLoop = keyNode(stream, key) == reader;
    for (int64_t evicted = entry - isLoop - ringSize;
         evicted <= entry - ringSize; ++evicted)
      if (evicted >= begin && isLastOfEvent(evicted))
        changes.evictedKeys.push_back(
            eventKey(stream, graph.event(evicted), graph.neighbour(evicted)));
    changes.writtenKeys.push_back(key);
    changes.writtenSlots.push_back(static_cast<int32_t>(
        int64_t(reader) * ringSize + (entry - begin) % ringSize));
  }

  /// Whether the next entry is not the same event's; the last entry of a list
  /// is never evicted.
  bool isLastOfEvent(int64_t entry) const {
    return graph.event(entry + 1) != graph.event(entry);
  }

  /// The last entry of [begin, end) of `event`: a self-loop has two.
  int64_t lastEntry(int64_t begin, int64_t end, int32_t event) const {
    while (begin < end) {
      int64_t middle = begin + (end - begin) / 2;
      if (graph.event(middle) <= event)
        begin = middle + 1;
      else
        end = middle;
    }
    assert(graph.event(begin - 1) == event && "an event that is not trained");
    return begin - 1;
  }

  const EventStream &stream;
  const TemporalGraph &graph;
  int32_t ringSize;
};

} // namespace

std::unique_ptr<CacheReplacer>
orcinus::createRingReplacer(const EventStream &stream,
                            const TemporalGraph &graph, int32_t neighbours) {
  return std::make_unique<RingReplacer>(stream, graph, neighbours);
}
