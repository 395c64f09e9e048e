//===- SessionSnapshot.cpp - Saving and restoring sessions ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/CheckpointHeader.h"
#include "runtime/Train/NodeNameSections.h"
#include "runtime/Train/SessionImplementation.h"
#include "runtime/Train/StateSections.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <utility>

using namespace orcinus;
using nlohmann::ordered_json;

static constexpr SectionFileKind snapshotKind{
    {"ORCSESS\0", 8}, 1, "session snapshot"};
static const std::string indexName = "index:";

//===----------------------------------------------------------------------===//
// Identity
//===----------------------------------------------------------------------===//

template <typename T>
static uint32_t checksum(uint32_t previous, std::span<const T> values) {
  return static_cast<uint32_t>(
      crc32_z(previous, reinterpret_cast<const Bytef *>(values.data()),
              values.size() * sizeof(T)));
}

ordered_json Session::Implementation::identityOfModel() const {
  ordered_json result = identity.model;
  uint32_t parameters = 0;
  for (const FloatArray &each : state->parameters)
    parameters = checksum(parameters, each.values());
  result["parameters' checksum"] = parameters;
  return result;
}

/// The history's, with the names of its nodes.
ordered_json Session::Implementation::identityOfHistory() const {
  ordered_json result = identity.stream;
  uint32_t ofNames = 0;
  for (int32_t node = 0; node != historyNodes; ++node) {
    const std::string &name = names.name(node);
    // With the zero behind it, so that names do not run into each other.
    ofNames = checksum(ofNames, std::span(name.c_str(), name.size() + 1));
  }
  result["names' checksum"] = ofNames;
  return result;
}

uint32_t Session::Implementation::identityChecksum() const {
  std::string text =
      printJson(identityOfModel()) + printJson(identityOfHistory());
  return checksum(0, std::span<const char>(text));
}

static ordered_json sizesOf(int64_t blockSize, int64_t origin) {
  return {{"block size", blockSize}, {"first block", origin}};
}

Status Session::Implementation::checkIdentity(const SectionFile &file) const {
  std::string_view kind = file.kindName();
  auto stored = [&](const char *key) {
    return file.header().value(key, ordered_json::object());
  };
  Status status =
      compareIdentity(stored("model"), identityOfModel(), kind, "model");
  if (status.ok())
    status = compareIdentity(stored("history"), identityOfHistory(), kind,
                             "history");
  if (status.ok())
    status = compareIdentity(
        stored("session"), sizesOf(options.blockSize, origin), kind, "session");
  return status;
}

//===----------------------------------------------------------------------===//
// Saving
//===----------------------------------------------------------------------===//

Status Session::Implementation::save(const std::string &path) const {
  if (isBranch)
    return Status::error("a branch cannot be saved: end it first");
  PlacesToWrite places;
  places.add("event sources", std::span(stream.source).subspan(historyEvents));
  places.add("event destinations",
             std::span(stream.destination).subspan(historyEvents));
  places.add("event times", std::span(stream.time).subspan(historyEvents));
  places.add("event features",
             std::span(stream.edgeFeatures.values)
                 .subspan(historyEvents * stream.edgeFeatures.columns));
  const ModelState &saved = *state;
  addFirstRows(places, saved.nodeRows, stream.nodeCount);
  addIndex(places, indexName, saved.index, stream.nodeCount);

  std::vector<FileSection> sections;
  for (const PlacesToWrite::Place &place : places)
    sections.push_back({place.name, place.bytes});
  EventStream added;
  for (int32_t node = historyNodes; node != stream.nodeCount; ++node)
    added.externalNames.push_back(names.name(node));
  NodeNameSections ofNames(added);
  ofNames.addTo(sections);
  ordered_json header = {
      {"model", identityOfModel()},
      {"history", identityOfHistory()},
      {"session", sizesOf(options.blockSize, origin)},
      {"stream",
       {{"events", stream.eventCount() - historyEvents},
        {"nodes", stream.nodeCount - historyNodes}}},
      {"position", {{"early", isEarly}, {"events", position}}}};
  Status status =
      writeSectionFile(path, snapshotKind, std::move(header), sections);
  if (status.ok())
    removeLeftovers(path);
  return status;
}

