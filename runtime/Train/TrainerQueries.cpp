//===- TrainerQueries.cpp - Evaluation, embeddings and checkpoints --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Support/Clock.h"
#include "orcinus/Evaluation/LabelBaselines.h"
#include "orcinus/Support/CounterRng.h"
#include "runtime/Train/Evaluation.h"
#include "runtime/Train/Queries.h"
#include "runtime/Train/RowExchange.h"
#include "runtime/Train/TrainerImplementation.h"
#include "runtime/Train/WholeRows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <optional>

using namespace orcinus;

namespace {

/// Figures of labels, of all and of hidden ones.
class LabelFigures {
public:
  explicit LabelFigures(const LabelSet &labels) : all(labels), hidden(labels) {}

  /// Adds what was predicted of labels; `isHidden` says of which kind one is.
  template <typename IsHidden>
  void add(std::span<const int64_t> labels, std::span<const float> predictions,
           IsHidden isHidden) {
    size_t columns = labels.empty() ? 0 : predictions.size() / labels.size();
    for (size_t place = 0; place != labels.size(); ++place) {
      auto prediction = predictions.subspan(place * columns, columns);
      all.add(labels[place], prediction);
      if (isHidden(labels[place]))
        hidden.add(labels[place], prediction);
    }
  }

  std::vector<Figure> result() const {
    std::vector<Figure> figures = all.result();
    if (hidden.count() != 0)
      for (const Figure &figure : hidden.result())
        figures.push_back({figure.name + "_inductive", figure.value});
    return figures;
  }

private:
  LabelMetricsCollector all, hidden;
};

} // namespace

/// Ranks the batches of an evaluation pass; without an average, only checks
/// them.
class Trainer::Implementation::EvaluationConsumer : public BatchConsumer {
public:
  EvaluationConsumer(const EventStream &stream, const BatchSequence &sequence,
                     Progress::Phase phase, int epoch, RankingAverage *average,
                     LabelFigures *figures, const Split &split, bool isShared,
                     TrainingObserver *observer)
      : stream(stream), sequence(sequence), average(average), figures(figures),
        split(split), isShared(isShared), observer(observer),
        start(Clock::now()) {
    progress.phase = phase;
    progress.epoch = epoch;
    progress.batches = sequence.batchCount();
  }

  Status consume(int64_t batch, const Invocation &results) override {
    OutputForm form = sequence.labels ? predictionsOutput : scoresOutput;
    return consumeOutputs(batch, results.outputs().find(form.role).values);
  }

  Status consumeOutputs(int64_t batch, std::span<const float> logits) override {
    bool finite = std::all_of(logits.begin(), logits.end(),
                              [](float logit) { return std::isfinite(logit); });
    if (!finite)
      return Status::error(
          "the model's logits are not finite: lower the learning rate, or look "
          "for extreme feature values");
    if (sequence.labels)
      addPredictions(batch, logits);
    else if (average)
      average->add(sequence.batch(batch), logits);
    if (observer && progress.phase == Progress::Phase::Test && !sequence.labels)
      tellScores(batch, logits);
    return pass(batch);
  }

  Status pass(int64_t batch) override {
    progress.batchesHere = progress.batch = batch + 1;
    progress.seconds = secondsSince(start);
    if (observer)
      observer->onBatch(progress);
    if (!(isShared ? isAgreed : wantsStop()))
      return Status();
    return Status::error(
        fmt::format("stopped in {} after batch {} of {}",
                    progress.phase == Progress::Phase::Validation
                        ? "a validation"
                        : "a test",
                    progress.batch, progress.batches),
        StatusCode::Interrupted);
  }

  bool wantsStop() override { return observer && observer->wantsStop(); }
  void agreeToStop() override { isAgreed = true; }

private:
  void addPredictions(int64_t batch, std::span<const float> predictions) {
    if (!figures)
      return;
    sequence.labelsOf(batch, labels);
    bool ofEvents = isOfEvents(sequence.labels->task);
    std::span<const int32_t> unseen = progress.phase == Progress::Phase::Test
                                          ? split.inductiveTest
                                          : split.inductiveValidation;
    figures->add(labels, predictions, [&](int64_t label) {
      const LabelPlace &place = sequence.labels->places[label];
      return ofEvents ? std::ranges::binary_search(unseen, place.event)
                      : split.maskedNodes[place.node] != 0;
    });
  }

