//===- TrainingRun.cpp - Steps, epochs and whole runs ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Support/Clock.h"
#include "orcinus/Support/CounterRng.h"
#include "runtime/Train/CheckpointSchedule.h"
#include "runtime/Train/LearningRate.h"
#include "runtime/Train/MetricsLog.h"
#include "runtime/Train/RowExchange.h"
#include "runtime/Train/SlowProcesses.h"
#include "runtime/Train/TrainerImplementation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

using namespace orcinus;

/// Counts training batches and keeps the run's position true after each.
class Trainer::Implementation::TrainConsumer : public BatchConsumer {
public:
  TrainConsumer(Implementation &trainer, int64_t batches,
                CheckpointSchedule *schedule, TrainingObserver *observer)
      : trainer(trainer), schedule(schedule), observer(observer),
        rate(trainer.options.learningRate.value_or(
            trainer.manifest.learningRate)),
        start(Clock::now()), lastBatch(start) {
    progress.phase = Progress::Phase::Train;
    progress.epoch = trainer.position.epochs + 1;
    progress.batches = batches;
    stepsBefore = trainer.position.epochs * trainer.epochSteps();
  }

  StepScalars scalars(int64_t) override {
    StepScalars result;
    int64_t steps = trainer.position.steps;
    // Rate and optimizer begin anew with the exact epochs.
    const std::optional<int> &exactFrom = trainer.position.exactFrom;
    int64_t since = steps - exactFrom.value_or(0) * trainer.epochSteps();
    int epochs = exactFrom ? trainer.exactEpochs() : trainer.options.epochs;
    result.learningRate = static_cast<float>(learningRateAt(
        trainer.options, rate, since, epochs * trainer.epochSteps()));
    result.step = since + 1;
    result.dropoutSeed = static_cast<int64_t>(
        randomBits(trainer.options.seed, randomStream("dropout"), steps));
    return result;
  }

  /// Asks the first process, before the first batch, whether to save behind it;
  /// for later ones that goes with the counts of the batch before. Errors:
  /// another process is gone.
  Status agreeOnFirstBatch() {
    if (!savesByAgreement())
      return Status();
    double wishes =
        trainer.isFirst() && schedule->dueAfterNextBatch(/*isSaved=*/false);
    Status status = trainer.processes->sum(std::span(&wishes, 1));
    savingIsAgreed = wishes > 0;
    return status;
  }

  bool pausesAfter(int64_t batch) override {
    stops = trainer.processes ? isAgreed : wantsStop();
    saves = schedule && (schedule->dueAfterBatch() || stops);
    if (savesByAgreement()) {
      // What all do, all have learnt before; the first one's clock counts.
      saves = savingIsAgreed || stops;
      savingIsAgreed = false;
      savingIsWanted = trainer.isFirst() && schedule->dueAfterNextBatch(saves);
    }
    measures = isMeasured(batch + 1);
    return stops || saves || measures;
  }

  Status consume(int64_t batch, const Invocation &results) override {
    lastLoss = results.outputs().find(lossOutput.role).values.front();
    countRows(results);
    return takeLoss(batch);
  }

  Status consumeSum(int64_t batch, const ShardSums &sums) override {
    lastLoss = static_cast<float>(sums.loss);
    std::vector<int64_t> &all = trainer.position.rows;
    all.resize(std::max(all.size(), sums.rows.size()));
    for (size_t layer = 0; layer != sums.rows.size(); ++layer)
      all[layer] += sums.rows[layer];
    trainer.position.reuse += sums.reuse;
    return takeLoss(batch);
  }

  bool wantsStop() override { return observer && observer->wantsStop(); }
  void agreeToStop() override { isAgreed = true; }
  bool wantsSave() override { return savingIsWanted; }
  void agreeToSave() override { savingIsAgreed = true; }

  Status pass(int64_t batch) override {
    lastLoss = 0;
    return finish(batch);
  }

  double loss() const { return lastLoss; }

private:
  /// Whether all processes save at once.
  bool savesByAgreement() const {
    return schedule && trainer.savesTogether() && trainer.currentSharder();
  }

