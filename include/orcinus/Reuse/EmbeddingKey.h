//===- EmbeddingKey.h - What names a cached embedding -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A cache finds its entries by a key, a small number. Where neighbours are
// embedded at the time of the query that reads them, a cache holds one
// embedding a node and the key is the node. Where they are embedded at the time
// of the event that they were met by, what a later query needs is exactly the
// embedding that was computed when that event was trained: the key is the event
// and which of its endpoints was embedded.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REUSE_EMBEDDINGKEY_H
#define ORCINUS_REUSE_EMBEDDINGKEY_H

#include "orcinus/Graph/EventStream.h"

#include <cstdint>

namespace orcinus {

/// At what time a model embeds the neighbours of a query (Orca, section 1).
enum class NeighbourTime : int32_t { Query = 0, Event = 1 };

/// The key of the embedding of `node`, an endpoint of `event`, at the event's
/// time. Both ends of a self-loop are one embedding and have one key.
inline int32_t eventKey(const EventStream &stream, int32_t event,
                        int32_t node) {
  return 2 * event + (stream.source[event] == node ? 0 : 1);
}

/// The event of an event's key.
inline int32_t keyEvent(int32_t key) { return key / 2; }

/// The node that an event's key embeds.
inline int32_t keyNode(const EventStream &stream, int32_t key) {
  return (key % 2 ? stream.destination : stream.source)[key / 2];
}

/// The endpoint that reads an event's key: the other one.
inline int32_t keyReader(const EventStream &stream, int32_t key) {
  return (key % 2 ? stream.source : stream.destination)[key / 2];
}

/// Keys are below this.
inline int64_t keyCount(const EventStream &stream, NeighbourTime time) {
  return time == NeighbourTime::Query ? stream.nodeCount
                                      : 2 * stream.eventCount();
}

} // namespace orcinus

#endif // ORCINUS_REUSE_EMBEDDINGKEY_H
