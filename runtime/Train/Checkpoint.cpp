//===- Checkpoint.cpp - What a checkpoint holds ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/Checkpoint.h"

#include "lib/Support/Json.h"
#include "orcinus/Runtime/Trainer.h"
#include "runtime/Train/CheckpointHeader.h"
#include "runtime/Train/NodeNameSections.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

using namespace orcinus;
using nlohmann::ordered_json;

//===----------------------------------------------------------------------===//
// Identity
//===----------------------------------------------------------------------===//

template <typename T>
static uint32_t addChecksum(uint32_t previous, std::span<const T> values) {
  return static_cast<uint32_t>(
      crc32_z(previous, reinterpret_cast<const Bytef *>(values.data()),
              values.size() * sizeof(T)));
}

/// Of the first `events` events and what is known of the first `nodes` nodes.
static uint32_t fingerprint(const EventStream &stream, int64_t events,
                            int64_t nodes) {
  uint32_t result = 0;
  auto add = [&](const auto &values, int64_t count) {
    result = addChecksum(result, std::span(values).first(count));
  };
  add(stream.source, events);
  add(stream.destination, events);
  add(stream.time, events);
  if (int64_t ticks = stream.timeScale.ticksPerSecond())
    add(std::array{ticks}, 1);
  if (stream.edgeFeatures.columns)
    add(stream.edgeFeatures.values, events * stream.edgeFeatures.columns);
  if (stream.nodeFeatures.columns)
    add(stream.nodeFeatures.values, nodes * stream.nodeFeatures.columns);
  return result;
}

RunIdentity orcinus::identify(const CompiledModel &model,
                              const Manifest &manifest,
                              const TrainOptions &options,
                              const EventStream &stream) {
  RunIdentity identity;
  identity.model = {{"text", model.modelText()}};
  for (const auto &[name, size] : manifest.sizes)
    identity.model["size '" + name + "'"] = size;
  identity.model["dropout"] = manifest.dropout;
  // Checkpoints of Adam as it is do not name it.
  if (!manifest.optimizer.empty())
    identity.model["optimizer"] = manifest.optimizer;
  identity.model["choice of tuned programs"] = manifest.tunedDigest;
  identity.options = identityOptions({model.options(), options});
  identity.stream = {
      {"nodes", stream.nodeCount},
      {"events", stream.eventCount()},
      {"checksum", fingerprint(stream, stream.eventCount(), stream.nodeCount)}};
  return identity;
}

/// The first difference between two parts of identities.
static Status compare(const ordered_json &stored, const ordered_json &own,
                      std::string_view what) {
  for (const auto &[key, value] : own.items()) {
    if (stored.contains(key) && stored[key] == value)
      continue;
    bool isText = key == "text" || key == "choice of tuned programs";
    if (isText || !stored.contains(key))
      return Status::error(fmt::format("the checkpoint was made with another "
                                       "{}: its {} differs",
                                       what, key));
    return Status::error(
        fmt::format("the checkpoint was made with another {}: its {} is {}, "
                    "here it is {}",
                    what, key, printJson(stored[key]), printJson(value)));
  }
  return Status();
}

Status orcinus::checkSameModel(const CheckpointFile &file,
                               const RunIdentity &identity) {
  return compare(file.header().value("model", ordered_json::object()),
                 identity.model, "model");
}

Status orcinus::checkSameRun(const CheckpointFile &file,
                             const RunIdentity &identity) {
  Status status = checkSameModel(file, identity);
  if (status.ok())
    status = compare(file.header().value("stream", ordered_json::object()),
                     identity.stream, "event stream");
  if (status.ok())
    status = compare(file.header().value("options", ordered_json::object()),
                     identity.options, "option");
  return status;
}

StatusOr<bool> orcinus::continuesStream(const CheckpointFile &file,
                                        const EventStream &stream) {
  return readingHeader([&]() -> StatusOr<bool> {
    const ordered_json &stored = file.header().at("stream");
    auto events = readInteger<int32_t>(stored, "events", 0);
    auto nodes = readInteger<int32_t>(stored, "nodes", 0);
    return events <= stream.eventCount() && nodes <= stream.nodeCount &&
           stored.at("checksum") == fingerprint(stream, events, nodes);
  });
}

//===----------------------------------------------------------------------===//
// Sections
//===----------------------------------------------------------------------===//

namespace {

/// The sections of a file with the memory that they are read into, or written
/// from where that is constant.
template <typename Byte>
class SectionPlaces {
public:
  struct Place {
    std::string name;
    std::span<Byte> bytes;
  };

