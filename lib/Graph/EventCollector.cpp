//===- EventCollector.cpp - Checked events of a file being read -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EventCollector.h"

#include "IdMapping.h"
#include "TextRows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace orcinus;

EventCollector::EventCollector(std::string path, bool sort,
                               std::string unsortedRemedy)
    : path(std::move(path)), mayReorder(sort),
      unsortedRemedy(std::move(unsortedRemedy)) {}

void EventCollector::reserve(int64_t events) {
  size_t count = static_cast<size_t>(events);
  sources.reserve(count);
  destinations.reserve(count);
  times.reserve(count);
}

bool EventCollector::fail(int64_t line, const std::string &message) {
  firstError = errorAtLine(path, line, message);
  return false;
}

/// What is wrong with a node id that `parseInteger` did not take, or took as a
/// negative number.
static std::string describeBadId(std::string_view text, NumberKind kind) {
  std::string what = "node id " + quoteForMessage(text);
  if (kind == NumberKind::Malformed)
    return what + " is not an integer; number the nodes, and check the order "
                  "of the columns";
  if (kind == NumberKind::OutOfRange)
    return what + " is outside [0, 2^63); number the nodes with smaller ids";
  return what + " is negative; number the nodes from 0 or above";
}

bool EventCollector::add(std::string_view source, std::string_view destination,
                         std::string_view time, int64_t line) {
  int64_t ids[2];
  std::string_view texts[2] = {source, destination};
  for (int end = 0; end < 2; ++end) {
    NumberKind kind = parseInteger(texts[end], ids[end]);
    if (kind != NumberKind::Valid || ids[end] < 0)
      return fail(line, describeBadId(texts[end], kind));
  }
  if (!addTime(time, line))
    return false;
  sources.push_back(ids[0]);
  destinations.push_back(ids[1]);
  return true;
}

bool EventCollector::addTime(std::string_view text, int64_t line) {
  double time = 0;
  NumberKind kind = parseReal(text, time);
  if (kind == NumberKind::Malformed)
    return fail(line, "timestamp " + quoteForMessage(text) +
                          " is not a number; correct or remove the row, and "
                          "check the order of the columns");
  if (kind == NumberKind::OutOfRange)
    return fail(line, "timestamp " + quoteForMessage(text) +
                          " is not a number that double precision can hold; "
                          "correct or remove the row");
  if (!std::isfinite(time))
    return fail(line, "timestamp " + quoteForMessage(text) +
                          " is not finite; correct or remove the row");
  if (time < 0)
    return fail(line, "timestamp " + quoteForMessage(text) +
                          " is negative; shift all timestamps so that the "
                          "first is 0");
  if (!times.empty() && time < times.back()) {
    if (!mayReorder)
      return fail(line, "timestamp " + quoteForMessage(text) +
                            " is earlier than that of the event before it; "
                            "sort the file by time or ask for sorting "
                            "(--sort)" +
                            unsortedRemedy);
    ordered = false;
  }
  if (times.size() == std::numeric_limits<int32_t>::max())
    return fail(line, "more than 2^31 - 1 events; split the file");
  // Adding zero turns a negative zero into a positive one.
  times.push_back(time + 0.0);
  return true;
}

StatusOr<int64_t> EventCollector::shiftDestinations() {
  if (sources.empty())
    return int64_t(0);
  int64_t shift = *std::max_element(sources.begin(), sources.end());
  int64_t largest = *std::max_element(destinations.begin(), destinations.end());
  if (shift >= std::numeric_limits<int64_t>::max() - largest)
    return Status::error("'" + path +
                         "': user and item ids together exceed 2^63; number "
                         "them with smaller ids");
  ++shift;
  for (int64_t &destination : destinations)
    destination += shift;
  return shift;
}

/// `values` in the order that `order` lists them.
template <typename T>
static std::vector<T> permuted(const std::vector<T> &values,
                               const std::vector<int32_t> &order) {
  std::vector<T> result(values.size());
  for (size_t i = 0; i < order.size(); ++i)
    result[i] = values[static_cast<size_t>(order[i])];
  return result;
}

void EventCollector::sortByTime() {
  order.resize(times.size());
  std::iota(order.begin(), order.end(), 0);
  // The row breaks ties, which makes the order that of a stable sort.
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    double first = times[static_cast<size_t>(a)];
    double second = times[static_cast<size_t>(b)];
    return first != second ? first < second : a < b;
  });
  sources = permuted(sources, order);
  destinations = permuted(destinations, order);
  times = permuted(times, order);
}

StatusOr<EventStream> EventCollector::finish() {
  if (times.empty())
    return Status::error("'" + path +
                         "' holds no event; expected one event a line");
  if (!ordered) {
    sortByTime();
    changes += "; sorted by time";
  }
  EventStream stream;
  StatusOr<std::string> note = densifyIds(sources, destinations, stream, path);
  if (!note.ok())
    return note.status();
  changes += "; " + *note;
  stream.time = std::move(times);
  return stream;
}
