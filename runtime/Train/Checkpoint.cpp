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
#include "runtime/Train/RowExchange.h"
#include "runtime/Train/StateSections.h"
#include "runtime/Train/WholeRows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <filesystem>
#include <span>
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

/// Field by field, for between these memory is undefined.
static uint32_t fingerprint(const LabelSet &labels) {
  uint32_t result = 0;
  for (const LabelPlace &place : labels.places)
    result =
        addChecksum(result, std::span<const int64_t>(std::array<int64_t, 4>{
                                place.time.key(), place.node, place.event,
                                static_cast<int64_t>(place.of)}));
  result = addChecksum(result, std::span<const int64_t>(labels.offsets));
  for (LabelEntry entry : labels.entries)
    result = addChecksum(
        result, std::span<const int32_t>(std::array<int32_t, 2>{
                    entry.column, std::bit_cast<int32_t>(entry.value)}));
  for (const std::string &name : labels.classes)
    result = addChecksum(result, std::span(name.c_str(), name.size() + 1));
  return result;
}

RunIdentity orcinus::identify(const CompiledModel &model,
                              const Manifest &manifest,
                              const TrainOptions &options,
                              const EventStream &stream,
                              const LabelSet *labels) {
  RunIdentity identity;
  identity.model = {{"text", model.modelText()}};
  for (const auto &[name, size] : manifest.sizes)
    identity.model["size '" + name + "'"] = size;
  identity.model["dropout"] = manifest.dropout;
  identity.model["optimizer"] = manifest.optimizer;
  identity.model["choice of tuned programs"] = manifest.tunedDigest;
  CompileOptions compile = model.options();
  setReuseDefaults(compile,
                   std::ranges::any_of(manifest.caches, [](const auto &cache) {
                     return cache.key == NeighbourTime::Event;
                   }));
  identity.options = identityOptions({compile, options});
  identity.stream = {
      {"nodes", stream.nodeCount},
      {"events", stream.eventCount()},
      {"checksum", fingerprint(stream, stream.eventCount(), stream.nodeCount)}};
  if (labels) {
    identity.stream["labels"] = labels->size();
    identity.stream["checksum of labels"] = fingerprint(*labels);
    identity.classes = labels->classes;
  }
  return identity;
}

Status orcinus::compareIdentity(const ordered_json &stored,
                                const ordered_json &own, std::string_view kind,
                                std::string_view what) {
  for (const auto &[key, value] : own.items()) {
    // What was not given is not in checkpoints from before there was such.
    if (stored.contains(key) ? stored[key] == value : value.is_null())
      continue;
    // Whose default has a name is compared by it (checkSameModel).
    if (key == "task")
      continue;
    bool isText = key == "text" || key == "choice of tuned programs";
    if (isText || !stored.contains(key))
      return Status::error(fmt::format(
          "the {} was made with another {}: its {} differs", kind, what, key));
    auto said = [](const ordered_json &each) {
      return each.is_null() ? "the model's" : printJson(each);
    };
    return Status::error(
        fmt::format("the {} was made with another {}: its {} is {}, here it is "
                    "{}",
                    kind, what, key, said(stored[key]), said(value)));
  }
  return Status();
}

/// What a run learns; link prediction where nothing is said.
static std::string taskOf(const ordered_json &options) {
  ordered_json task = options.is_object()
                          ? options.value("task", ordered_json())
                          : ordered_json();
  return task.is_string() ? task.get<std::string>()
                          : std::string(taskName(Task::LinkPrediction));
}

