//===- Checkpoint.cpp - What a checkpoint holds ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/Checkpoint.h"

#include "orcinus/Runtime/Trainer.h"
#include "runtime/Train/NodeNameSections.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

using namespace orcinus;
using nlohmann::ordered_json;

//===----------------------------------------------------------------------===//
// Identity
//===----------------------------------------------------------------------===//

template <typename T>
static uint32_t addChecksum(uint32_t previous, const std::vector<T> &values) {
  return static_cast<uint32_t>(
      crc32_z(previous, reinterpret_cast<const Bytef *>(values.data()),
              values.size() * sizeof(T)));
}

static uint32_t fingerprint(const EventStream &stream) {
  uint32_t result = 0;
  result = addChecksum(result, stream.source);
  result = addChecksum(result, stream.destination);
  result = addChecksum(result, stream.time);
  if (int64_t ticks = stream.timeScale.ticksPerSecond())
    result = addChecksum(result, std::vector{ticks});
  if (stream.edgeFeatures.columns)
    result = addChecksum(result, stream.edgeFeatures.values);
  if (stream.nodeFeatures.columns)
    result = addChecksum(result, stream.nodeFeatures.values);
  return result;
}

RunIdentity orcinus::identify(const CompiledModel &model,
                              const TrainOptions &options,
                              const EventStream &stream) {
  const CompileOptions &compile = model.options();
  RunIdentity identity;
  identity.model = {{"text", model.modelText()},
                    {"layers", compile.layers},
                    {"neighbours", compile.neighbours},
                    {"dimension", compile.dimension},
                    {"heads", compile.heads},
                    {"dropout", compile.dropout},
                    {"reuse", compile.reuse},
                    {"share", compile.share},
                    {"policy", compile.policy},
                    {"capacity", compile.capacity},
                    {"age limit", compile.maxAge},
                    {"block gradient", compile.blockGradient},
                    {"edge feature columns", compile.edgeFeatureColumns},
                    {"node feature columns", compile.nodeFeatureColumns}};
  identity.training = {{"batch size", options.batchSize},
                       {"evaluation batch size", options.evaluationBatchSize},
                       {"learning rate", options.learningRate},
                       {"seed", options.seed},
                       {"masked node fraction", options.maskedNodeFraction},
                       {"train fraction", options.trainFraction},
                       {"validation fraction", options.validationFraction}};
  identity.stream = {{"nodes", stream.nodeCount},
                     {"events", stream.eventCount()},
                     {"checksum", fingerprint(stream)}};
  return identity;
}

