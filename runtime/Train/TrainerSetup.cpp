//===- TrainerSetup.cpp - Making a trainer --------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/TrainerImplementation.h"

#include "lib/Support/Json.h"
#include "lib/Support/MemoryGuard.h"
#include "orcinus/Support/Processors.h"
#include "runtime/Train/RowExchange.h"
#include "runtime/Train/TrainOptionChecks.h"

#include <fmt/format.h>

#include <cmath>

using namespace orcinus;

CompileOptions orcinus::streamCompileOptions(CompileOptions options,
                                             const EventStream &stream) {
  if (stream.edgeFeatures.columns)
    options.edgeFeatureColumns = stream.edgeFeatures.columns;
  if (stream.nodeFeatures.columns)
    options.nodeFeatureColumns = stream.nodeFeatures.columns;
  return options;
}

StatusOr<std::unique_ptr<Trainer::Implementation>>
Trainer::Implementation::create(std::shared_ptr<const EventStream> stream,
                                std::shared_ptr<const CompiledModel> model,
                                const TrainOptions &options,
                                std::shared_ptr<const LabelSet> labels,
                                std::optional<CacheRoom> room,
                                std::shared_ptr<Communicator> processes) {
  int64_t processCount = processes ? processes->size() : 1;
  if (Status status = checkTrainOptions(options, processCount); !status.ok())
    return status;
  auto make = [&]() -> StatusOr<std::unique_ptr<Implementation>> {
    StatusOr<std::shared_ptr<Device>> device = model->device();
    if (!device.ok())
      return device.status();
    std::unique_ptr<Implementation> result(
        new Implementation(std::move(stream), std::move(model),
                           std::move(*device), options, std::move(labels)));
    // One alone has nobody to agree with.
    if (processes && processes->size() > 1)
      result->processes = std::move(processes);
    if (Status status = result->prepareShards(); !status.ok())
      return status;
    if (options.prepareAhead)
      if (Status status = result->worker.startThread(); !status.ok())
        return status;
    if (Status status = result->prepareData(); !status.ok())
      return status;
    if (Status status = result->prepareLabels(); !status.ok())
      return status;
    CacheRoom own{result->model->options().memory, {}};
    if (Status status = result->prepareProgram(room.value_or(own));
        !status.ok())
      return status;
    if (Status status = result->checkProcesses(); !status.ok())
      return status;
    if (Status status = result->connectCollectives(); !status.ok())
      return status;
    return result;
  };
  return guarded(make, [] {
    return Status::error("out of memory: the node states, the caches and the "
                         "graph of this stream do not fit",
                         StatusCode::OutOfMemory);
  });
}

Trainer::Implementation::Implementation(
    std::shared_ptr<const EventStream> stream,
    std::shared_ptr<const CompiledModel> model, std::shared_ptr<Device> device,
    const TrainOptions &options, std::shared_ptr<const LabelSet> labels)
    : stream(std::move(stream)), model(std::move(model)),
      device(std::move(device)), options(options), labels(std::move(labels)),
      features(*this->stream, this->device.get()), created(Clock::now()) {
  if (this->options.threads == 0)
    this->options.threads = usableProcessors();
}

Status Trainer::Implementation::prepareData() {
  StatusOr<Split> made = splitOfRun(*stream, options, labels != nullptr);
  if (!made.ok())
    return made.status();
  split = std::move(*made);
  StatusOr<RunNegatives> negatives = negativesOfRun(*stream, options);
  if (!negatives.ok())
    return negatives.status();
  drawn = std::move(*negatives);

  std::vector<uint8_t> isTraining(stream->eventCount());
  std::vector<int32_t> allEvents(stream->eventCount());
  for (int32_t event : split.train)
    isTraining[event] = true;
  for (size_t event = 0; event != allEvents.size(); ++event)
    allEvents[event] = static_cast<int32_t>(event);
  bool spills = options.state == "sharded";
  trainGraph =
      TemporalGraph::build(*stream, isTraining, options.threads, spills);
  fullGraph = TemporalGraph::build(*stream, {}, options.threads, spills);

  // Validation and test have the same negatives for every seed of the run.
  trainNegatives.emplace(*stream, split.train,
                         negativeSeed(options.seed, "training negatives"));
  validationNegatives.emplace(*stream, allEvents,
                              negativeSeed(0, "validation negatives"));
  testNegatives.emplace(*stream, allEvents, negativeSeed(0, "test negatives"));
  return Status();
}