/// A model's text without its comments, and with one blank for any white space:
/// what two texts of one model have in common.
static std::string essenceOf(std::string_view text) {
  std::string result;
  bool isQuoted = false;
  for (size_t i = 0; i != text.size(); ++i) {
    if (isQuoted) {
      result += text[i];
      if (text[i] == '\\' && i + 1 != text.size())
        result += text[++i];
      else if (text[i] == '"')
        isQuoted = false;
      continue;
    }
    if (text.substr(i).starts_with("//")) {
      i = std::min(text.find('\n', i), text.size() - 1);
    } else if (!std::isspace(static_cast<unsigned char>(text[i]))) {
      isQuoted = text[i] == '"';
      result += text[i];
      continue;
    }
    if (!result.empty() && result.back() != ' ')
      result += ' ';
  }
  if (result.ends_with(' '))
    result.pop_back();
  return result;
}

Status orcinus::checkSameModel(const SectionFile &file,
                               const RunIdentity &identity) {
  std::string task =
      taskOf(file.header().value("options", ordered_json::object()));
  if (std::string own = taskOf(identity.options); task != own)
    return Status::error(fmt::format("the {} is of a run of {}, not of {}",
                                     file.kindName(), task, own));
  ordered_json stored = file.header().value("model", ordered_json::object());
  // Older checkpoints are all of Adam as it is.
  if (stored.is_object() && !stored.contains("optimizer"))
    stored["optimizer"] = "";
  ordered_json own = identity.model;
  for (ordered_json *model : {&stored, &own})
    if (auto text = model->find("text");
        text != model->end() && text->is_string())
      *text = essenceOf(text->get_ref<const std::string &>());
  return compareIdentity(stored, own, file.kindName(), "model");
}

Status orcinus::checkSameRun(const SectionFile &file,
                             const RunIdentity &identity) {
  Status status = checkSameModel(file, identity);
  if (status.ok())
    status =
        compareIdentity(file.header().value("stream", ordered_json::object()),
                        identity.stream, file.kindName(), "event stream");
  if (status.ok())
    status =
        compareIdentity(file.header().value("options", ordered_json::object()),
                        identity.options, file.kindName(), "option");
  return status;
}

/// None where the run's labels were none, or numbers.
static std::vector<std::string> classesOf(const SectionFile &file) {
  return file.header().value("classes", std::vector<std::string>());
}

Status orcinus::checkSameClasses(const SectionFile &file,
                                 const std::string &directory,
                                 const std::vector<std::string> &classes) {
  return readingHeader([&]() -> Status {
    std::vector<std::string> stored = classesOf(file);
    if (stored == classes)
      return Status();
    return Status::error(fmt::format(
        "the labels have the classes {}, but those of '{}' have {}: give "
        "labels in which all of these occur, and no other",
        fmt::join(classes, ", "), directory, fmt::join(stored, ", ")));
  });
}

StatusOr<std::vector<std::string>>
orcinus::readCheckpointClasses(const std::string &directory) {
  StatusOr<SectionFile> file = openCheckpointFile(directory);
  if (!file.ok())
    return file.status();
  return readingHeader(
      [&]() -> StatusOr<std::vector<std::string>> { return classesOf(*file); });
}

