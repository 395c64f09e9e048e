//===- EventCollector.h - Checked events of a file being read ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_EVENTCOLLECTOR_H
#define ORCINUS_LIB_GRAPH_EVENTCOLLECTOR_H

#include "IdMapping.h"
#include "TimeColumn.h"
#include "orcinus/Graph/Loader.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// Takes the events of a file row by row, as text fields, checks ids, times and
/// their order, and turns them into a stream of dense ids. What every format
/// asks of an event is said here once.
class EventCollector {
public:
  /// Which ids a format has.
  enum class Ids { Integers, Any };

  /// `path` is for messages. With `options.sort`, times may come in any order;
  /// where they may not, `unsortedRemedy` adds to the message what else may
  /// help.
  EventCollector(std::string path, const LoadOptions &options, Ids ids,
                 std::string unsortedRemedy = "");

  /// Makes room for `events` events.
  void reserve(int64_t events);

  /// Adds the event of line `line`. Returns false at the first error, which
  /// `failure()` then holds.
  bool add(std::string_view source, std::string_view destination,
           std::string_view time, int64_t line);

  const Status &failure() const { return firstError; }
  int64_t eventCount() const { return static_cast<int64_t>(times.size()); }

  /// Sets item ids (the destinations of a bipartite format that counts users
  /// and items apart) behind the user ids; returns the shift.
  StatusOr<int64_t> shiftDestinations();

  /// Sorts the events where that was asked for, and renumbers the nodes.
  /// Nothing may be added afterwards. Errors: no event at all.
  StatusOr<EventStream> finish();

  /// After `finish`: for each event of the stream, the row that it was added
  /// as; empty where the two are equal.
  const std::vector<int32_t> &rowOfEvent() const { return order; }

  /// After `finish`: how ids, times and order were taken, for a description.
  const std::string &notes() const { return changes; }

private:
  bool fail(int64_t line, const std::string &message);
  void sortByTime();

  std::string path;
  bool mayReorder;
  std::string unsortedRemedy;
  bool ordered = true;
  IdColumns ids;
  TimeColumn times;
  std::vector<int32_t> order;
  std::string changes;
  Status firstError;
};

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_EVENTCOLLECTOR_H