  Status takeLoss(int64_t batch) {
    if (!std::isfinite(lastLoss))
      return Status::error(
          fmt::format("the loss is not finite in epoch {}, batch {}: lower the "
                      "learning rate, or look for extreme feature values",
                      progress.epoch, batch + 1));
    trainer.position.lossSum += lastLoss;
    ++trainer.position.steps;
    return finish(batch);
  }

  Status finish(int64_t batch) {
    advance(batch);
    if (observer)
      observer->onBatch(progress);
    Status status = measures ? measure(batch + 1) : Status();
    if (saves && status.ok()) {
      auto saveStart = Clock::now();
      status = trainer.save(schedule->checkpoints().directory);
      schedule->saved(saveStart);
    }
    lastBatch = Clock::now();
    if (!stops || !status.ok())
      return status;
    // None ends before the first one has saved: a launcher may then end all.
    if (trainer.processes)
      status = trainer.processes->meet();
    return status.ok() ? stopped() : status;
  }

  Status stopped() const {
    std::string how = "; nothing was saved";
    if (saves)
      how = fmt::format("; the checkpoint in '{}' has it: resume the run to go "
                        "on",
                        schedule->checkpoints().directory);
    return Status::error(fmt::format("stopped in epoch {} after batch {} of {}",
                                     progress.epoch, progress.batch,
                                     progress.batches) +
                             how,
                         StatusCode::Interrupted);
  }

  /// The samples divide the epoch evenly; its first batch finds nothing cached.
  bool isMeasured(int64_t batch) const {
    if (!trainer.probe || trainer.position.exactFrom ||
        batch >= progress.batches)
      return false;
    int64_t parts = trainer.stalenessSamples() + 1;
    return batch * parts / progress.batches !=
               (batch - 1) * parts / progress.batches &&
           batch > 0;
  }

  Status measure(int64_t batch) {
    auto report = trainer.measureStaleness(batch);
    if (!report.ok())
      return report.status();
    trainer.position.history.push_back(metricsLine(*report));
    if (observer)
      observer->onStaleness(*report);
    return Status();
  }

  void advance(int64_t batch) {
    RunPosition &position = trainer.position;
    position.batch = batch + 1;
    auto now = Clock::now();
    position.trainSeconds += secondsBetween(lastBatch, now);
    lastBatch = now;
    progress.batch = position.batch;
    ++progress.batchesHere;
    progress.seconds = secondsBetween(start, now);
    progress.loss =
        position.lossSum /
        static_cast<double>(std::max<int64_t>(position.steps - stepsBefore, 1));
  }

  void countRows(const Invocation &results) {
    results.tables().addRowsOfLayers(trainer.position.rows);
    trainer.position.reuse += results.tables().reuse();
  }

  Implementation &trainer;
  CheckpointSchedule *schedule;
  TrainingObserver *observer;
  double rate;
  Clock::time_point start;
  Clock::time_point lastBatch;
  Progress progress;
  /// Steps of the epochs before.
  int64_t stepsBefore = 0;
  float lastLoss = 0;
  /// Whether all processes know that one wants to stop.
  bool isAgreed = false;
  /// The same of saving, which the first one decides.
  bool savingIsWanted = false;
  bool savingIsAgreed = false;
  bool stops = false;
  bool saves = false;
  bool measures = false;
};

StatusOr<StalenessReport>
Trainer::Implementation::measureStaleness(int64_t batch) {
  if (state->exchange)
    state->exchange->settle();
  BatchContents contents;
  auto report =
      probe->measure(trainer->inputOf(trainSequence(), batch, contents));
  if (!report.ok())
    return report;
  report->epoch = position.epochs + 1;
  report->batch = batch + 1;
  return report;
}

BatchSequence Trainer::Implementation::trainSequence() const {
  BatchSequence sequence;
  sequence.events = split.train;
  sequence.batchSize = options.batchSize;
  sequence.graph = &trainGraph;
  sequence.negatives = &*trainNegatives;
  sequence.labels = labels.get();
  if (labels && !isOfEvents(labels->task))
    sequence.hiddenNodes = split.maskedNodes;
  // Each epoch draws new negatives and neighbours.
  sequence.firstDraw =
      split.train.size() * static_cast<uint64_t>(position.epochs);
  sequence.samplingSeed = randomBits(
      options.seed, randomStream("training samples"), position.epochs);
  return sequence;
}