StatusOr<bool> orcinus::continuesStream(const SectionFile &file,
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

static const std::string indexName = "index:";
static const std::string bestIndexName = "best index:";

static auto valuesOf(auto &array) {
  if constexpr (requires { array.values(); })
    return array.values();
  else
    return std::span(array);
}

/// Which rows `state` has of what is cut among processes.
static RowPartition partitionOf(const ModelState &state) {
  return state.exchange ? state.exchange->partition() : RowPartition();
}

/// Adds an array of `count` rows, of which `values` are those of a process of
/// the partition; to write, all of them from `whole`, where that is not null.
template <typename Byte, typename T>
static void addCutRows(SectionPlaces<Byte> &places, std::string name,
                       std::span<T> values, int64_t rowSize, int64_t count,
                       const RowPartition &partition,
                       const WholeRows::Rows *whole) {
  if constexpr (std::is_const_v<Byte>) {
    if (whole)
      return places.add(std::move(name), std::span(*whole));
    places.add(std::move(name), values);
  } else {
    places.addRows(std::move(name), values, rowSize, count, partition);
  }
}

/// Adds the rows of nodes in `arrays`, which `state` names, each with `prefix`.
template <typename Byte, typename Arrays>
static void addRowsOfNodes(SectionPlaces<Byte> &places, const char *prefix,
                           Arrays &arrays, const ModelState &state,
                           size_t nodes,
                           const std::vector<WholeRows::Rows> *whole) {
  for (size_t each = 0; each != state.nodeRows.size(); ++each)
    addCutRows(places, prefix + state.nodeRows[each].name(),
               valuesOf(arrays[each]), state.nodeRows[each].rowSize(),
               static_cast<int64_t>(nodes), partitionOf(state),
               whole ? &(*whole)[each] : nullptr);
}

/// Adds the rows of the caches.
template <typename Byte, typename State>
static void addCaches(SectionPlaces<Byte> &places, State &state,
                      const WholeRows *whole) {
  bool isCut = state.exchange && state.exchange->cutsCaches();
  for (size_t each = 0; each != state.caches.size(); ++each)
    addCutRows(places, "cache:" + state.caches[each].name(),
               state.caches[each].values(), state.caches[each].rowSize(),
               state.cacheIndexes[each]->rowCount(),
               isCut ? partitionOf(state) : RowPartition(),
               whole && isCut ? &whole->caches[each] : nullptr);
}

/// Adds the places of `state`, but those of its index side from `index`.
template <typename Places, typename State, typename Index>
static void addState(Places &indexes, Places &places, State &state,
                     Index &index, const WholeRows *whole) {
  addGroup(places, "parameter", state.parameters);
  addGroup(places, "first_moment", state.firstMoments);
  addGroup(places, "second_moment", state.secondMoments);
  addGroup(places, "velocity", state.velocities);
  size_t nodes = index.pendingEvents().size();
  addRowsOfNodes(places, "", state.nodeRows, state, nodes,
                 whole ? &whole->nodes : nullptr);
  addCaches(places, state, whole);
  addIndex(indexes, indexName, index, nodes);
}

/// Adds the places of a snapshot of `state`, which gives the names.
template <typename Places, typename Snapshot>
static void addSnapshot(Places &indexes, Places &places, Snapshot &snapshot,
                        const ModelState &state, const WholeRows *whole) {
  for (size_t each = 0; each != state.parameters.size(); ++each)
    places.add("best parameter:" + state.parameters[each].name(),
               std::span(snapshot.parameters[each]));
  size_t nodes = snapshot.index.pendingEvents().size();
  addRowsOfNodes(places, "best ", snapshot.nodeRows, state, nodes,
                 whole ? &whole->best : nullptr);
  addIndex(indexes, bestIndexName, snapshot.index, nodes);
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
  addState(places, places, state, state.index, parts.whole);
  if (parts.position.bestEpoch)
    addSnapshot(places, places, std::as_const(parts.best), state, parts.whole);
  std::vector<FileSection> sections;
  for (const PlacesToWrite::Place &place : places)
    sections.push_back({place.name, place.bytes});
  NodeNameSections names(stream);
  names.addTo(sections);
  ordered_json all = optionsToJson({model.options(), options});
  // With the defaults that follow from others and from the model.
  all.update(identity.options);
  ordered_json header = {{"model", identity.model},
                         {"options", std::move(all)},
                         {"stream", identity.stream},
                         {"position", positionToJson(parts.position)}};
  if (!identity.classes.empty())
    header["classes"] = identity.classes;
  return writeCheckpointFile(directory, std::move(header), sections);
}

Status orcinus::loadRun(SectionFile &file, const EventStream &stream,
                        const EpochCounts &epoch, RunParts parts) {
  return readingHeader([&]() -> Status {
    RunPosition position = positionFromJson(file.header().at("position"),
                                            epoch.batches, epoch.steps);
    // The index sides are read apart, to be looked at.
    IndexState index = parts.state.index;
    ModelSnapshot best;
    PlacesToRead indexes, arrays;
    addState(indexes, arrays, parts.state, index, nullptr);
    if (position.bestEpoch) {
      // A snapshot of anything has the right sizes.
      if (Status status = best.take(parts.state); !status.ok())
        return status;
      addSnapshot(indexes, arrays, best, parts.state, nullptr);
    }
    if (Status status = readPlaces(file, indexes); !status.ok())
      return status;
    Status status = checkIndex(index, stream, file.kindName(), indexName);
    if (status.ok() && position.bestEpoch)
      status = checkIndex(best.index, stream, file.kindName(), bestIndexName);
    if (status.ok())
      status = readPlaces(file, arrays);
    if (!status.ok())
      return status;
    for (IndexState *each : {&index, &best.index})
      for (WalkMatrices &walks : each->walks)
        walks.restored();
    if (parts.state.exchange)
      parts.state.exchange->forget();
    parts.state.index = std::move(index);
    parts.best = std::move(best);
    parts.position = std::move(position);
    return Status();
  });
}

StatusOr<bool> orcinus::hasBestEpoch(const SectionFile &file) {
  return readingHeader([&]() -> StatusOr<bool> {
    return readInteger<int>(file.header().at("position"), "best epoch", 0) != 0;
  });
}

StatusOr<bool> orcinus::isInExactEpochs(const SectionFile &file) {
  return readingHeader([&]() -> StatusOr<bool> {
    const ordered_json &position = file.header().at("position");
    // Not in checkpoints from before runs could end so.
    auto from = position.find("exact from");
    return from != position.end() && !from->is_null();
  });
}

Status orcinus::loadParameters(SectionFile &file, ModelState &state) {
  StatusOr<bool> best = hasBestEpoch(file);
  if (!best.ok())
    return best.status();
  auto epoch = readingHeader([&]() -> StatusOr<int> {
    const nlohmann::ordered_json &position = file.header().at("position");
    return *best ? readInteger<int>(position, "best epoch", 1) - 1
                 : readInteger<int>(position, "epochs", 0);
  });
  if (!epoch.ok())
    return epoch.status();
  PlacesToRead places;
  addGroup(places, *best ? "best parameter" : "parameter", state.parameters);
  if (Status status = readPlaces(file, places); !status.ok())
    return status;
  state.index.beginEpoch(*epoch);
  return Status();
}

Status orcinus::loadEncoderParameters(SectionFile &file, ModelState &state,
                                      std::string_view head) {
  StatusOr<bool> best = hasBestEpoch(file);
  if (!best.ok())
    return best.status();
  std::string kind = *best ? "best parameter:" : "parameter:";
  std::string ofHead = std::string(head) + ".";
  PlacesToRead places;
  for (FloatArray &parameter : state.parameters) {
    if (parameter.name().starts_with(ofHead))
      continue;
    std::string name = kind + parameter.name();
    if (!file.has(name, parameter.values().size_bytes()))
      return Status::error(fmt::format(
          "the encoder has {} parameter '{}' as this model: take the same "
          "sizes, and a stream with as many columns of features",
          file.has(name) ? "another" : "no such", parameter.name()));
    places.add(name, parameter.values());
  }
  return readPlaces(file, places);
}

StatusOr<CheckpointDescription>
orcinus::readCheckpoint(const std::string &directory) {
  StatusOr<SectionFile> file = openCheckpointFile(directory);
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

std::string orcinus::forgetMissingDatabase(CompileOptions &options) {
  std::error_code error;
  // One that cannot be looked at is an error of who opens it.
  if (options.tuningDatabase.empty() ||
      std::filesystem::status(options.tuningDatabase, error).type() !=
          std::filesystem::file_type::not_found)
    return "";
  return fmt::format("the run's tuning database '{}' is gone: the compiler's "
                     "own schedules take its place",
                     std::exchange(options.tuningDatabase, ""));
}

bool orcinus::holdsCheckpoint(const std::string &directory) {
  std::error_code error;
  return std::filesystem::exists(checkpointPath(directory), error);
}
