//===- SessionSetup.cpp - Opening a session, and its growth ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Support/MemoryGuard.h"
#include "orcinus/Support/Processors.h"
#include "runtime/Train/CheckpointHeader.h"
#include "runtime/Train/RunSplit.h"
#include "runtime/Train/SessionImplementation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace orcinus;

CompileOptions orcinus::sessionCompileOptions(CompileOptions checkpoint) {
  checkpoint.functions = {"score", "advance", "embed"};
  checkpoint.reuse = "none";
  checkpoint.memory.reset();
  checkpoint.measureStaleness = false;
  checkpoint.exactEpochs.reset();
  checkpoint.target = "host";
  return checkpoint;
}

static Status checkOptions(const SessionOptions &options) {
  if (options.blockSize < 0 || options.blockSize > 1 << 20)
    return Status::error(fmt::format("the block size is {}, but must be from 1 "
                                     "to 1048576, or 0 for the checkpoint's",
                                     options.blockSize));
  if (options.threads < 0 || options.threads > 4096)
    return Status::error(fmt::format("the number of threads is {}, but must be "
                                     "from 1 to 4096, or 0 for one a CPU",
                                     options.threads));
  return Status();
}

Session::Implementation::Implementation(
    EventStream history, std::shared_ptr<const CompiledModel> model,
    const SessionOptions &options)
    : stream(std::move(history)), names(stream), model(std::move(model)),
      options(options), graph(TemporalGraph::build(stream)) {
  if (this->options.threads == 0)
    this->options.threads = usableProcessors();
}

StatusOr<std::unique_ptr<Session::Implementation>>
Session::Implementation::open(const std::string &directory, EventStream history,
                              std::shared_ptr<const CompiledModel> model,
                              const SessionOptions &options) {
  if (Status status = checkOptions(options); !status.ok())
    return status;
  if (history.eventCount() == 0)
    return Status::error("a session begins with events: the history has none");
  auto open = [&]() -> StatusOr<std::unique_ptr<Implementation>> {
    std::unique_ptr<Implementation> result(
        new Implementation(std::move(history), std::move(model), options));
    if (Status status = result->load(directory); !status.ok())
      return status;
    if (SettledStates::isWorthwhile(result->manifest))
      result->settled.emplace(result->manifest, *result->state);
    for (int32_t node : result->stream.destination)
      result->noteDestination(node);
    if (Status status = result->reserve(result->stream.nodeCount,
                                        result->stream.eventCount());
        !status.ok())
      return status;
    result->extendNodeFeatures();
    return result;
  };
  return guarded(open, [] {
    return Status::error("out of memory: the node states and the graph of this "
                         "stream do not fit",
                         StatusCode::OutOfMemory);
  });
}

//===----------------------------------------------------------------------===//
// The checkpoint
//===----------------------------------------------------------------------===//

/// The first `events` events and `nodes` nodes of `stream`, without features.
static EventStream beginningOf(const EventStream &stream, int64_t events,
                               int32_t nodes) {
  EventStream result;
  auto take = [&](const auto &from, auto &to) {
    to.append(std::span(from).first(events));
  };
  take(stream.source, result.source);
  take(stream.destination, result.destination);
  take(stream.time, result.time);
  result.timeScale = stream.timeScale;
  result.nodeCount = nodes;
  // A protocol may choose nodes by their ids.
  if (!stream.externalIds.empty())
    result.externalIds.assign(stream.externalIds.begin(),
                              stream.externalIds.begin() + nodes);
  return result;
}