Status Trainer::Implementation::checkWhole() const {
  if (!interrupted)
    return Status();
  return Status::error("an earlier error left this trainer within a batch: "
                       "load a checkpoint, or make another trainer",
                       StatusCode::Unusable);
}

double Trainer::Implementation::totalSeconds() const {
  return earlierSeconds + options.secondsBefore + secondsSince(created);
}

/// Trains up to batch `end` of the epoch and returns the last batch's loss.
StatusOr<double>
Trainer::Implementation::trainBatches(int64_t end, CheckpointSchedule *schedule,
                                      TrainingObserver *observer) {
  if (Status status = checkWhole(); !status.ok())
    return status;
  if (options.evaluationShards)
    return Status::error("this trainer was made for a test: set "
                         "TrainOptions::shards to train");
  model->useThreads(options.threads);
  if (position.batch == 0) {
    state->clearNodeStates();
    state->index.beginEpoch(position.epochs);
  }
  BatchSequence sequence = trainSequence();
  TrainConsumer consumer(*this, sequence.batchCount(), schedule, observer);
  if (Status status = consumer.agreeOnFirstBatch(); !status.ok())
    return status;
  // A checkpoint that could not be written comes after its batch, with no other
  // begun: the run may go on.
  auto run = [&](auto &runner) {
    Interruption interruption(*this,
                              [&] { return runner.begun() == position.batch; });
    return runner.run(sequence, position.batch, end, consumer);
  };
  ShardTrainer *shards = currentSharder();
  Status status = shards ? run(*shards) : run(currentTrainer());
  if (!status.ok())
    return status;
  return consumer.loss();
}

StatusOr<StepReport> Trainer::Implementation::trainStep() {
  if (Status status = checkWhole(); !status.ok())
    return status;
  int64_t batches = trainSequence().batchCount();
  if (position.batch == batches)
    position.nextEpoch();
  auto loss = trainBatches(position.batch + 1, nullptr, nullptr);
  if (!loss.ok())
    return loss.status();
  return StepReport{position.epochs + 1, position.batch, batches, *loss};
}

StatusOr<EpochReport>
Trainer::Implementation::trainEpoch(CheckpointSchedule *schedule,
                                    TrainingObserver *observer) {
  EpochReport report;
  report.epoch = position.epochs + 1;
  report.batches = trainSequence().batchCount();
  ShardTrainer *shards = currentSharder();
  double secondsBefore = shards ? shards->computeSeconds() : 0;
  auto trained = trainBatches(report.batches, schedule, observer);
  if (!trained.ok())
    return trained.status();
  if (processes && shards)
    if (Status status = noteSlowProcesses(
            shards->computeSeconds() - secondsBefore, observer);
        !status.ok())
      return status;
  report.trainSeconds = position.trainSeconds;
  report.trainLoss = position.lossSum / static_cast<double>(epochSteps());
  report.rows = position.rows;
  report.reuse = position.reuse;

  auto start = Clock::now();
  auto metrics =
      evaluate(Progress::Phase::Validation,
               evaluationSequence(split.validation, *validationNegatives,
                                  drawn.validation),
               split.inductiveValidation, observer);
  if (!metrics.ok())
    return metrics.status();
  report.validation = *metrics;
  report.validationSeconds = secondsSince(start);

  report.best =
      labels ? position.isBestFigure(
                   report.validation.figures.front().value,
                   LabelMetricsCollector::isLargerBetter(*labels))
             : position.isBest(report.validation, options.protocol == "dyglib");
  if (report.best) {
    if (Status status = best.take(*state); !status.ok())
      return status;
    position.bestEpoch = report.epoch;
    position.bestAveragePrecision = report.validation.averagePrecision;
    position.bestAreaUnderCurve = report.validation.areaUnderCurve;
    if (labels)
      position.bestFigure = report.validation.figures.front().value;
  }
  position.nextEpoch();
  position.history.push_back(metricsLine(report));
  return report;
}