  void tellScores(int64_t batch, std::span<const float> logits) {
    sequence.negativesOf(batch, stream, negatives);
    observer->onTestScores(sequence.batch(batch), negatives, logits);
  }

  const EventStream &stream;
  const BatchSequence &sequence;
  std::vector<int32_t> negatives;
  std::vector<int64_t> labels;
  RankingAverage *average;
  LabelFigures *figures;
  const Split &split;
  /// Whether other processes evaluate, too: then they stop together.
  bool isShared;
  bool isAgreed = false;
  TrainingObserver *observer;
  Clock::time_point start;
  Progress progress;
};

BatchSequence Trainer::Implementation::evaluationSequence(
    std::span<const int32_t> events, const NegativeSampler &negatives,
    std::span<const int32_t> drawn) const {
  BatchSequence sequence;
  sequence.events = events;
  sequence.batchSize = options.evaluationBatchSize;
  sequence.graph = &fullGraph;
  sequence.negatives = &negatives;
  sequence.drawn = drawn;
  sequence.labels = labels.get();
  sequence.samplingSeed = randomBits(0, randomStream("evaluation samples"), 0);
  return sequence;
}

StatusOr<RankingMetrics> Trainer::Implementation::evaluate(
    Progress::Phase phase, const BatchSequence &sequence,
    std::span<const int32_t> inductive, TrainingObserver *observer) {
  if (Status status = checkWhole(); !status.ok())
    return status;
  model->useThreads(options.threads);
  RankingAverage average(inductive);
  bool ranks = phase != Progress::Phase::Replay;
  std::optional<LabelFigures> figures;
  if (labels && ranks)
    figures.emplace(*labels);
  EvaluationConsumer consumer(
      *stream, sequence, phase, position.epochs + 1, ranks ? &average : nullptr,
      figures ? &*figures : nullptr, split, processes != nullptr, observer);
  // Where a pass ends early, no position says how far its states are.
  bool whole = false;
  Interruption interruption(*this, [&] { return whole; });
  Status status =
      shardEvaluator
          ? shardEvaluator->run(sequence, consumer)
          : evaluator->run(sequence, 0, sequence.batchCount(), consumer);
  whole = status.ok();
  if (!whole)
    return status;
  RankingMetrics result = average.result();
  if (figures)
    result.figures = figures->result();
  return result;
}

StatusOr<RankingMetrics>
Trainer::Implementation::evaluateTest(TrainingObserver *observer) {
  auto tested =
      evaluate(Progress::Phase::Test,
               evaluationSequence(split.test, *testNegatives, drawn.test),
               split.inductiveTest, observer);
  if (tested.ok() && labels)
    addRules(tested->figures);
  return tested;
}

/// Adds what rules without parameters reach.
void Trainer::Implementation::addRules(std::vector<Figure> &figures) const {
  LabelTest test;
  test.trainEnd = split.train.back() + 1;
  test.first = split.test.front();
  test.end = split.test.back() + 1;
  if (!isOfEvents(labels->task))
    test.hiddenNodes = split.maskedNodes;
  std::ranges::copy(testLabelRules(*stream, *labels, test),
                    std::back_inserter(figures));
  test.hiddenOnly = true;
  if (std::ranges::find(test.hiddenNodes, 1) != test.hiddenNodes.end())
    for (const Figure &figure : testLabelRules(*stream, *labels, test))
      figures.push_back({figure.name + "_inductive", figure.value});
}

void Trainer::Implementation::noteLackOfNegatives(
    const NegativeSampler &negatives, TrainingObserver *observer) {
  if (observer && negatives.candidates().size() == 1)
    observer->onNote(fmt::format(
        "all events have the destination {}: no other can be drawn as their "
        "negative, so that losses and precisions say nothing",
        stream->nodeName(negatives.candidates()[0])));
}