Status Session::Implementation::load(const std::string &directory) {
  StatusOr<Manifest> parsed = parseManifest(model->manifest());
  if (!parsed.ok())
    return parsed.status();
  manifest = std::move(*parsed);
  StatusOr<Task> chosen = taskOfOption(model->options().task);
  if (!chosen.ok())
    return chosen.status();
  task = *chosen;
  if (manifest.target != DeviceKind::Host)
    return Status::error(fmt::format("a session computes on the host, but the "
                                     "model was compiled for the target {}",
                                     deviceKindName(manifest.target)));
  StatusOr<SectionFile> file = openCheckpointFile(directory);
  if (!file.ok())
    return file.status();
  auto stored = readingHeader([&]() -> StatusOr<CheckpointDescription> {
    return optionsFromJson(file->header().at("options"));
  });
  if (!stored.ok())
    return stored.status();
  if (options.blockSize == 0)
    options.blockSize = stored->train.evaluationBatchSize;
  historyEvents = stream.eventCount();
  historyNodes = stream.nodeCount;
  identity = identify(*model, manifest, stored->train, stream,
                      /*labels=*/nullptr);
  // Other functions have other operators to tune, and do not train; they
  // compute the same.
  identity.model.erase("choice of tuned programs");
  identity.model.erase("optimizer");
  if (Status status = checkSameModel(*file, identity); !status.ok())
    return status;
  StatusOr<bool> continued = continuesStream(*file, stream);
  if (!continued.ok())
    return continued.status();
  StatusOr<bool> validated = hasBestEpoch(*file);
  if (!validated.ok())
    return validated.status();
  if (*continued && *validated)
    return readingHeader([&] {
      const nlohmann::ordered_json &of = file->header().at("stream");
      return loadStates(*file, stored->train,
                        readInteger<int32_t>(of, "events", 0),
                        readInteger<int32_t>(of, "nodes", 0));
    });
  match = *continued ? CheckpointMatch::History : CheckpointMatch::Model;
  state.emplace(manifest, stream.nodeCount,
                std::vector<std::unique_ptr<CacheIndex>>(), nullptr);
  return loadParameters(*file, *state);
}

/// Takes the states that the best epoch's validation left, on the first
/// `events` events and `nodes` nodes.
Status Session::Implementation::loadStates(SectionFile &file,
                                           const TrainOptions &stored,
                                           int64_t events, int32_t nodes) {
  EventStream trained = beginningOf(stream, events, nodes);
  bool hasLabels = task != Task::LinkPrediction;
  StatusOr<Split> split = splitOfRun(trained, stored, hasLabels);
  if (!split.ok())
    return split.status();
  int64_t batches =
      (static_cast<int64_t>(split->train.size()) + stored.batchSize - 1) /
      stored.batchSize;
  state.emplace(manifest, nodes, std::vector<std::unique_ptr<CacheIndex>>(),
                nullptr);
  RunPosition ofRun;
  ModelSnapshot best;
  EpochCounts epoch{batches, batches};
  if (hasLabels)
    epoch.steps.reset();
  if (Status status = loadRun(file, trained, epoch, {*state, best, ofRun});
      !status.ok())
    return status;
  best.restore(*state);
  atOrigin = std::move(best);
  match = CheckpointMatch::Run;
  position = origin = split->test.empty() ? events : split->test.front();
  return Status();
}

//===----------------------------------------------------------------------===//
// Growth
//===----------------------------------------------------------------------===//

/// Makes room for so many nodes, an unknown one and so many events, and binds
/// the program to where the arrays then are. Room grows by half at least.
Status Session::Implementation::reserve(int64_t nodes, int64_t events) {
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  if (++nodes > most || events > most)
    return Status::error(fmt::format(
        "a session holds fewer than {} nodes and as many events", most));
  if (nodes <= nodeCapacity && events <= eventCapacity)
    return Status();
  auto grown = [&](int64_t room, int64_t wanted) {
    return wanted <= room ? room
                          : std::min(most, std::max(wanted, room + room / 2));
  };
  eventCapacity = grown(eventCapacity, events);
  if (nodes > nodeCapacity) {
    nodeCapacity = grown(nodeCapacity, nodes);
    graph.growNodes(static_cast<int32_t>(nodeCapacity));
    state->growNodes(static_cast<int32_t>(nodeCapacity));
    if (settled)
      settled->growNodes();
  }
  stream.nodeFeatures.values.reserve(nodeCapacity *
                                     stream.nodeFeatures.columns);
  stream.edgeFeatures.values.reserve(eventCapacity *
                                     stream.edgeFeatures.columns);
  return bind();
}

Status Session::Implementation::bind() {
  features.emplace(stream, nullptr, nodeCapacity, eventCapacity);
  ModelState &read = settled ? settled->state() : *state;
  bool scoresPairs = task == Task::LinkPrediction;
  if (Status status =
          bindFunction("score", read, scoresPairs ? scorer : predictor,
                       scoresPairs ? scoresOutput : predictionsOutput);
      !status.ok())
    return status;
  if (manifest.function("embed_step"))
    if (Status status = bindFunction("embed", read, embedder, embeddingsOutput);
        !status.ok())
      return status;
  if (settled)
    if (Status status = settled->bind(*model, manifest, *features);
        !status.ok())
      return status;
  return manifest.function("advance_step")
             ? bindFunction("advance", *state, advancer, std::nullopt)
             : Status();
}