/// Names the processes that took much longer than others to compute what they
/// had of an epoch, of which this one took so many seconds.
Status Trainer::Implementation::noteSlowProcesses(double seconds,
                                                  TrainingObserver *observer) {
  std::vector<double> all(static_cast<size_t>(processes->size()));
  all[static_cast<size_t>(processes->rank())] = seconds;
  Status status = processes->sum(std::span(all));
  if (status.ok() && observer)
    for (const SlowProcess &slow : findSlowProcesses(all))
      observer->onNote(fmt::format(
          "process {} computed for {:.1f} s in epoch {}, {:.1f} times as long "
          "as the median: all wait for it",
          slow.number, slow.seconds, position.epochs + 1, slow.ratio));
  return status;
}

bool Trainer::Implementation::finished() const {
  int first = position.exactFrom.value_or(0);
  int most = position.exactFrom ? exactEpochs() : options.epochs;
  int best = std::max(position.bestEpoch, first);
  bool impatient = options.patience > 0 && best > 0 &&
                   position.epochs - best >= options.patience;
  return position.epochs - first >= most || impatient;
}

/// Goes on from the best parameters without reuse. Whoever resumes a run that
/// was stopped before the next checkpoint comes here again.
void Trainer::Implementation::startExactEpochs(TrainingObserver *observer) {
  best.restore(*state);
  state->clearOptimizer();
  position.exactFrom = position.epochs;
  if (observer)
    observer->onNote(fmt::format("going on from epoch {} without reuse",
                                 position.bestEpoch));
}

/// That there are labels to validate and to test by, of both classes where
/// there are two.
Status Trainer::Implementation::checkEvaluationLabels() const {
  if (!labels)
    return Status();
  for (auto [part, events] : {std::pair("validation", &split.validation),
                              std::pair("test", &split.test)}) {
    auto [first, end] = labels->ofEvents(events->front(), events->back() + 1);
    if (first == end)
      return Status::error(fmt::format(
          "no label belongs to the events of the {}, from {} s to {} s: give "
          "labels of all of the stream's time",
          part, stream->seconds(events->front()),
          stream->seconds(events->back())));
    int32_t one = labels->entriesOf(first).front().column;
    bool differ = !labels->isBinary();
    for (int64_t label = first; !differ && label != end; ++label)
      differ = labels->entriesOf(label).front().column != one;
    if (!differ)
      return Status::error(fmt::format(
          "all labels of the {} are '{}', by which no model can be told from "
          "another: give a longer stream, or more labels",
          part, labels->classes[one]));
  }
  return Status();
}

/// Goes to where a resumed run stopped; whether there was such a place.
StatusOr<bool>
Trainer::Implementation::startRun(const CheckpointOptions &checkpoints,
                                  TrainingObserver *observer) {
  const std::string &directory = checkpoints.directory;
  if (directory.empty())
    return checkpoints.resume
               ? Status::error("resuming needs a checkpoint directory")
               : StatusOr<bool>(false);
  bool exists = holdsCheckpoint(directory);
  if (checkpoints.startFromBest)
    return startFromBest(directory, observer);
  if (exists && !checkpoints.resume)
    return Status::error(
        fmt::format("'{}' already holds a checkpoint: resume it, or choose "
                    "another directory",
                    directory));
  if (exists)
    if (Status status = load(directory); !status.ok())
      return status;
  if (isFirst())
    removeCheckpointLeftovers(directory);
  if (observer && checkpoints.resume)
    observer->onNote(
        exists ? fmt::format("resuming '{}' after {} epochs and {} batches",
                             directory, position.epochs, position.batch)
               : fmt::format("no checkpoint in '{}' yet: starting from the "
                             "beginning",
                             directory));
  return exists;
}