StatusOr<TestReport> Trainer::Implementation::test(TrainingObserver *observer) {
  if (position.bestEpoch == 0)
    return Status::error("there is nothing to test: no epoch was trained");
  if (Status status = checkWhole(); !status.ok())
    return status;
  best.restore(*state);
  auto start = Clock::now();
  auto metrics = evaluateTest(observer);
  if (!metrics.ok())
    return metrics.status();
  TestReport report;
  report.test = *metrics;
  report.bestEpoch = position.bestEpoch;
  report.compileSeconds = model->compileSeconds();
  report.testSeconds = secondsSince(start);
  report.totalSeconds = totalSeconds();
  measureState(report);
  return report;
}

void Trainer::Implementation::measureState(TestReport &report) const {
  auto add = [&](const FloatArray &array, int64_t rows) {
    auto bytes = array.rowSize() * static_cast<int64_t>(sizeof(float));
    report.stateBytes += array.shape().front() * bytes;
    report.wholeStateBytes += rows * bytes;
  };
  for (const FloatArray &array : state->nodeRows)
    add(array, stream->nodeCount);
  for (size_t cache = 0; cache != state->caches.size(); ++cache)
    add(state->caches[cache], state->cacheIndexes[cache]->rowCount());
}

StatusOr<RankingMetrics>
Trainer::Implementation::replayAndTest(TrainingObserver *observer) {
  if (Status status = checkWhole(); !status.ok())
    return status;
  if (split.test.empty())
    return checkEvaluationSplits(split, *stream);
  if (!labels)
    noteLackOfNegatives(*testNegatives, observer);
  std::vector<int32_t> earlier(split.test.front());
  std::iota(earlier.begin(), earlier.end(), 0);
  state->clearNodeStates();
  // Whose labels the run that trained did not have is not known here.
  std::ranges::fill(split.maskedNodes, 0);
  auto replayed =
      evaluate(Progress::Phase::Replay,
               evaluationSequence(earlier, *testNegatives), {}, observer);
  if (!replayed.ok())
    return replayed;
  return evaluateTest(observer);
}

Status Trainer::Implementation::embed(std::span<const int32_t> nodes,
                                      std::span<const double> times,
                                      std::span<float> result) {
  if (!embedder)
    return Status::error(
        fmt::format("model '{}' has no embed function", manifest.model));
  if (Status status = checkWhole(); !status.ok())
    return status;
  size_t width = embeddingWidth();
  if (times.size() != nodes.size() || result.size() != nodes.size() * width)
    return Status::error(fmt::format(
        "{} nodes with {} times do not go into {} values of {} a row",
        nodes.size(), times.size(), result.size(), width));
  for (size_t query = 0; query != nodes.size(); ++query)
    if (nodes[query] < 0 || nodes[query] >= stream->nodeCount ||
        !std::isfinite(times[query]))
      return Status::error(fmt::format(
          "query {} is node {} at time {}, but nodes are 0 to {} and times "
          "finite",
          query, nodes[query], times[query], stream->nodeCount - 1));

  model->useThreads(options.threads);
  ArenaScope scope(arena);
  std::vector<Timestamp> queryTimes;
  for (double seconds : times)
    queryTimes.push_back(stream->timeScale.at(seconds));
  StepInput input;
  input.stream = stream.get();
  input.graph = &fullGraph;
  input.state = &state->index;
  input.threads = options.threads;
  return answerInChunks(*embedder, embeddingsOutput, input, nodes, queryTimes,
                        3 * static_cast<size_t>(options.batchSize), result);
}

/// Makes rows of nodes what the batches so far have left, for who looks at
/// them.
void Trainer::Implementation::prepareToShowRows() {
  if (!state->exchange)
    return;
  // An observer looks: the next batch's rows, which are prepared, stay known.
  // What the preparing says the run hears, too.
  if (worker.isRunning())
    (void)worker.wait();
  else
    state->exchange->forget();
}

