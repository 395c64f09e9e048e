//===- Evaluator.cpp - Evaluating a scorer under a protocol ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Evaluation/Evaluator.h"

#include "orcinus/Support/CounterRng.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

using namespace orcinus;

namespace {

/// One pass over the events of a part.
class PartRun {
public:
  PartRun(const EventStream &stream, const Protocol &protocol,
          EvaluationPart part, PairScorer &scorer,
          const EvaluatorOptions &options)
      : stream(stream), protocol(protocol), part(part), scorer(scorer),
        options(options), all(protocol.wantsSplitFigures()),
        newNodes(protocol.wantsSplitFigures()) {}

  Status run();
  PartMetrics result() const { return {all.result(), newNodes.result()}; }

private:
  Status runBatch(std::span<const int32_t> batch);
  Status scoreByTime(std::span<const int32_t> batch);
  Status giveUpToNextBatch(size_t batchSize);
  Status score(std::span<const int32_t> batch, size_t begin, size_t end);
  void addQueries(std::span<const int32_t> batch, size_t place);
  void takeScores(size_t place, std::span<const double> &scores);
  void collect(std::span<const int32_t> batch);

  /// Whether the event at `place` of the current batch belongs to the sample.
  bool isScored(size_t place) const {
    size_t event = batchBegin + place;
    size_t every = static_cast<size_t>(options.scoreEvery);
    size_t block = event / every;
    // What is left over at the end may have fewer.
    size_t size = std::min(every, protocol.events(part).size() - block * every);
    return event % every ==
           randomBelow(/*seed=*/0, randomStream("sample"), block, size);
  }

  std::span<const int32_t> negativesOf(size_t place) const {
    return std::span(negatives.destinations)
        .subspan(negatives.offsets[place],
                 negatives.offsets[place + 1] - negatives.offsets[place]);
  }

  const EventStream &stream;
  const Protocol &protocol;
  EvaluationPart part;
  PairScorer &scorer;
  const EvaluatorOptions &options;
  LinkMetricsCollector all;
  LinkMetricsCollector newNodes;
  /// The new-node events before it are done.
  size_t newNodePosition = 0;
  /// Where the current batch begins among the events of the part.
  size_t batchBegin = 0;
  /// The events of the part before it were given to the scorer.
  size_t given = 0;
  NegativeBatch negatives;
  PairQueries queries;
  std::vector<double> scores;
  std::vector<double> positiveScores;
  std::vector<double> negativeScores;
};

} // namespace

void PartRun::addQueries(std::span<const int32_t> batch, size_t place) {
  int32_t event = batch[place];
  int32_t source = stream.source[event];
  Timestamp time = stream.time[event];
  std::span<const int32_t> others = negativesOf(place);
  queries.destinations.push_back(stream.destination[event]);
  if (negatives.sources.empty()) {
    queries.destinations.insert(queries.destinations.end(), others.begin(),
                                others.end());
    queries.endQuery(source, time, event);
    return;
  }
  queries.endQuery(source, time, event);
  for (size_t i = 0; i != others.size(); ++i) {
    queries.destinations.push_back(others[i]);
    queries.endQuery(negatives.sources[negatives.offsets[place] + i], time,
                     event);
  }
}

/// Takes the scores of an event from the front of `scores`.
void PartRun::takeScores(size_t place, std::span<const double> &rest) {
  positiveScores[place] = rest[0];
  size_t count = negativesOf(place).size();
  std::copy_n(rest.begin() + 1, count,
              negativeScores.begin() + negatives.offsets[place]);
  rest = rest.subspan(1 + count);
}

/// Scores the events of `batch` from `begin` to `end` and their negatives.
Status PartRun::score(std::span<const int32_t> batch, size_t begin,
                      size_t end) {
  queries.clear();
  for (size_t place = begin; place != end; ++place)
    if (isScored(place))
      addQueries(batch, place);
  if (queries.destinations.empty())
    return Status();
  scores.resize(queries.destinations.size());
  if (Status status = scorer.score(queries, scores); !status.ok())
    return status;
  std::span<const double> rest = scores;
  for (size_t place = begin; place != end; ++place) {
    if (!isScored(place))
      continue;
    std::span<const double> own = rest.first(1 + negativesOf(place).size());
    if (std::ranges::any_of(own,
                            [](double score) { return std::isnan(score); }))
      return Status::error(fmt::format(
          "a score of event {} or of one of its negatives is no number; a rank "
          "among such scores means nothing",
          batch[place]));
    takeScores(place, rest);
  }
  return Status();
}

/// Scores the events of each time from the state of all before.
Status PartRun::scoreByTime(std::span<const int32_t> batch) {
  std::span<const int32_t> events = protocol.events(part);
  for (size_t begin = 0, end = 0; begin != batch.size(); begin = end) {
    Timestamp time = stream.time[batch[begin]];
    while (end != batch.size() && stream.time[batch[end]] == time)
      ++end;
    // Earlier events of this very time may lie in the batch before.
    size_t earlier = batchBegin + begin;
    while (earlier != 0 && stream.time[events[earlier - 1]] == time)
      --earlier;
    if (earlier > given)
      if (Status status =
              scorer.advance(events.subspan(given, earlier - given));
          !status.ok())
        return status;
    given = std::max(given, earlier);
    if (Status status = score(batch, begin, end); !status.ok())
      return status;
  }
  return giveUpToNextBatch(batch.size());
}