//===----------------------------------------------------------------------===//
// Restoring
//===----------------------------------------------------------------------===//

static Status malformed(std::string_view what) {
  return Status::error(
      fmt::format("the {} is malformed: {}", snapshotKind.name, what),
      StatusCode::Damaged);
}

/// Reads what is behind the history. Memory is taken only for what is there.
StatusOr<Session::Implementation::Tail>
Session::Implementation::readTail(SectionFile &file) const {
  const ordered_json &of = file.header().at("stream");
  constexpr int32_t most = std::numeric_limits<int32_t>::max();
  auto events = readInteger<int32_t>(
      of, "events", 0, most - static_cast<int32_t>(historyEvents));
  auto nodes = readInteger<int32_t>(of, "nodes", 0, most - historyNodes);
  Tail tail;
  tail.nodes = nodes;
  PlacesToRead places;
  auto add = [&](const char *name, auto &values, size_t count) {
    if (!file.has(name, count * sizeof(values[0])))
      return false;
    values.resize(count);
    places.add(name, std::span(values));
    return true;
  };
  if (!add("event sources", tail.source, events) ||
      !add("event destinations", tail.destination, events) ||
      !add("event times", tail.time, events) ||
      !add("event features", tail.features,
           events * stream.edgeFeatures.columns))
    return malformed("it does not have the events that it says");
  if (Status status = readPlaces(file, places); !status.ok())
    return status;
  StatusOr<std::vector<std::string>> read = readNodeNames(file, nodes);
  if (!read.ok())
    return read.status();
  tail.names = std::move(*read);
  return tail;
}

/// That the tail's events come after the history's and begin with those that
/// the session has; and that its nodes are in the order in which they come.
Status Session::Implementation::checkTail(const Tail &tail) const {
  int32_t known = historyNodes;
  Timestamp newest = stream.time[historyEvents - 1];
  for (int64_t event = 0; event != tail.events(); ++event) {
    for (int32_t node : {tail.source[event], tail.destination[event]}) {
      if (node < 0 || node > known || node >= historyNodes + tail.nodes)
        return malformed(fmt::format("event {} is of node {}", event, node));
      known += node == known;
    }
    if (tail.time[event] < newest)
      return malformed(
          fmt::format("event {} is earlier than the one before", event));
    newest = tail.time[event];
  }
  if (known != historyNodes + tail.nodes)
    return malformed("it names nodes without an event");
  int64_t own = stream.eventCount() - historyEvents;
  auto begins = [](const auto &all, const auto &values, int64_t from) {
    return std::ssize(all) >= std::ssize(values) - from &&
           std::equal(values.begin() + from, values.end(), all.begin());
  };
  bool same = own <= tail.events() &&
              begins(tail.source, stream.source, historyEvents) &&
              begins(tail.destination, stream.destination, historyEvents) &&
              begins(tail.time, stream.time, historyEvents) &&
              begins(tail.features, stream.edgeFeatures.values,
                     historyEvents * stream.edgeFeatures.columns);
  for (int32_t node = historyNodes; same && node != stream.nodeCount; ++node)
    same = names.name(node) == tail.names[node - historyNodes];
  return same ? Status()
              : Status::error("the session has other events behind its "
                              "history than the snapshot: restore it right "
                              "after it is opened");
}