/// Takes the best parameters of `directory` for a run that begins; false, for
/// it resumes nothing.
StatusOr<bool>
Trainer::Implementation::startFromBest(const std::string &directory,
                                       TrainingObserver *observer) {
  auto file = openCheckpointFile(directory);
  if (!file.ok())
    return file.status();
  if (Status status = checkSameModel(*file, identity); !status.ok())
    return status;
  StatusOr<bool> continued = continuesStream(*file, *stream);
  if (!continued.ok())
    return continued.status();
  if (Status status = loadParameters(*file, *state); !status.ok())
    return status;
  if (isFirst())
    removeCheckpointLeftovers(directory);
  if (observer)
    observer->onNote(fmt::format(
        "starting from the best parameters of '{}'{}", directory,
        *continued ? "" : ", whose events are not those of this stream"));
  return false;
}

void Trainer::Implementation::noteDivision(TrainingObserver *observer) const {
  std::vector<int32_t> rows;
  for (const CacheSpecification &cache : manifest.caches)
    if (cache.sharesMemory)
      rows.push_back(*cache.capacity);
  if (observer && !rows.empty())
    observer->onNote(fmt::format("the memory holds {} embeddings of each layer",
                                 fmt::join(rows, ", ")));
}

/// That all processes begin at the same place and go to the same epoch. Errors:
/// they do not.
Status Trainer::Implementation::checkStart(bool keepsCheckpoint) {
  if (!processes)
    return Status();
  // FNV-1a over what was drawn or loaded.
  uint64_t bits = 0xcbf29ce484222325;
  auto add = [&](const std::vector<FloatArray> &arrays) {
    for (const FloatArray &array : arrays)
      for (float value : array.values())
        bits = (bits ^ std::bit_cast<uint32_t>(value)) * 0x100000001b3;
  };
  add(state->parameters);
  // Where each process has rows of its own, nothing is there twice.
  if (!state->exchange)
    add(state->nodeRows);
  StatusOr<bool> same = processes->agree(
      fmt::format("{} {} {} {} {} {} {} {:x}", position.epochs, position.batch,
                  position.bestEpoch, options.epochs, options.patience,
                  exactEpochs(), keepsCheckpoint && savesTogether(), bits));
  if (!same.ok())
    return same.status();
  return *same ? Status()
               : Status::error(
                     "the processes do not begin at the same place or go to "
                     "the same epoch: give all of them the same epochs, "
                     "patience and checkpoint, in a folder that all see");
}

StatusOr<TestReport>
Trainer::Implementation::train(const CheckpointOptions &checkpoints,
                               const std::string &metricsFile,
                               TrainingObserver *observer) {
  if (Status status = checkEvaluationSplits(split, *stream); !status.ok())
    return status;
  if (Status status = checkEvaluationLabels(); !status.ok())
    return status;
  if (!labels)
    noteLackOfNegatives(*trainNegatives, observer);
  noteDivision(observer);
  noteCollectives(observer);
  StatusOr<bool> resumed = startRun(checkpoints, observer);
  if (!resumed.ok())
    return resumed.status();
  if (Status status = checkWhole(); !status.ok())
    return status;
  // Nothing is written before all have read what was there.
  if (Status status = checkStart(!checkpoints.directory.empty()); !status.ok())
    return status;
  MetricsLog log;
  if (!metricsFile.empty() && isFirst()) {
    auto opened =
        MetricsLog::open(metricsFile, checkpoints.resume, position.history);
    if (!opened.ok())
      return opened.status();
    log = std::move(*opened);
  }
  size_t logged = position.history.size();
  CheckpointSchedule schedule(checkpoints);
  bool saves = !checkpoints.directory.empty() && (isFirst() || savesTogether());
  while (true) {
    if (finished()) {
      if (position.exactFrom || exactEpochs() == 0)
        break;
      startExactEpochs(observer);
    }
    auto report = trainEpoch(saves ? &schedule : nullptr, observer);
    if (!report.ok())
      return report.status();
    // Saved first: a resumed run adds lines that are missing in the file.
    auto start = Clock::now();
    Status status = saves ? save(checkpoints.directory) : Status();
    schedule.saved(start);
    for (; status.ok() && logged != position.history.size(); ++logged)
      status = log.append(position.history[logged]);
    if (!status.ok())
      return status;
    if (observer)
      observer->onEpoch(*report);
  }
  auto tested = test(observer);
  if (!tested.ok())
    return tested;
  if (Status status = log.append(metricsLine(*tested)); !status.ok())
    return status;
  return tested;
}