/// Gives the events that are earlier than the next batch, so that what the end
/// of a batch does to the scorer is done to its own events.
Status PartRun::giveUpToNextBatch(size_t batchSize) {
  std::span<const int32_t> events = protocol.events(part);
  size_t next = batchBegin + batchSize, earlier = next;
  if (next != events.size())
    while (earlier > given &&
           stream.time[events[earlier - 1]] == stream.time[events[next]])
      --earlier;
  if (earlier <= given)
    return Status();
  Status status = scorer.advance(events.subspan(given, earlier - given));
  given = earlier;
  return status;
}

void PartRun::collect(std::span<const int32_t> batch) {
  std::span<const int32_t> isNew = protocol.newNodeEvents(part);
  bool ranked = protocol.wantsRanks();
  for (size_t place = 0; place != batch.size(); ++place) {
    std::span<const double> others =
        std::span(negativeScores)
            .subspan(negatives.offsets[place], negativesOf(place).size());
    bool hasNewNode = newNodePosition != isNew.size() &&
                      isNew[newNodePosition] == batch[place];
    newNodePosition += hasNewNode;
    if (!isScored(place))
      continue;
    all.add(positiveScores[place], others, ranked);
    if (hasNewNode)
      newNodes.add(positiveScores[place], others, ranked);
  }
  all.endBatch();
  newNodes.endBatch();
}

Status PartRun::runBatch(std::span<const int32_t> batch) {
  positiveScores.resize(batch.size());
  negativeScores.resize(negatives.destinations.size());
  if (options.lag == StateLag::Timestamp)
    return scoreByTime(batch);
  if (Status status = score(batch, 0, batch.size()); !status.ok())
    return status;
  given += batch.size();
  return scorer.advance(batch);
}

Status PartRun::run() {
  std::span<const int32_t> events = protocol.events(part);
  std::shared_ptr<NegativeDraws> draws = protocol.negatives(part);
  size_t batchSize = static_cast<size_t>(protocol.batchSize());
  for (size_t begin = 0; begin < events.size(); begin += batchSize) {
    std::span<const int32_t> batch =
        events.subspan(begin, std::min(batchSize, events.size() - begin));
    batchBegin = begin;
    Status status = draws->draw(batch, negatives);
    if (status.ok())
      status = runBatch(batch);
    if (!status.ok())
      return status;
    collect(batch);
    scorer.endBatch();
  }
  return given < events.size() ? scorer.advance(events.subspan(given))
                               : Status();
}

/// Gives events in batches.
static Status give(std::span<const int32_t> events, int64_t batchSize,
                   PairScorer &scorer) {
  size_t size = static_cast<size_t>(batchSize);
  for (size_t begin = 0; begin < events.size(); begin += size) {
    Status status = scorer.advance(
        events.subspan(begin, std::min(size, events.size() - begin)));
    if (!status.ok())
      return status;
    scorer.endBatch();
  }
  return Status();
}

/// Evaluates a part and, where the protocol has one, its new-node part.
static StatusOr<PartMetrics>
evaluateParts(const EventStream &stream, const Protocol &protocol,
              EvaluationPart part, EvaluationPart newNodePart,
              PairScorer &scorer, const EvaluatorOptions &options) {
  std::unique_ptr<PairScorer> copy;
  if (protocol.hasNewNodeParts())
    copy = scorer.clone();
  PartRun run(stream, protocol, part, scorer, options);
  if (Status status = run.run(); !status.ok())
    return status;
  PartMetrics metrics = run.result();
  if (!protocol.hasNewNodeParts())
    return metrics;
  PartRun newNodes(stream, protocol, newNodePart, copy ? *copy : scorer,
                   options);
  if (Status status = newNodes.run(); !status.ok())
    return status;
  metrics.newNodes = newNodes.result().all;
  return metrics;
}

StatusOr<ProtocolResult>
orcinus::evaluateScorer(const EventStream &stream, const Protocol &protocol,
                        PairScorer &scorer, const EvaluatorOptions &options) {
  ProtocolResult result;
  Status status = give(protocol.split().train, protocol.batchSize(), scorer);
  if (!status.ok())
    return status;
  if (options.validation) {
    auto validation =
        evaluateParts(stream, protocol, EvaluationPart::Validation,
                      EvaluationPart::NewNodeValidation, scorer, options);
    if (!validation.ok())
      return validation.status();
    result.validation = *validation;
  } else if (Status status = give(protocol.split().validation,
                                  protocol.batchSize(), scorer);
             !status.ok()) {
    return status;
  }
  auto test = evaluateParts(stream, protocol, EvaluationPart::Test,
                            EvaluationPart::NewNodeTest, scorer, options);
  if (!test.ok())
    return test.status();
  result.test = *test;
  return result;
}

static void addFigures(const std::string &prefix, const std::string &suffix,
                       const LinkMetrics &metrics,
                       std::vector<Figure> &figures) {
  const std::pair<const char *, double> named[] = {
      {"ap", metrics.averagePrecision},
      {"auc", metrics.areaUnderCurve},
      {"ap_split", metrics.splitAveragePrecision},
      {"auc_split", metrics.splitAreaUnderCurve},
      {"mrr", metrics.meanReciprocalRank},
      {"hits1", metrics.hits1},
      {"hits3", metrics.hits3},
      {"hits10", metrics.hits10},
      {"ndcg10", metrics.gain10},
      {"events", static_cast<double>(metrics.events)}};
  for (const auto &[name, value] : named)
    figures.push_back({prefix + name + suffix, value});
}

std::vector<Figure> orcinus::figuresOf(const ProtocolResult &result) {
  std::vector<Figure> figures;
  addFigures("", "", result.test.all, figures);
  addFigures("", "_inductive", result.test.newNodes, figures);
  if (result.validation) {
    addFigures("val_", "", result.validation->all, figures);
    addFigures("val_", "_inductive", result.validation->newNodes, figures);
  }
  return figures;
}
