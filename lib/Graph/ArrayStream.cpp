//===- ArrayStream.cpp - Event streams of arrays in memory ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/ArrayStream.h"

#include "IdMapping.h"
#include "LabelCollector.h"
#include "TimeColumn.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

using namespace orcinus;

static Status errorAt(size_t event, const std::string &what) {
  return Status::error("event " + std::to_string(event) + " " + what);
}

/// That there are as many of both.
static Status checkEnds(size_t sources, size_t destinations) {
  if (sources == destinations)
    return Status();
  return Status::error(std::to_string(sources) + " sources and " +
                       std::to_string(destinations) +
                       " destinations: an event has one of each");
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

template <typename Ids>
static Status checkIds(const Ids &sources, const Ids &destinations) {
  if (Status status = checkEnds(sources.size(), destinations.size());
      !status.ok())
    return status;
  for (size_t event = 0; event != sources.size(); ++event)
    if (sources[event] < 0 || destinations[event] < 0)
      return errorAt(event, "has a negative node id: number the nodes from 0, "
                            "or give ids as text");
  return Status();
}

static Status renumber(EventStream &stream, std::vector<int64_t> sources,
                       std::vector<int64_t> destinations) {
  if (sources.empty())
    return Status();
  return densifyIds(sources, destinations, stream, "the arrays").status();
}

Status orcinus::setNodes(EventStream &stream, std::span<const int64_t> sources,
                         std::span<const int64_t> destinations) {
  if (Status status = checkIds(sources, destinations); !status.ok())
    return status;
  return renumber(stream, {sources.begin(), sources.end()},
                  {destinations.begin(), destinations.end()});
}

/// How many nodes there are where they are 0, 1, … without a gap; else 0.
static int32_t countDense(std::span<const int32_t> sources,
                          std::span<const int32_t> destinations) {
  int32_t largest = 0;
  for (std::span<const int32_t> ends : {sources, destinations})
    for (int32_t node : ends)
      largest = std::max(largest, node);
  // More nodes than ends have a gap.
  if (static_cast<size_t>(largest) >= 2 * sources.size())
    return 0;
  std::vector<bool> occurs(static_cast<size_t>(largest) + 1);
  for (std::span<const int32_t> ends : {sources, destinations})
    for (int32_t node : ends)
      occurs[static_cast<size_t>(node)] = true;
  bool all = std::ranges::find(occurs, false) == occurs.end();
  return all && largest != std::numeric_limits<int32_t>::max() ? largest + 1
                                                               : 0;
}

Status orcinus::setNodes(EventStream &stream, Column<int32_t> sources,
                         Column<int32_t> destinations) {
  if (Status status = checkIds(sources, destinations); !status.ok())
    return status;
  int32_t nodes = countDense({sources.data(), sources.size()},
                             {destinations.data(), destinations.size()});
  if (nodes == 0)
    return renumber(stream, {sources.begin(), sources.end()},
                    {destinations.begin(), destinations.end()});
  stream.source = std::move(sources);
  stream.destination = std::move(destinations);
  stream.nodeCount = nodes;
  return Status();
}

Status orcinus::setNodes(EventStream &stream,
                         std::span<const std::string> sources,
                         std::span<const std::string> destinations) {
  if (Status status = checkEnds(sources.size(), destinations.size());
      !status.ok())
    return status;
  if (sources.empty())
    return Status();
  IdColumns ids(/*integersOnly=*/false);
  ids.reserve(sources.size());
  for (size_t event = 0; event != sources.size(); ++event)
    if (std::string wrong = ids.add(sources[event], destinations[event]);
        !wrong.empty())
      return Status::error("event " + std::to_string(event) + ": " + wrong);
  return ids.finish(stream, "the arrays").status();
}

//===----------------------------------------------------------------------===//
// Times
//===----------------------------------------------------------------------===//

/// The unit of that name, or by the size of the times.
template <typename T>
static StatusOr<TimeUnit> unitOf(const Column<T> &times,
                                 std::string_view name) {
  if (name == "auto") {
    double first = times.empty() ? 0 : static_cast<double>(times.front());
    double last = times.empty() ? 0 : static_cast<double>(times.back());
    return unitBySize(first, last);
  }
  if (auto unit = parseTimeUnit(name))
    return *unit;
  return Status::error("'" + std::string(name) +
                       "' is no unit of times: give auto, s, ms, us, ns, min, "
                       "h or d");
}

template <typename T>
static Status checkTimes(const Column<T> &times) {
  for (size_t event = 0; event != times.size(); ++event) {
    if constexpr (std::is_floating_point_v<T>) {
      if (!std::isfinite(times[event]))
        return errorAt(event, "has a time that is not finite");
      if (times[event] > largestSeconds)
        return errorAt(event, "has a time beyond single precision, in which "
                              "models read times");
    }
    if (times[event] < 0)
      return errorAt(event, "has a negative time");
    if (event && times[event] < times[event - 1])
      return errorAt(event, "is earlier than the one before: sort the events "
                            "by time");
  }
  return Status();
}

/// The column as timestamps, whose bits its values have.
template <typename T>
static Column<Timestamp> asTimestamps(Column<T> times) {
  static_assert(sizeof(T) == sizeof(Timestamp));
  auto kept = std::make_shared<Column<T>>(std::move(times));
  std::span<const Timestamp> view(
      reinterpret_cast<const Timestamp *>(kept->data()), kept->size());
  return Column<Timestamp>::borrow(view, std::move(kept));
}

/// What a double of `unit` is multiplied and divided by for seconds.
static std::pair<double, double> secondsOf(const TimeUnit &unit) {
  return {static_cast<double>(unit.seconds), std::pow(10.0, unit.digits)};
}

Status orcinus::setTimes(EventStream &stream, Column<double> times,
                         std::string_view name) {
  if (Status status = checkTimes(times); !status.ok())
    return status;
  StatusOr<TimeUnit> unit = unitOf(times, name);
  if (!unit.ok())
    return unit.status();
  auto [factor, divisor] = secondsOf(*unit);
  // A negative zero has other bits than the timestamp of second 0.
  bool isTimestamp = std::ranges::none_of(
      times, [](double time) { return std::signbit(time); });
  stream.timeScale = TimeScale();
  if (factor == 1 && divisor == 1 && isTimestamp) {
    stream.time = asTimestamps(std::move(times));
    return Status();
  }
  std::vector<double> seconds;
  seconds.reserve(times.size());
  for (double time : times)
    seconds.push_back(time * factor / divisor);
  stream.setSeconds(seconds);
  return Status();
}

Status orcinus::setTimes(EventStream &stream, Column<int64_t> times,
                         std::string_view name) {
  if (Status status = checkTimes(times); !status.ok())
    return status;
  StatusOr<TimeUnit> unit = unitOf(times, name);
  if (!unit.ok())
    return unit.status();
  constexpr int64_t exactInDoubles = int64_t(1) << 53;
  int64_t perSecond = 1;
  for (int digit = 0; digit != unit->digits; ++digit)
    perSecond *= 10;
  bool isWhole = std::ranges::all_of(
      times, [&](int64_t time) { return time % perSecond == 0; });
  int64_t largest = times.empty() ? 0 : times.back() / perSecond;
  if (isWhole && largest <= exactInDoubles / unit->seconds) {
    std::vector<double> seconds;
    seconds.reserve(times.size());
    for (int64_t time : times) {
      int64_t whole = time / perSecond * unit->seconds;
      seconds.push_back(static_cast<double>(whole));
    }
    stream.setSeconds(seconds);
    return Status();
  }
  constexpr int64_t nanoseconds = 1000000000, farthest = int64_t(1) << 62;
  int64_t more = nanoseconds / perSecond;
  if (unit->seconds != 1 || times.back() > farthest / more)
    return Status::error("the time of event " +
                         std::to_string(times.size() - 1) +
                         " is beyond what can be held: check the unit");
  stream.timeScale = TimeScale::ticks(nanoseconds);
  if (more == 1) {
    stream.time = asTimestamps(std::move(times));
    return Status();
  }
  std::vector<Timestamp> ticks;
  ticks.reserve(times.size());
  for (int64_t time : times)
    ticks.push_back(Timestamp::fromKey(time * more));
  stream.time = std::move(ticks);
  return Status();
}

//===----------------------------------------------------------------------===//
// What goes with events
//===----------------------------------------------------------------------===//

LabelColumn orcinus::labelColumn(std::string name,
                                 std::span<const std::string> texts) {
  LabelCollector collector({std::move(name)});
  for (const std::string &text : texts)
    collector.add(0, text);
  return std::move(collector.take({}).front());
}

static Status checkFeatures(const FeatureMatrix &features, int64_t rows,
                            const std::string &of) {
  if (features.columns == 0)
    return Status();
  if (features.rows != rows ||
      std::ssize(features.values) != features.rows * features.columns)
    return Status::error(std::to_string(features.rows) + " rows of features " +
                         "for " + std::to_string(rows) + " " + of +
                         "s: give one row each");
  for (size_t index = 0; index != features.values.size(); ++index)
    if (!std::isfinite(features.values[index]))
      return Status::error(
          "feature " +
          std::to_string(static_cast<int64_t>(index) % features.columns) +
          " of " + of + " " +
          std::to_string(static_cast<int64_t>(index) / features.columns) +
          " is not finite");
  return Status();
}

Status orcinus::checkStream(const EventStream &stream) {
  size_t events = stream.time.size();
  if (events == 0)
    return Status::error("there is no event");
  if (events > static_cast<size_t>(std::numeric_limits<int32_t>::max()))
    return Status::error("more than 2^31 - 1 events: split the stream");
  if (stream.source.size() != events || stream.destination.size() != events)
    return Status::error(std::to_string(stream.source.size()) + " sources, " +
                         std::to_string(stream.destination.size()) +
                         " destinations and " + std::to_string(events) +
                         " times: an event has one of each");
  for (size_t event = 0; event != events; ++event)
    for (int32_t node : {stream.source[event], stream.destination[event]})
      if (node < 0 || node >= stream.nodeCount)
        return errorAt(event, "has a node out of range");
  for (const LabelColumn &labels : stream.labels)
    if (labels.codes.size() != events)
      return Status::error(std::to_string(labels.codes.size()) +
                           " labels of '" + labels.name + "' for " +
                           std::to_string(events) +
                           " events: give one each, an empty one for none");
  if (Status status =
          checkFeatures(stream.edgeFeatures, stream.eventCount(), "event");
      !status.ok())
    return status;
  return checkFeatures(stream.nodeFeatures, stream.nodeCount, "node");
}