Status
Session::Implementation::bindFunction(std::string_view name, ModelState &to,
                                      std::unique_ptr<Invocation> &invocation,
                                      std::optional<OutputForm> reads) {
  auto created =
      Invocation::create(name, *model, manifest, to, *features, reads);
  if (!created.ok())
    return created.status();
  invocation = std::move(*created);
  return Status();
}

StatusOr<int32_t> Session::Implementation::findOrAdd(std::string_view name) {
  if (std::optional<int32_t> known = names.find(name))
    return *known;
  if (Status status = reserve(int64_t(stream.nodeCount) + 1, 0); !status.ok())
    return status;
  int32_t added = names.findOrAdd(name);
  stream.nodeCount = added + 1;
  extendNodeFeatures();
  return added;
}

/// All nodes but those of the history have features of zero, the unknown one
/// among them. There is room for its row.
void Session::Implementation::extendNodeFeatures() {
  FeatureMatrix &matrix = stream.nodeFeatures;
  if (!matrix.columns)
    return;
  matrix.rows = stream.nodeCount;
  matrix.values.resize((matrix.rows + 1) * matrix.columns);
}

void Session::Implementation::noteDestination(int32_t node) {
  size_t index = static_cast<size_t>(node);
  if (index >= isDestination.size())
    isDestination.resize(std::max(index + 1, 2 * isDestination.size()));
  if (isDestination[index])
    return;
  isDestination[index] = true;
  destinations.push_back(node);
}

/// The times that the events get are put into `times`.
Status
Session::Implementation::checkNewEvents(std::span<const NewEvent> events,
                                        std::vector<Timestamp> &times) const {
  Timestamp newest = stream.time.back();
  for (size_t each = 0; each != events.size(); ++each) {
    const NewEvent &event = events[each];
    if (event.time < newest && options.lateEvents == LateEvents::Refuse)
      return Status::error(fmt::format(
          "event {} is at {} s, before the newest one at {} s: give events in "
          "the order of their times",
          each, stream.timeScale.seconds(event.time),
          stream.timeScale.seconds(newest)));
    if (!(stream.timeScale.seconds(event.time) <= largestSeconds))
      return Status::error(
          fmt::format("event {} is at {} s, but times are {} s at most", each,
                      stream.timeScale.seconds(event.time), largestSeconds));
    // A stream of arrays may have called its nodes anything.
    for (std::string_view name : {event.source, event.destination})
      if (Status status = checkNodeName(name);
          !status.ok() && !names.find(name))
        return status.within(fmt::format("event {}", each));
    newest = std::max(newest, event.time);
    times.push_back(newest);
    if (static_cast<int64_t>(event.features.size()) !=
        stream.edgeFeatures.columns)
      return Status::error(fmt::format(
          "event {} has {} features, but those of the history have {}", each,
          event.features.size(), stream.edgeFeatures.columns));
    if (!std::ranges::all_of(event.features,
                             [](float value) { return std::isfinite(value); }))
      return Status::error(
          fmt::format("event {} has a feature that is not finite", each));
  }
  return Status();
}

Status Session::Implementation::append(std::span<const NewEvent> events) {
  std::vector<Timestamp> times;
  if (Status status = checkNewEvents(events, times); !status.ok())
    return status;
  if (Status status =
          reserve(stream.nodeCount,
                  stream.eventCount() + static_cast<int64_t>(events.size()));
      !status.ok())
    return status;
  for (size_t each = 0; each != events.size(); ++each) {
    StatusOr<int32_t> source = findOrAdd(events[each].source);
    if (!source.ok())
      return dead = source.status();
    StatusOr<int32_t> destination = findOrAdd(events[each].destination);
    if (!destination.ok())
      return dead = destination.status();
    stream.source.push_back(*source);
    stream.destination.push_back(*destination);
    stream.time.push_back(times[each]);
    FeatureMatrix &matrix = stream.edgeFeatures;
    matrix.values.append(events[each].features);
    matrix.rows = matrix.columns ? stream.eventCount() : matrix.rows;
    graph.append(stream, static_cast<int32_t>(stream.eventCount() - 1));
    noteDestination(*destination);
  }
  return Status();
}
