//===- TrainerSetup.cpp - Making a trainer --------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/TrainerImplementation.h"

#include "orcinus/Support/Processors.h"
#include "runtime/Train/LearningRate.h"

#include <fmt/format.h>

#include <cmath>
#include <new>

using namespace orcinus;

static Status checkOptions(const TrainOptions &options) {
  auto reject = [](auto what, auto value, auto wanted) {
    return Status::error(
        fmt::format("{} is {}, but must be {}", what, value, wanted));
  };
  if (options.epochs < 1)
    return reject("the number of epochs", options.epochs, "1 or more");
  if (options.batchSize < 1 || options.batchSize > 1 << 20)
    return reject("the batch size", options.batchSize, "from 1 to 1048576");
  if (options.evaluationBatchSize < 1 || options.evaluationBatchSize > 1 << 20)
    return reject("the evaluation batch size", options.evaluationBatchSize,
                  "from 1 to 1048576");
  if (double rate = options.learningRate.value_or(0);
      !std::isfinite(rate) || rate < 0)
    return reject("the learning rate", rate, "a number, 0 or more");
  if (Status status = checkSchedule(options); !status.ok())
    return status;
  if (options.threads < 0 || options.threads > 4096)
    return reject("the number of threads", options.threads,
                  "from 1 to 4096, or 0 for one a CPU");
  if (options.patience < 0)
    return reject("the patience", options.patience, "0 or more");
  if (!(options.secondsBefore >= 0))
    return reject("the time spent before", options.secondsBefore, "0 or more");
  if (options.stalenessSamples < 0)
    return reject("the number of batches whose staleness is measured",
                  options.stalenessSamples, "0 or more");
  return Status();
}

StatusOr<std::unique_ptr<Trainer::Implementation>>
Trainer::Implementation::create(std::shared_ptr<const EventStream> stream,
                                std::shared_ptr<const CompiledModel> model,
                                const TrainOptions &options,
                                std::optional<CacheRoom> room) {
  if (Status status = checkOptions(options); !status.ok())
    return status;
  try {
    StatusOr<std::shared_ptr<Device>> device = model->device();
    if (!device.ok())
      return device.status();
    std::unique_ptr<Implementation> result(new Implementation(
        std::move(stream), std::move(model), std::move(*device), options));
    if (options.prepareAhead)
      if (Status status = result->worker.startThread(); !status.ok())
        return status;
    if (Status status = result->prepareData(); !status.ok())
      return status;
    CacheRoom own{result->model->options().memory, {}};
    if (Status status = result->prepareProgram(room.value_or(own));
        !status.ok())
      return status;
    return result;
  } catch (const std::bad_alloc &) {
    return Status::error("out of memory: the node states and the graph of this "
                         "stream do not fit",
                         StatusCode::OutOfMemory);
  }
}

Trainer::Implementation::Implementation(
    std::shared_ptr<const EventStream> stream,
    std::shared_ptr<const CompiledModel> model, std::shared_ptr<Device> device,
    const TrainOptions &options)
    : stream(std::move(stream)), model(std::move(model)),
      device(std::move(device)), options(options),
      features(*this->stream, this->device.get()), created(Clock::now()) {
  if (this->options.threads == 0)
    this->options.threads = usableProcessors();
}

Status Trainer::Implementation::prepareData() {
  StatusOr<Split> made = splitOfRun(*stream, options);
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
  trainGraph = TemporalGraph::build(*stream, isTraining, options.threads);
  fullGraph = TemporalGraph::build(*stream, {}, options.threads);

  // Validation and test have the same negatives for every seed of the run.
  trainNegatives.emplace(*stream, split.train,
                         negativeSeed(options.seed, "training negatives"));
  validationNegatives.emplace(*stream, allEvents,
                              negativeSeed(0, "validation negatives"));
  testNegatives.emplace(*stream, allEvents, negativeSeed(0, "test negatives"));
  return Status();
}

StatusOr<BatchRunner::Slots>
Trainer::Implementation::createSlots(std::string_view name,
                                     const OutputForm &reads) {
  BatchRunner::Slots slots;
  for (std::unique_ptr<Invocation> &slot : slots) {
    auto created =
        Invocation::create(name, *model, manifest, *state, features, reads);
    if (!created.ok())
      return created.status();
    slot = std::move(*created);
  }
  return slots;
}

CacheWorkload Trainer::Implementation::cacheWorkload() const {
  return {*stream, trainGraph, split.train, options.batchSize, options.seed};
}

Status Trainer::Implementation::prepareProgram(const CacheRoom &room) {
  StatusOr<Manifest> parsed = parseManifest(model->manifest());
  if (!parsed.ok())
    return parsed.status();
  manifest = std::move(*parsed);
  identity = identify(*model, manifest, options, *stream);
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
  state.emplace(manifest, stream->nodeCount, std::move(*caches), device.get());
  Status initialized =
      state->initialize(manifest, {options.seed, stream.get(), split.train});
  if (!initialized.ok())
    return initialized;

  for (bool training : {true, false}) {
    auto slots = training ? createSlots("train", lossOutput)
                          : createSlots("evaluate", scoresOutput);
    if (!slots.ok())
      return slots.status();
    (training ? trainer : evaluator)
        .emplace(*stream, state->index, state->cacheIndexes, std::move(*slots),
                 worker, arena, options.threads);
  }
  if (options.stalenessSamples) {
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