/// The first difference between two parts of identities.
static Status compare(const ordered_json &stored, const ordered_json &own,
                      std::string_view what) {
  for (const auto &[key, value] : own.items()) {
    if (stored.contains(key) && stored[key] == value)
      continue;
    if (key == "text" || !stored.contains(key))
      return Status::error(fmt::format("the checkpoint was made with another "
                                       "{}: its {} differs",
                                       what, key));
    return Status::error(
        fmt::format("the checkpoint was made with another {}: its {} is {}, "
                    "here it is {}",
                    what, key, stored[key].dump(), value.dump()));
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
    status = compare(file.header().value("training", ordered_json::object()),
                     identity.training, "option");
  return status;
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

template <typename Places, typename Index>
static void addIndex(Places &places, const std::string &prefix, Index &index) {
  places.add(prefix + "pending_events", index.pendingEvents());
  places.add(prefix + "last_updates", index.lastUpdates());
}

template <typename Places, typename State>
static void addState(Places &places, State &state) {
  addGroup(places, "parameter", state.parameters);
  addGroup(places, "first_moment", state.firstMoments);
  addGroup(places, "second_moment", state.secondMoments);
  addGroup(places, "state", state.states);
  addGroup(places, "message", state.messages);
  addGroup(places, "cache", state.caches);
  addIndex(places, "index:", state.index);
}

/// Adds the places of a snapshot of `state`, which gives the names.
template <typename Places, typename Snapshot>
static void addSnapshot(Places &places, Snapshot &snapshot,
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
  addIndex(places, "best index:", snapshot.index);
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
// Position and options
//===----------------------------------------------------------------------===//

static ordered_json toJson(const ReuseCounts &reuse) {
  return {{"reads", reuse.reads},
          {"in batch", reuse.inBatchReads},
          {"out of batch", reuse.outOfBatchReads},
          {"unique out of batch", reuse.uniqueOutOfBatchReads},
          {"hits", reuse.hits},
          {"unique hits", reuse.uniqueHits},
          {"recomputed", reuse.recomputed},
          {"cold", reuse.cold},
          {"age sum", reuse.ageSum},
          {"greatest age", reuse.maxAge}};
}

static ReuseCounts reuseFromJson(const ordered_json &value) {
  return {value.at("reads"),        value.at("in batch"),
          value.at("out of batch"), value.at("unique out of batch"),
          value.at("hits"),         value.at("unique hits"),
          value.at("recomputed"),   value.at("cold"),
          value.at("age sum"),      value.at("greatest age")};
}

static ordered_json toJson(const RunPosition &position) {
  return {{"epochs", position.epochs},
          {"batch", position.batch},
          {"steps", position.steps},
          {"loss sum", position.lossSum},
          {"train seconds", position.trainSeconds},
          {"rows", position.rows},
          {"reuse", toJson(position.reuse)},
          {"best epoch", position.bestEpoch},
          {"best average precision", position.bestAveragePrecision},
          {"history", position.history}};
}

static RunPosition positionFromJson(const ordered_json &value) {
  RunPosition position;
  position.epochs = value.at("epochs");
  position.batch = value.at("batch");
  position.steps = value.at("steps");
  position.lossSum = value.at("loss sum");
  position.trainSeconds = value.at("train seconds");
  position.rows = value.at("rows").get<std::vector<int64_t>>();
  position.reuse = reuseFromJson(value.at("reuse"));
  position.bestEpoch = value.at("best epoch");
  // JSON has no NaN: it is written as null.
  const ordered_json &best = value.at("best average precision");
  position.bestAveragePrecision = best.is_null()
                                      ? std::numeric_limits<double>::quiet_NaN()
                                      : best.get<double>();
  position.history = value.at("history").get<std::vector<std::string>>();
  return position;
}

/// Options that do not identify a run, but which resuming starts from.
static ordered_json settings(const CompileOptions &compile,
                             const TrainOptions &options) {
  return {{"model name", compile.model},
          {"target", compile.target},
          {"epochs", options.epochs},
          {"patience", options.patience},
          {"threads", options.threads}};
}

static CheckpointDescription describe(const ordered_json &header) {
  CheckpointDescription result;
  const ordered_json &model = header.at("model");
  result.compile.modelText = model.at("text").get<std::string>();
  result.compile.layers = model.at("layers");
  result.compile.neighbours = model.at("neighbours");
  result.compile.dimension = model.at("dimension");
  result.compile.heads = model.at("heads");
  result.compile.dropout = model.at("dropout");
  result.compile.reuse = model.at("reuse").get<std::string>();
  result.compile.share = model.at("share").get<std::string>();
  result.compile.policy = model.at("policy").get<std::string>();
  result.compile.capacity = model.at("capacity");
  result.compile.maxAge = model.at("age limit");
  result.compile.blockGradient = model.at("block gradient");
  result.compile.edgeFeatureColumns = model.at("edge feature columns");
  result.compile.nodeFeatureColumns = model.at("node feature columns");
  const ordered_json &training = header.at("training");
  result.train.batchSize = training.at("batch size");
  result.train.evaluationBatchSize = training.at("evaluation batch size");
  result.train.learningRate = training.at("learning rate");
  result.train.seed = training.at("seed");
  result.train.maskedNodeFraction = training.at("masked node fraction");
  result.train.trainFraction = training.at("train fraction");
  result.train.validationFraction = training.at("validation fraction");
  const ordered_json &settings = header.at("settings");
  result.compile.model = settings.at("model name").get<std::string>();
  result.compile.target = settings.at("target").get<std::string>();
  result.train.epochs = settings.at("epochs");
  result.train.patience = settings.at("patience");
  result.train.threads = settings.at("threads");
  return result;
}

static Status malformed(const nlohmann::json::exception &error) {
  return Status::error(
      fmt::format("the checkpoint is malformed: {}", error.what()));
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
  addState(places, std::as_const(parts.state));
  if (parts.position.bestEpoch)
    addSnapshot(places, std::as_const(parts.best), parts.state);
  std::vector<CheckpointSection> sections;
  for (const PlacesToWrite::Place &place : places)
    sections.push_back({place.name, place.bytes});
  NodeNameSections names(stream);
  names.addTo(sections);
  ordered_json header = {{"model", identity.model},
                         {"training", identity.training},
                         {"stream", identity.stream},
                         {"settings", settings(model.options(), options)},
                         {"position", toJson(parts.position)}};
  return writeCheckpointFile(directory, std::move(header), sections);
}

Status orcinus::loadRun(CheckpointFile &file, RunParts parts) {
  try {
    RunPosition position = positionFromJson(file.header().at("position"));
    PlacesToRead places;
    addState(places, parts.state);
    ModelSnapshot best;
    if (position.bestEpoch) {
      // A snapshot of anything has the right sizes.
      if (Status status = best.take(parts.state); !status.ok())
        return status;
      addSnapshot(places, best, parts.state);
    }
    if (Status status = readPlaces(file, places); !status.ok())
      return status;
    parts.best = std::move(best);
    parts.position = std::move(position);
    return Status();
  } catch (const nlohmann::json::exception &error) {
    return malformed(error);
  }
}

Status orcinus::loadParameters(CheckpointFile &file, ModelState &state) {
  try {
    bool best = file.header().at("position").at("best epoch") != 0;
    PlacesToRead places;
    addGroup(places, best ? "best parameter" : "parameter", state.parameters);
    return readPlaces(file, places);
  } catch (const nlohmann::json::exception &error) {
    return malformed(error);
  }
}

StatusOr<CheckpointDescription>
orcinus::readCheckpoint(const std::string &directory) {
  StatusOr<CheckpointFile> file = CheckpointFile::open(directory);
  if (!file.ok())
    return file.status();
  try {
    return describe(file->header());
  } catch (const nlohmann::json::exception &error) {
    return malformed(error);
  }
}

bool orcinus::holdsCheckpoint(const std::string &directory) {
  std::error_code error;
  return std::filesystem::exists(checkpointPath(directory), error);
}