Status Trainer::Implementation::save(const std::string &directory) {
  if (Status status = checkWhole(); !status.ok())
    return status;
  if (Status status = state->fetch(); !status.ok())
    return status;
  position.totalSeconds = totalSeconds();
  RunParts parts{*state, best, position};
  if (!savesTogether())
    return saveCheckpoint(directory, identity, *model, options, *stream, parts);
  auto whole = WholeRows::gather(*state, position.bestEpoch ? &best : nullptr);
  if (!whole.ok())
    return whole.status();
  parts.whole = &*whole;
  Status status = isFirst() ? saveCheckpoint(directory, identity, *model,
                                             options, *stream, parts)
                            : Status();
  return agreedStatus(status);
}

/// What became of what the first process alone has done.
Status Trainer::Implementation::agreedStatus(const Status &status) {
  std::byte failed{!status.ok()};
  if (Status sent = processes->broadcast({&failed, 1}); !sent.ok())
    return sent;
  if (failed != std::byte{0} && status.ok())
    return Status::error("the first process could not write the checkpoint",
                         StatusCode::InputOutput);
  return status;
}

Status Trainer::Implementation::load(const std::string &directory) {
  endCollectives();
  auto file = openCheckpointFile(directory);
  if (!file.ok())
    return file.status();
  if (Status status = checkSameRun(*file, identity); !status.ok())
    return status;
  auto isExact = isInExactEpochs(*file);
  if (!isExact.ok())
    return isExact.status();
  if (*isExact && !exactTrainer)
    return Status::error("the run is in its exact epochs, for which the model "
                         "was not compiled: ask for one or more");
  Status status =
      loadRun(*file, *stream, {trainSequence().batchCount(), epochSteps()},
              {*state, best, position});
  if (!status.ok())
    return status;
  interrupted = false;
  earlierSeconds = position.totalSeconds;
  return replayCaches();
}

/// Brings the index sides of the caches to the run's position. They follow
/// from the epoch's batches, so that checkpoints need not hold them, nor what
/// a policy remembers.
Status Trainer::Implementation::replayCaches() {
  if (state->cacheIndexes.empty() || position.exactFrom)
    return Status();
  bool whole = false;
  Interruption interruption(*this, [&] { return whole; });
  IndexState reached = state->index;
  state->index.reset();
  for (const std::unique_ptr<CacheIndex> &each : state->cacheIndexes)
    each->reset();
  Status status = sharder ? sharder->replay(trainSequence(), 0, position.batch)
                          : trainer->replay(trainSequence(), 0, position.batch);
  state->index = std::move(reached);
  whole = status.ok();
  return status;
}

Status Trainer::Implementation::loadEncoder(const std::string &directory) {
  if (!labels)
    return Status::error("link prediction has no head besides an encoder: "
                         "begin with all of a checkpoint's parameters, or "
                         "choose a task that has labels");
  auto file = openCheckpointFile(directory);
  return file.ok() ? loadEncoderParameters(*file, *state, manifest.head)
                   : file.status();
}

StatusOr<CheckpointMatch>
Trainer::Implementation::loadForTest(const std::string &directory) {
  endCollectives();
  auto file = openCheckpointFile(directory);
  if (!file.ok())
    return file.status();
  Status same = checkSameModel(*file, identity);
  if (same.ok())
    same = checkSameClasses(*file, directory, identity.classes);
  if (!same.ok())
    return same;
  StatusOr<bool> validated = hasBestEpoch(*file);
  if (!validated.ok())
    return validated.status();
  StatusOr<bool> continued = continuesStream(*file, *stream);
  if (!continued.ok())
    return continued.status();
  bool sameRun = checkSameRun(*file, identity).ok();
  Status status = sameRun && *validated
                      ? loadRun(*file, *stream,
                                {trainSequence().batchCount(), epochSteps()},
                                {*state, best, position})
                      : loadParameters(*file, *state);
  if (!status.ok())
    return status;
  interrupted = false;
  if (sameRun && *validated)
    return CheckpointMatch::Run;
  return *continued ? CheckpointMatch::History : CheckpointMatch::Model;
}
