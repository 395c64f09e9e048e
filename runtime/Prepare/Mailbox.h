//===- Mailbox.h - Which mails lie where ------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_PREPARE_MAILBOX_H
#define RUNTIME_PREPARE_MAILBOX_H

#include "orcinus/Graph/EventStream.h"
#include "orcinus/Graph/TemporalGraph.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace orcinus {

/// What a mailbox keeps of the mails of a batch that reach a node: their mean
/// at the time of the latest, the last one, or each in a slot of its own.
enum class MailKeep : uint8_t { Mean, Last, All };

/// What decides on a mailbox.
struct MailboxOptions {
  static constexpr int mostSlots = 1 << 12;
  static constexpr int mostNeighbours = 1 << 12;

  /// Mails that a node has room for; 1 to `mostSlots`.
  int slots = 1;
  /// A mail reaches the end of the event that it is of and so many of the end's
  /// most recent neighbours; 0 to `mostNeighbours`.
  int neighbours = 0;
  MailKeep keep = MailKeep::Mean;
};

/// The mails of a batch of B events and the slots that they reach. Mail i is of
/// event i's source, mail B + i of its destination.
struct Deliveries {
  /// The rows that are written, each once.
  std::vector<int32_t> rows;
  /// Row r becomes the mean of the mails references[offsets[r]] to
  /// references[offsets[r + 1] - 1].
  std::vector<int32_t> offsets, references;

  /// Of a delivery in progress: the node that a mail reaches and, below it, the
  /// mail's place in the order of the events.
  std::vector<uint64_t> reached;
};

/// The index side of a mailbox (Wang et al. 2021, "APAN"): of each node how
/// many mails it was given and when those in its slots were sent. The mails
/// themselves belong to the step functions: row node · slots + slot of an
/// array. A node's slots are a ring, so that a mail is written once.
///
/// Copyable: a copy is a snapshot.
class Mailbox {
public:
  /// `nodeCount` times the slots, here and in grow(), is below 2^31.
  Mailbox(int32_t nodeCount, const MailboxOptions &options);

  /// Forgets all mails.
  void reset();
  /// Room for more nodes, which have no mail.
  void grow(int32_t nodeCount);

  int slots() const { return options.slots; }
  /// How many of the node's slots hold a mail.
  int32_t count(int32_t node) const {
    return static_cast<int32_t>(std::min<int64_t>(given[node], slots()));
  }
  /// The row of the node's slot `place`, counted from the latest mail on; those
  /// from count() on were never written.
  int32_t row(int32_t node, int32_t place) const {
    int64_t slot =
        place < count(node) ? (given[node] - 1 - place) % slots() : place;
    return static_cast<int32_t>(int64_t(node) * slots() + slot);
  }
  /// When the mail in that row was sent.
  Timestamp sent(int32_t row) const { return times[row]; }

  /// Delivers the mails of `events`, ascending indices into the stream, to
  /// their ends and these ends' neighbours in `graph` before the events.
  void deliver(const EventStream &stream, const TemporalGraph &graph,
               std::span<const int32_t> events, Deliveries &result);

  /// What a checkpoint holds: how many mails each node was given, and the times
  /// of those in its slots, [nodes, slots], second 0 where there was none.
  std::span<int64_t> mailsGiven() { return given; }
  std::span<const int64_t> mailsGiven() const { return given; }
  std::span<Timestamp> sendTimes() { return times; }
  std::span<const Timestamp> sendTimes() const { return times; }

private:
  /// Takes the node's next slot, for a mail of that time; its row.
  int32_t take(int32_t node, Timestamp time);
  void keepOf(int32_t node, std::span<const uint64_t> mails,
              const EventStream &stream, std::span<const int32_t> events,
              Deliveries &result);

  MailboxOptions options;
  std::vector<int64_t> given;
  std::vector<Timestamp> times;
};

} // namespace orcinus

#endif // RUNTIME_PREPARE_MAILBOX_H