/// Reads the states of the nodes that there are with the tail's.
StatusOr<Session::Implementation::States>
Session::Implementation::readStates(SectionFile &file, const Tail &tail) const {
  int32_t nodes = historyNodes + tail.nodes;
  States result;
  PlacesToRead places;
  result.nodeRows.reserve(state->nodeRows.size());
  for (const FloatArray &array : state->nodeRows) {
    result.nodeRows.emplace_back(nodes * array.rowSize());
    places.add(array.name(), std::span(result.nodeRows.back()));
  }
  result.index = state->index;
  result.index.reset();
  result.index.growNodes(nodes);
  addIndex(places, indexName, result.index, nodes);
  if (Status status = readPlaces(file, places); !status.ok())
    return status;
  EventStream whole;
  auto join = [&](const auto &history, const auto &behind, auto &all) {
    all.append(std::span(history).first(historyEvents));
    all.append(behind);
  };
  join(stream.source, tail.source, whole.source);
  join(stream.destination, tail.destination, whole.destination);
  join(stream.time, tail.time, whole.time);
  whole.nodeCount = nodes;
  if (Status status =
          checkIndex(result.index, whole, file.kindName(), indexName);
      !status.ok())
    return status;
  return result;
}

/// The events that the states hold, of `events`.
StatusOr<int64_t> Session::Implementation::readPosition(const SectionFile &file,
                                                        bool early,
                                                        int64_t events) const {
  int64_t start = early ? 0 : origin;
  auto stored = readInteger<int64_t>(file.header().at("position"), "events", 0);
  if (stored < start || stored > events ||
      (stored - start) % options.blockSize != 0)
    return malformed(fmt::format("its states hold {} events", stored));
  return stored;
}

Status Session::Implementation::appendTail(const Tail &tail) {
  size_t columns = stream.edgeFeatures.columns;
  auto nameOf = [&](int32_t node) -> std::string_view {
    return node < historyNodes ? names.name(node)
                               : tail.names[node - historyNodes];
  };
  std::vector<NewEvent> added;
  for (int64_t event = stream.eventCount() - historyEvents;
       event != tail.events(); ++event)
    added.push_back(
        {nameOf(tail.source[event]), nameOf(tail.destination[event]),
         tail.time[event],
         std::span(tail.features).subspan(event * columns, columns)});
  if (Status status = append(added); !status.ok())
    return status;
  if (stream.nodeCount != historyNodes + tail.nodes)
    return dead = malformed("two of its nodes have one name");
  return Status();
}

void Session::Implementation::takeStates(States &&states) {
  state->clearNodeStates();
  for (size_t each = 0; each != states.nodeRows.size(); ++each)
    std::ranges::copy(states.nodeRows[each],
                      state->nodeRows[each].values().begin());
  states.index.growNodes(static_cast<int32_t>(nodeCapacity));
  for (WalkMatrices &walks : states.index.walks)
    walks.restored();
  state->index = std::move(states.index);
  if (settled)
    settled->replaced();
}

Status Session::Implementation::restore(const std::string &path) {
  if (isBranch)
    return Status::error("a branch cannot be restored: end it first");
  StatusOr<SectionFile> file = SectionFile::open(
      path, snapshotKind, fmt::format("cannot open '{}'", path));
  if (!file.ok())
    return file.status();
  Status status = readingHeader(
      [&]() -> Status {
        if (Status status = checkIdentity(*file); !status.ok())
          return status;
        StatusOr<Tail> tail = readTail(*file);
        if (!tail.ok())
          return tail.status();
        if (Status status = checkTail(*tail); !status.ok())
          return status;
        bool early = file->header().at("position").at("early").get<bool>();
        StatusOr<int64_t> held =
            readPosition(*file, early, historyEvents + tail->events());
        if (!held.ok())
          return held.status();
        StatusOr<States> states = readStates(*file, *tail);
        if (!states.ok())
          return states.status();
        if (Status status = appendTail(*tail); !status.ok())
          return status;
        takeStates(std::move(*states));
        isEarly = early;
        position = *held;
        return Status();
      },
      snapshotKind.name);
  return status.ok() ? status : status.within(path);
}
