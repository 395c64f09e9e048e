//===- EventCollector.cpp - Checked events of a file being read -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EventCollector.h"

#include "TextRows.h"

#include <algorithm>
#include <limits>
#include <numeric>

using namespace orcinus;

EventCollector::EventCollector(std::string path, const LoadOptions &options,
                               Ids kind, std::string unsortedRemedy)
    : path(std::move(path)), mayReorder(options.sort),
      unsortedRemedy(std::move(unsortedRemedy)), ids(kind == Ids::Integers),
      times(options.timeUnit) {}

void EventCollector::reserve(int64_t events) {
  size_t count = static_cast<size_t>(events);
  ids.reserve(count);
  times.reserve(count);
}

bool EventCollector::fail(int64_t line, const std::string &message) {
  firstError = errorAtLine(path, line, message);
  return false;
}

bool EventCollector::add(std::string_view source, std::string_view destination,
                         std::string_view time, int64_t line) {
  if (times.size() == std::numeric_limits<int32_t>::max())
    return fail(line, "more than 2^31 - 1 events; split the file");
  if (std::string wrong = ids.add(source, destination); !wrong.empty())
    return fail(line, wrong);
  std::string wrong = times.add(time);
  if (wrong.empty() && times.descends() && !mayReorder)
    wrong = " is earlier than that of the event before it; sort the file by "
            "time or ask for sorting (--sort)" +
            unsortedRemedy;
  if (!wrong.empty())
    return fail(line, "timestamp " + quoteForMessage(time) + wrong);
  ordered &= !times.descends();
  return true;
}

StatusOr<int64_t> EventCollector::shiftDestinations() {
  return ids.shiftDestinations(path);
}

void EventCollector::sortByTime() {
  order.resize(times.size());
  std::iota(order.begin(), order.end(), 0);
  // The row breaks ties, which makes the order that of a stable sort.
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    size_t first = static_cast<size_t>(a), second = static_cast<size_t>(b);
    return times.isBefore(first, second) ||
           (a < b && !times.isBefore(second, first));
  });
  ids.permute(order);
  times.permute(order);
}

StatusOr<EventStream> EventCollector::finish() {
  if (times.size() == 0)
    return Status::error("'" + path +
                         "' holds no event; expected one event a line");
  if (!ordered) {
    sortByTime();
    changes += "; sorted by time";
  }
  EventStream stream;
  StatusOr<std::string> note = ids.finish(stream, path);
  if (!note.ok())
    return note.status();
  changes += "; " + *note;
  changes += "; " + times.finish(stream);
  return stream;
}