  template <typename T>
  void add(std::string name, std::span<T> values) {
    if constexpr (std::is_const_v<Byte>)
      places.push_back({std::move(name), std::as_bytes(values)});
    else
      places.push_back({std::move(name), std::as_writable_bytes(values)});
  }

  auto begin() const { return places.begin(); }
  auto end() const { return places.end(); }

private:
  std::vector<Place> places;
};

using PlacesToRead = SectionPlaces<std::byte>;
using PlacesToWrite = SectionPlaces<const std::byte>;

} // namespace

static void addGroup(PlacesToRead &places, const std::string &kind,
                     std::vector<FloatArray> &arrays) {
  for (FloatArray &array : arrays)
    places.add(kind + ":" + array.name(), array.values());
}

static void addGroup(PlacesToWrite &places, const std::string &kind,
                     const std::vector<FloatArray> &arrays) {
  for (const FloatArray &array : arrays)
    places.add(kind + ":" + array.name(), array.values());
}

static const std::string indexName = "index:";
static const std::string bestIndexName = "best index:";

template <typename Places, typename Index>
static void addIndex(Places &places, const std::string &prefix, Index &index) {
  places.add(prefix + "pending_events", index.pendingEvents());
  places.add(prefix + "last_updates", index.lastUpdates());
  for (size_t each = 0; each != index.walks.size(); ++each) {
    std::string walks = fmt::format("{}walks {} ", prefix, each + 1);
    places.add(walks + "values", index.walks[each].values());
    places.add(walks + "updates", index.walks[each].updates());
    places.add(walks + "clock", index.walks[each].clock());
  }
}

/// Adds the places of `state`, but those of its index side from `index`.
template <typename Places, typename State, typename Index>
static void addState(Places &indexes, Places &places, State &state,
                     Index &index) {
  addGroup(places, "parameter", state.parameters);
  addGroup(places, "first_moment", state.firstMoments);
  addGroup(places, "second_moment", state.secondMoments);
  addGroup(places, "velocity", state.velocities);
  addGroup(places, "state", state.states);
  addGroup(places, "message", state.messages);
  addGroup(places, "cache", state.caches);
  addIndex(indexes, indexName, index);
}

/// Adds the places of a snapshot of `state`, which gives the names.
template <typename Places, typename Snapshot>
static void addSnapshot(Places &indexes, Places &places, Snapshot &snapshot,
                        const ModelState &state) {
  auto addAll = [&](const char *kind, const std::vector<FloatArray> &names,
                    auto &values) {
    for (size_t each = 0; each != values.size(); ++each)
      places.add(fmt::format("best {}:{}", kind, names[each].name()),
                 std::span(values[each]));
  };
  addAll("parameter", state.parameters, snapshot.parameters);
  addAll("state", state.states, snapshot.states);
  addAll("message", state.messages, snapshot.messages);
  addIndex(indexes, bestIndexName, snapshot.index);
}

static Status checkPlaces(const CheckpointFile &file,
                          const PlacesToRead &places) {
  for (const PlacesToRead::Place &place : places)
    if (!file.has(place.name, place.bytes.size()))
      return Status::error(
          fmt::format("the checkpoint was made with another model: it has no "
                      "'{}' of {} bytes",
                      place.name, place.bytes.size()));
  return Status();
}

/// Reads all places, or none if one cannot be read.
static Status readPlaces(CheckpointFile &file, const PlacesToRead &places) {
  if (Status status = checkPlaces(file, places); !status.ok())
    return status;
  std::vector<std::vector<std::byte>> contents;
  for (const PlacesToRead::Place &place : places) {
    contents.emplace_back(place.bytes.size());
    if (Status status = file.read(place.name, contents.back()); !status.ok())
      return status;
  }
  auto content = contents.begin();
  for (const PlacesToRead::Place &place : places)
    std::ranges::copy(*content++, place.bytes.begin());
  return Status();
}

//===----------------------------------------------------------------------===//
// What a section may hold
//===----------------------------------------------------------------------===//

