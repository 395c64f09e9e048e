//===- Mailbox.cpp - Which mails lie where --------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/Mailbox.h"

using namespace orcinus;

Mailbox::Mailbox(int32_t nodeCount, const MailboxOptions &options)
    : options(options) {
  grow(nodeCount);
}

void Mailbox::reset() {
  std::fill(given.begin(), given.end(), 0);
  std::fill(times.begin(), times.end(), Timestamp());
}

void Mailbox::grow(int32_t nodeCount) {
  size_t nodes = std::max(static_cast<size_t>(nodeCount), given.size());
  given.resize(nodes);
  times.resize(nodes * slots());
}

int32_t Mailbox::take(int32_t node, Timestamp time) {
  auto row =
      static_cast<int32_t>(int64_t(node) * slots() + given[node] % slots());
  ++given[node];
  times[row] = time;
  return row;
}

/// The order of a batch's mails: by event, of one event the source's first.
static uint64_t orderOf(size_t place, bool isDestination) {
  return place * 2 + isDestination;
}

/// The node's slots take what it keeps of `mails`, in order, all of which reach
/// it.
void Mailbox::keepOf(int32_t node, std::span<const uint64_t> mails,
                     const EventStream &stream, std::span<const int32_t> events,
                     Deliveries &result) {
  auto placeOf = [](uint64_t mail) { return static_cast<uint32_t>(mail) / 2; };
  auto write = [&](std::span<const uint64_t> written) {
    result.rows.push_back(
        take(node, stream.time[events[placeOf(written.back())]]));
    for (uint64_t mail : written)
      result.references.push_back(
          static_cast<int32_t>(placeOf(mail) + (mail % 2 ? events.size() : 0)));
    result.offsets.push_back(static_cast<int32_t>(result.references.size()));
  };
  switch (options.keep) {
  case MailKeep::Mean:
    return write(mails);
  case MailKeep::Last:
    return write(mails.last(1));
  case MailKeep::All:
    // Of more than there are slots, the first ones would not stay.
    mails = mails.last(std::min<size_t>(mails.size(), slots()));
    for (size_t mail = 0; mail != mails.size(); ++mail)
      write(mails.subspan(mail, 1));
  }
}

void Mailbox::deliver(const EventStream &stream, const TemporalGraph &graph,
                      std::span<const int32_t> events, Deliveries &result) {
  std::vector<uint64_t> &reached = result.reached;
  reached.clear();
  auto reach = [&](int32_t node, uint64_t order) {
    reached.push_back(uint64_t(node) << 32 | order);
  };
  auto send = [&](int32_t end, Timestamp time, uint64_t order) {
    reach(end, order);
    int64_t last = graph.endBefore(end, time);
    int64_t first = std::max(graph.offset(end), last - options.neighbours);
    for (int64_t entry = first; entry < last; ++entry)
      reach(graph.neighbour(entry), order);
  };
  for (size_t place = 0; place != events.size(); ++place) {
    int32_t event = events[place];
    send(stream.source[event], stream.time[event], orderOf(place, false));
    send(stream.destination[event], stream.time[event], orderOf(place, true));
  }
  std::sort(reached.begin(), reached.end());
  reached.erase(std::unique(reached.begin(), reached.end()), reached.end());

  result.rows.clear();
  result.references.clear();
  result.offsets.assign(1, 0);
  for (size_t begin = 0, end = 0; begin != reached.size(); begin = end) {
    auto node = static_cast<int32_t>(reached[begin] >> 32);
    while (end != reached.size() &&
           static_cast<int32_t>(reached[end] >> 32) == node)
      ++end;
    keepOf(node, std::span(reached).subspan(begin, end - begin), stream, events,
           result);
  }
}