/// That the labels are of the stream, in its order.
static Status checkLabels(const LabelSet &labels, const EventStream &stream) {
  bool fits = labels.offsets.size() == labels.places.size() + 1 &&
              labels.offsets.back() == std::ssize(labels.entries);
  int64_t columns = std::max<int64_t>(std::ssize(labels.classes), 1);
  int32_t last = 0;
  for (const LabelPlace &place : labels.places) {
    fits = fits && place.node >= 0 && place.node < stream.nodeCount &&
           place.event >= last && place.event < stream.eventCount();
    last = place.event;
  }
  for (size_t label = 0; fits && label != labels.places.size(); ++label)
    fits = labels.offsets[label] >= 0 &&
           labels.offsets[label] < labels.offsets[label + 1];
  for (LabelEntry entry : labels.entries)
    fits = fits && entry.column >= 0 && entry.column < columns &&
           std::isfinite(entry.value);
  return fits ? Status()
              : Status::error("the labels are not of this stream: make them of "
                              "it, by labelsOfStream() or readLabels()");
}

Status Trainer::Implementation::prepareLabels() {
  StatusOr<Task> task = taskOfOption(model->options().task);
  if (!task.ok())
    return task.status();
  if (!labels)
    return *task == Task::LinkPrediction
               ? Status()
               : Status::error(fmt::format(
                     "the model was compiled for {}, which needs labels",
                     taskName(*task)));
  if (*task != labels->task)
    return Status::error(
        fmt::format("the labels are those of {}, but the model was compiled "
                    "for {}",
                    taskName(labels->task), taskName(*task)));
  if (int64_t outputs = model->options().outputs.value_or(1);
      outputs != labels->columns())
    return Status::error(fmt::format(
        "the numbers of a label are {} here, of which two classes and a number "
        "have 1, but the model was compiled for {}: take labels with the same "
        "classes",
        labels->columns(), outputs));
  if (Status status = checkLabels(*labels, *stream); !status.ok())
    return status;
  bool masks = options.maskedNodeFraction.value_or(0) > 0;
  if (isOfEvents(*task) && masks)
    return Status::error(fmt::format(
        "{} keeps no node's labels from training: mask none", taskName(*task)));
  if (options.protocol != "orca")
    return Status::error(
        fmt::format("the protocol {} is for link prediction: train {} without",
                    options.protocol, taskName(*task)));
  if (model->options().reuse != "none")
    return Status::error(fmt::format(
        "reuse is for link prediction: train {} without", taskName(*task)));
  BatchSequence sequence = trainSequence();
  std::vector<int64_t> ofBatch;
  for (int64_t batch = 0; batch != sequence.batchCount(); ++batch) {
    sequence.labelsOf(batch, ofBatch);
    labelledBatches += !ofBatch.empty();
  }
  if (labelledBatches == 0)
    return Status::error(
        masks ? "all labels of training's events are masked: mask fewer nodes"
              : "no label belongs to training's events: compare the labels' "
                "times with the events', and their unit");
  return Status();
}

StatusOr<BatchRunner::Slots> Trainer::Implementation::createSlots(
    std::string_view name, std::optional<OutputForm> reads,
    const std::array<std::shared_ptr<RowWindow>, 2> &windows) {
  BatchRunner::Slots slots;
  for (size_t slot = 0; slot != slots.size(); ++slot) {
    auto created = Invocation::create(name, *model, manifest, *state, features,
                                      reads, windows[slot]);
    if (!created.ok())
      return created.status();
    slots[slot] = std::move(*created);
  }
  return slots;
}