/// That `index` is one that batches of `stream` have left.
static Status checkIndex(const IndexState &index, const EventStream &stream,
                         const std::string &prefix) {
  auto reject = [&](int32_t node, std::string_view what) {
    return Status::error(
        fmt::format("the checkpoint is malformed: in '{}', node {} has {}",
                    prefix, node, what));
  };
  for (int32_t node = 0; node != stream.nodeCount; ++node) {
    Timestamp updated = index.lastUpdate(node);
    if (updated < Timestamp() ||
        (stream.eventCount() > 0 && updated > stream.time.back()))
      return reject(node, "an update at no time of the stream");
    if (!index.hasPending(node)) {
      if (updated != Timestamp())
        return reject(node, "an update without a message");
      continue;
    }
    int32_t event = index.pendingEvent(node);
    if (event < 0 || event >= stream.eventCount() ||
        (stream.source[event] != node && stream.destination[event] != node))
      return reject(node, "a message of an event that is not its own");
    if (updated > stream.time[event])
      return reject(node, "an update after its message");
  }
  for (const WalkMatrices &walks : index.walks) {
    std::span<const float> values = walks.values();
    if (!std::all_of(values.begin(), values.end(),
                     [](float value) { return std::isfinite(value); }))
      return Status::error(fmt::format("the checkpoint is malformed: in '{}', "
                                       "walks are not finite",
                                       prefix));
    double clock = walks.clock()[0];
    for (int32_t node = 0; node != stream.nodeCount; ++node)
      if (!(walks.updates()[node] <= clock) || !std::isfinite(clock))
        return reject(node, "walks of a time to come");
  }
  return Status();
}

//===----------------------------------------------------------------------===//
// Saving and loading
//===----------------------------------------------------------------------===//

Status orcinus::saveCheckpoint(const std::string &directory,
                               const RunIdentity &identity,
                               const CompiledModel &model,
                               const TrainOptions &options,
                               const EventStream &stream, RunParts parts) {
  PlacesToWrite places;
  const ModelState &state = parts.state;
  addState(places, places, state, state.index);
  if (parts.position.bestEpoch)
    addSnapshot(places, places, std::as_const(parts.best), state);
  std::vector<CheckpointSection> sections;
  for (const PlacesToWrite::Place &place : places)
    sections.push_back({place.name, place.bytes});
  NodeNameSections names(stream);
  names.addTo(sections);
  ordered_json header = {{"model", identity.model},
                         {"options", optionsToJson({model.options(), options})},
                         {"stream", identity.stream},
                         {"position", positionToJson(parts.position)}};
  return writeCheckpointFile(directory, std::move(header), sections);
}

Status orcinus::loadRun(CheckpointFile &file, const EventStream &stream,
                        int64_t batches, RunParts parts) {
  return readingHeader([&]() -> Status {
    RunPosition position =
        positionFromJson(file.header().at("position"), batches);
    // The index sides are read apart, to be looked at.
    IndexState index = parts.state.index;
    ModelSnapshot best;
    PlacesToRead indexes, arrays;
    addState(indexes, arrays, parts.state, index);
    if (position.bestEpoch) {
      // A snapshot of anything has the right sizes.
      if (Status status = best.take(parts.state); !status.ok())
        return status;
      addSnapshot(indexes, arrays, best, parts.state);
    }
    if (Status status = readPlaces(file, indexes); !status.ok())
      return status;
    Status status = checkIndex(index, stream, indexName);
    if (status.ok() && position.bestEpoch)
      status = checkIndex(best.index, stream, bestIndexName);
    if (status.ok())
      status = readPlaces(file, arrays);
    if (!status.ok())
      return status;
    for (IndexState *each : {&index, &best.index})
      for (WalkMatrices &walks : each->walks)
        walks.restored();
    parts.state.index = std::move(index);
    parts.best = std::move(best);
    parts.position = std::move(position);
    return Status();
  });
}

StatusOr<bool> orcinus::hasBestEpoch(const CheckpointFile &file) {
  return readingHeader([&]() -> StatusOr<bool> {
    return readInteger<int>(file.header().at("position"), "best epoch", 0) != 0;
  });
}

Status orcinus::loadParameters(CheckpointFile &file, ModelState &state) {
  StatusOr<bool> best = hasBestEpoch(file);
  if (!best.ok())
    return best.status();
  PlacesToRead places;
  addGroup(places, *best ? "best parameter" : "parameter", state.parameters);
  return readPlaces(file, places);
}

StatusOr<CheckpointDescription>
orcinus::readCheckpoint(const std::string &directory) {
  StatusOr<CheckpointFile> file = CheckpointFile::open(directory);
  if (!file.ok())
    return file.status();
  return readingHeader([&]() -> StatusOr<CheckpointDescription> {
    CheckpointDescription result =
        optionsFromJson(file->header().at("options"));
    result.compile.modelText =
        file->header().at("model").at("text").get<std::string>();
    return result;
  });
}

bool orcinus::holdsCheckpoint(const std::string &directory) {
  std::error_code error;
  return std::filesystem::exists(checkpointPath(directory), error);
}
