//===- IndexState.h - Which nodes have a pending message --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_PREPARE_INDEXSTATE_H
#define RUNTIME_PREPARE_INDEXSTATE_H

#include "orcinus/Graph/Timestamp.h"
#include "runtime/Prepare/Mailbox.h"
#include "runtime/Prepare/WalkMatrices.h"

#include <cstdint>
#include <span>
#include <vector>

namespace orcinus {

/// The index side of the node state: of each node the event of its pending
/// message, if any, and the time of its last update. The dense side (the state
/// rows and the messages) belongs to the step functions; both advance in the
/// order of the batches (Orca, section 1, steps 3 and 4).
///
/// Copyable: a copy is a snapshot.
class IndexState {
public:
  IndexState() = default;
  explicit IndexState(int32_t nodeCount)
      : events(nodeCount, noEvent), updates(nodeCount) {}

  /// Forgets everything, as at an epoch's start.
  void reset();

  /// Draws the walks' random vectors of the training's epoch `epoch`, from 0.
  void beginEpoch(int64_t epoch);

  /// Makes room for nodes up to `nodeCount`, without a message, walk or mail.
  void growNodes(int32_t nodeCount);

  bool hasPending(int32_t node) const { return events[node] != noEvent; }
  /// The event of the node's pending message; only where there is one.
  int32_t pendingEvent(int32_t node) const { return events[node]; }
  /// The time of the node's last update, second 0 before its first.
  Timestamp lastUpdate(int32_t node) const { return updates[node]; }

  /// Applies the node's pending message, if any (its last update becomes the
  /// message's time), and posts the message of `event`. `eventTimes` are the
  /// times of all events.
  void post(int32_t node, int32_t event,
            std::span<const Timestamp> eventTimes) {
    if (hasPending(node))
      updates[node] = eventTimes[events[node]];
    events[node] = event;
  }

  /// Forgets the node's pending message; its last update stays.
  void forgetMessage(int32_t node) { events[node] = noEvent; }
  /// Makes the node's message and last update those that `other` has, which has
  /// the node, too. Walks and mails are left as they are.
  void takeNode(int32_t node, const IndexState &other) {
    events[node] = other.events[node];
    updates[node] = other.updates[node];
  }

  /// The raw columns, one element a node, for checkpoints.
  std::span<int32_t> pendingEvents() { return events; }
  std::span<Timestamp> lastUpdates() { return updates; }
  std::span<const int32_t> pendingEvents() const { return events; }
  std::span<const Timestamp> lastUpdates() const { return updates; }

  /// The walk matrices and the mailboxes of the program, in the manifest's
  /// order.
  std::vector<WalkMatrices> walks;
  std::vector<Mailbox> mailboxes;

private:
  static constexpr int32_t noEvent = -1;

  std::vector<int32_t> events;
  std::vector<Timestamp> updates;
};

} // namespace orcinus

#endif // RUNTIME_PREPARE_INDEXSTATE_H