Status
Trainer::Implementation::createRunner(std::string_view name, OutputForm reads,
                                      std::optional<BatchRunner> &runner) {
  auto slots = createSlots(name, reads);
  if (!slots.ok())
    return slots.status();
  StatusOr<BatchRunner::Slots> advancing = BatchRunner::Slots();
  if (labels && manifest.function("advance_step"))
    advancing = createSlots("advance", std::nullopt);
  if (!advancing.ok())
    return advancing.status();
  runner.emplace(*stream, state->index, state->cacheIndexes, std::move(*slots),
                 std::move(*advancing), worker, arena, options.threads);
  return Status();
}

Status Trainer::Implementation::createRunners() {
  Status status = createRunner("train", lossOutput, trainer);
  if (status.ok())
    status = createRunner("evaluate", labels ? predictionsOutput : scoresOutput,
                          evaluator);
  if (status.ok() && exactEpochs() > 0)
    status = createRunner("train_exact", lossOutput, exactTrainer);
  return status.ok() ? createSharders() : status;
}

//===----------------------------------------------------------------------===//
// Shards and processes
//===----------------------------------------------------------------------===//

/// Settles how many shards there are. Errors: several of a model that was not
/// compiled for them.
Status Trainer::Implementation::prepareShards() {
  int64_t size = processes ? processes->size() : 1;
  int64_t shards = shardsOf(options, size);
  if (std::optional<int64_t> &wanted =
          options.evaluationShards ? options.evaluationShards : options.shards;
      size > 1 || wanted)
    wanted = shards;
  if (shards > 1 && !model->options().sharded.value_or(false))
    return Status::error("the model was not compiled for shards: set "
                         "CompileOptions::sharded");
  return Status();
}

/// Makes what runs the shards' function `name`.
StatusOr<ShardRunner>
Trainer::Implementation::createShardRunner(std::string_view name,
                                           OutputForm reads, bool readsCaches,
                                           ShardLayout layout) {
  std::array<std::shared_ptr<RowWindow>, 2> windows;
  if (state->exchange)
    for (std::shared_ptr<RowWindow> &window : windows)
      window = std::make_shared<RowWindow>();
  std::vector<BatchRunner::Slots> ofShards;
  for (int64_t shard = 0; shard != layout.own; ++shard) {
    auto slots = createSlots(name, reads, windows);
    if (!slots.ok())
      return slots.status();
    ofShards.push_back(std::move(*slots));
  }
  StatusOr<BatchRunner::Slots> advancing = BatchRunner::Slots();
  if (manifest.function("advance_step"))
    advancing = createSlots("advance", std::nullopt, windows);
  if (!advancing.ok())
    return advancing.status();
  std::span<const std::unique_ptr<CacheIndex>> caches;
  if (readsCaches)
    caches = state->cacheIndexes;
  return ShardRunner(*stream, *state, caches, std::move(ofShards),
                     std::move(*advancing), worker, arena, options.threads,
                     layout);
}

Status
Trainer::Implementation::createSharder(std::string_view name, bool readsCaches,
                                       std::optional<ShardTrainer> &sharder) {
  ShardLayout layout(*options.shards, processes.get());
  auto runner = createShardRunner(name, lossOutput, readsCaches, layout);
  if (!runner.ok())
    return runner.status();
  auto apply = Invocation::create("apply", *model, manifest, *state, features,
                                  std::nullopt);
  if (!apply.ok())
    return apply.status();
  if (!collectives)
    collectives = std::make_unique<ShardCollectives>(
        gradientSums(manifest, std::string(name) + "_step", *state), layout,
        processes);
  sharder.emplace(std::move(*runner), *state, readsCaches, std::move(*apply),
                  layout, processes, *collectives);
  return Status();
}

Status Trainer::Implementation::createShardEvaluator(int64_t shards) {
  ShardLayout layout(shards, processes.get());
  auto runner = createShardRunner("evaluate_shard",
                                  labels ? predictionsOutput : scoresOutput,
                                  /*readsCaches=*/false, layout);
  if (!runner.ok())
    return runner.status();
  shardEvaluator.emplace(std::move(*runner), layout, processes);
  return Status();
}

Status Trainer::Implementation::createSharders() {
  Status status;
  if (!options.evaluationShards && options.shards.value_or(1) > 1) {
    status = createSharder("shard", /*readsCaches=*/true, sharder);
    if (status.ok() && exactEpochs() > 0)
      status =
          createSharder("shard_exact", /*readsCaches=*/false, exactSharder);
  }
  int64_t ofEvaluation = options.evaluationShards ? *options.evaluationShards
                                                  : options.shards.value_or(1);
  if (status.ok() && ofEvaluation > 1)
    status = createShardEvaluator(ofEvaluation);
  return status;
}

/// That all processes do the same run. Errors: they do not.
Status Trainer::Implementation::checkProcesses() {
  if (!processes)
    return Status();
  std::pair<const char *, std::string> parts[] = {
      {"models", printJson(identity.model)},
      {"options", printJson(identity.options)},
      {"events", printJson(identity.stream)},
      {"threads, targets or places of states",
       fmt::format("{} {} {}", options.threads, model->options().target,
                   options.state)}};
  for (const auto &[what, text] : parts) {
    StatusOr<bool> same = processes->agree(text);
    if (!same.ok())
      return same.status();
    if (!*same)
      return Status::error(fmt::format(
          "the processes have different {}: give all of them the same", what));
  }
  return connectStates();
}

/// Gives the rows that each process has for the others a communicator for the
/// thread that prepares batches.
Status Trainer::Implementation::connectStates() {
  if (!state->exchange)
    return Status();
  StatusOr<std::shared_ptr<Communicator>> other =
      processes->duplicate(Communicator::Waiting::Patient);
  if (!other.ok())
    return other.status();
  state->exchange->connect(std::move(*other));
  return Status();
}

CacheWorkload Trainer::Implementation::cacheWorkload() const {
  return {*stream, trainGraph, split.train, options.batchSize, options.seed};
}

Status Trainer::Implementation::prepareProgram(const CacheRoom &room) {
  StatusOr<Manifest> parsed = parseManifest(model->manifest());
  if (!parsed.ok())
    return parsed.status();
  manifest = std::move(*parsed);
  identity = identify(*model, manifest, options, *stream, labels.get());
  DeviceKind kind = device ? device->kind() : DeviceKind::Host;
  if (manifest.target != kind)
    return Status::error(fmt::format(
        "the program of model '{}' is for the target {}, but runs on {}",
        manifest.model, deviceKindName(manifest.target), deviceKindName(kind)));
  if (Status status = giveCapacities(room, cacheWorkload(), manifest);
      !status.ok())
    return status;
  auto caches = createCaches(manifest, cacheWorkload());
  if (!caches.ok())
    return caches.status();
  std::optional<RowPartition> partition;
  if (options.state == "sharded")
    partition = {processes ? processes->rank() : 0,
                 processes ? processes->size() : 1};
  state.emplace(manifest, stream->nodeCount, std::move(*caches), device.get(),
                partition);
  if (state->exchange)
    if (Status status = state->exchange->check(); !status.ok())
      return status;
  worker.serve(state->exchange.get());
  Status initialized =
      state->initialize(manifest, {options.seed, stream.get(), split.train});
  if (!initialized.ok())
    return initialized;

  if (Status status = createRunners(); !status.ok())
    return status;
  if (stalenessSamples() > 0) {
    auto made = StalenessProbe::create(*model, manifest, *state, features);
    if (!made.ok())
      return made.status();
    probe = std::move(*made);
  }
  if (!manifest.function("embed_step"))
    return Status();
  auto created = Invocation::create("embed", *model, manifest, *state, features,
                                    embeddingsOutput);
  if (!created.ok())
    return created.status();
  embedder = std::move(*created);
  return Status();
}
