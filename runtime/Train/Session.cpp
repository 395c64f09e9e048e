//===- Session.cpp - Using a trained model --------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Session.h"

#include "lib/Support/MemoryGuard.h"
#include "orcinus/Support/CounterRng.h"
#include "runtime/Train/Queries.h"
#include "runtime/Train/SessionImplementation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace orcinus;

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

/// How many events the states hold for a query at `moment`.
int64_t Session::Implementation::eventsBefore(const Moment &moment) const {
  int64_t before = moment.event >= 0
                       ? moment.event
                       : std::lower_bound(stream.time.begin(),
                                          stream.time.end(), moment.time) -
                             stream.time.begin();
  int64_t start = before >= origin ? origin : 0;
  return start + (before - start) / options.blockSize * options.blockSize;
}

/// The states where blocks are counted from: at `origin`, or, for what is
/// `early`, before the first event.
void Session::Implementation::startStates(bool early) {
  state->clearNodeStates();
  isEarly = early;
  position = early ? 0 : origin;
  if (settled)
    settled->replaced();
  if (early || !atOrigin)
    return;
  atOrigin->restore(*state);
  state->index.growNodes(static_cast<int32_t>(nodeCapacity));
}

Status Session::Implementation::moveTo(int64_t events) {
  if (!advancer || isBranch)
    return Status();
  bool early = events < origin;
  if (early != isEarly || position > events) {
    if (!options.mayReplay)
      return Status::error(
          "the query is about a time before events that the states hold");
    startStates(early);
  }
  while (position < events)
    if (Status status = advanceBlock(options.blockSize); !status.ok())
      return status;
  return Status();
}

StepInput Session::Implementation::stepInput() {
  StepInput input;
  input.stream = &stream;
  input.graph = &graph;
  input.state = &state->index;
  input.threads = options.threads;
  return input;
}

StepInput Session::Implementation::queryInput() {
  StepInput input = stepInput();
  if (settled)
    input.state = &settled->state().index;
  return input;
}

/// Makes the states that queries read those that there are now.
Status Session::Implementation::settle() {
  if (!settled)
    return Status();
  Status status = settled->settle(stepInput());
  return status.ok() ? status : dead = status;
}

/// Takes in the next `size` events.
Status Session::Implementation::advanceBlock(int64_t size) {
  blockEvents.resize(size);
  std::iota(blockEvents.begin(), blockEvents.end(),
            static_cast<int32_t>(position));
  if (Status status = takeBlock(blockEvents); !status.ok())
    return status;
  position += size;
  return Status();
}

/// An error leaves states that no block's end leaves.
Status Session::Implementation::takeBlock(std::span<const int32_t> events) {
  StepInput input = stepInput();
  input.events = events;
  if (Status status = advancer->prepare(input); !status.ok())
    return dead = status;
  if (Status status = advancer->step({}); !status.ok())
    return dead = status;
  if (settled)
    settled->tookIn(stream, events);
  return Status();
}

Status Session::Implementation::advance() {
  model->useThreads(options.threads);
  ArenaScope scope(arena);
  Moment end;
  end.event = stream.eventCount();
  return moveTo(eventsBefore(end));
}

Status Session::Implementation::replayTo(int64_t event) {
  if (isBranch)
    return Status::error("a branch is not replayed: end it first");
  if (event < 0 || event > stream.eventCount())
    return Status::error(
        fmt::format("the states cannot be replayed to event {}: events are 0 "
                    "to {}",
                    event, stream.eventCount() - 1));
  model->useThreads(options.threads);
  ArenaScope scope(arena);
  startStates(/*early=*/true);
  while (advancer && position < event)
    if (Status status =
            advanceBlock(std::min(options.blockSize, event - position));
        !status.ok())
      return status;
  atOrigin.emplace();
  if (Status status = atOrigin->take(*state); !status.ok())
    return dead = status;
  position = origin = event;
  isEarly = false;
  return Status();
}

Status Session::Implementation::beginBranch() {
  if (!options.mayReplay)
    return Status::error("a branch needs states that may start again");
  isBranch = true;
  startStates(/*early=*/false);
  return Status();
}

Status Session::Implementation::advanceBranch(std::span<const int32_t> events) {
  if (!isBranch)
    return Status::error("there is no branch to advance: begin one");
  for (int32_t event : events)
    if (event < 0 || event >= stream.eventCount())
      return Status::error(
          fmt::format("the branch is given event {}, but events are 0 to {}",
                      event, stream.eventCount() - 1));
  if (!advancer || events.empty())
    return Status();
  model->useThreads(options.threads);
  ArenaScope scope(arena);
  return takeBlock(events);
}

Status Session::Implementation::endBranch() {
  if (!isBranch)
    return Status::error("there is no branch to end: begin one");
  isBranch = false;
  startStates(/*early=*/false);
  return Status();
}

Moment Session::Implementation::now() const {
  return {Timestamp::fromKey(stream.time.back().key() + 1)};
}

//===----------------------------------------------------------------------===//
// Queries
//===----------------------------------------------------------------------===//

Status Session::Implementation::checkQuery(size_t query, int32_t node,
                                           const Moment &moment) const {
  if (node != unknownNode && (node < 0 || node >= stream.nodeCount))
    return Status::error(
        fmt::format("query {} is about node {}, but nodes are 0 to {}", query,
                    node, stream.nodeCount - 1));
  if (moment.event >= stream.eventCount())
    return Status::error(
        fmt::format("query {} names event {}, but events are 0 to {}", query,
                    moment.event, stream.eventCount() - 1));
  return Status();
}

/// Calls `answer` with the queries of each moment that the states are moved to,
/// from the earliest on.
template <typename MomentOf, typename Answer>
Status Session::Implementation::inOrderOfMoments(size_t count,
                                                 MomentOf momentOf,
                                                 Answer answer) {
  model->useThreads(options.threads);
  ArenaScope scope(arena);
  std::vector<int64_t> places(count);
  for (size_t query = 0; query != count; ++query)
    places[query] = eventsBefore(momentOf(query));
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t(0));
  std::ranges::sort(
      order, {}, [&](size_t query) { return std::pair(places[query], query); });
  for (size_t begin = 0, end = 0; begin != count; begin = end) {
    while (end != count && places[order[end]] == places[order[begin]])
      ++end;
    if (Status status = moveTo(places[order[begin]]); !status.ok())
      return status;
    if (Status status = settle(); !status.ok())
      return status;
    Status status = answer(std::span(order).subspan(begin, end - begin));
    if (!status.ok())
      return status;
  }
  return Status();
}

/// Queries, or pairs, of a step: what a step of more would gain is no longer
/// worth its memory.
static constexpr size_t chunkSize = 2048;

Status Session::Implementation::embed(std::span<const int32_t> nodes,
                                      std::span<const Moment> moments,
                                      std::span<float> result) {
  if (!embedder)
    return Status::error(
        fmt::format("model '{}' has no embeddings", manifest.model));
  return answerNodes(*embedder, embeddingsOutput, nodes, moments, result,
                     embeddingWidth());
}

Status Session::Implementation::predict(std::span<const int32_t> nodes,
                                        std::span<const Moment> moments,
                                        std::span<float> result) {
  if (predictionWidth() == 0)
    return Status::error(fmt::format(
        "the model was trained for {}, which predicts nothing of nodes: take "
        "one of a task of nodes",
        taskName(task)));
  return answerNodes(*predictor, predictionsOutput, nodes, moments, result,
                     predictionWidth());
}

/// Answers queries of nodes by a row of `width` numbers each.
Status Session::Implementation::answerNodes(Invocation &invocation,
                                            const OutputForm &form,
                                            std::span<const int32_t> nodes,
                                            std::span<const Moment> moments,
                                            std::span<float> result,
                                            size_t width) {
  if (moments.size() != nodes.size() || result.size() != nodes.size() * width)
    return Status::error(fmt::format(
        "{} nodes at {} moments do not go into {} values of {} a row",
        nodes.size(), moments.size(), result.size(), width));
  for (size_t query = 0; query != nodes.size(); ++query)
    if (Status status = checkQuery(query, nodes[query], moments[query]);
        !status.ok())
      return status;
  auto answer = [&](std::span<const size_t> chosen) {
    queryNodes.clear();
    queryTimes.clear();
    for (size_t query : chosen) {
      queryNodes.push_back(rowOf(nodes[query]));
      queryTimes.push_back(moments[query].time);
    }
    std::vector<float> rows(chosen.size() * width);
    Status status = answerInChunks(invocation, form, queryInput(), queryNodes,
                                   queryTimes, chunkSize, rows);
    for (size_t row = 0; row != chosen.size(); ++row)
      std::copy_n(rows.begin() + row * width, width,
                  result.begin() + chosen[row] * width);
    return status;
  };
  return inOrderOfMoments(
      nodes.size(), [&](size_t query) { return moments[query]; }, answer);
}

Status Session::Implementation::score(std::span<const PairQuery> pairs,
                                      std::span<float> logits) {
  if (!scorer)
    return Status::error(fmt::format(
        "the model was trained for {}: it scores no pairs", taskName(task)));
  if (logits.size() != pairs.size())
    return Status::error(fmt::format("{} pairs do not have {} logits",
                                     pairs.size(), logits.size()));
  for (size_t query = 0; query != pairs.size(); ++query)
    for (int32_t node : {pairs[query].source, pairs[query].destination})
      if (Status status = checkQuery(query, node, pairs[query].moment);
          !status.ok())
        return status;
  auto answer = [&](std::span<const size_t> chosen) {
    for (size_t begin = 0; begin < chosen.size(); begin += chunkSize) {
      size_t count = std::min(chunkSize, chosen.size() - begin);
      Status status = scoreChunk(chosen.subspan(begin, count), pairs, logits);
      if (!status.ok())
        return status;
    }
    return Status();
  };
  return inOrderOfMoments(
      pairs.size(), [&](size_t query) { return pairs[query].moment; }, answer);
}

/// Appends to the queries, of which there are `rows`, the distinct `end`s of
/// the chosen pairs; their rows are put into `rowOfPair`. Returns how many
/// queries there are then.
int32_t Session::Implementation::addEnds(std::span<const size_t> chosen,
                                         std::span<const PairQuery> pairs,
                                         int32_t PairQuery::*end, int32_t rows,
                                         std::vector<int32_t> &rowOfPair) {
  queryIndex.clear(/*byTime=*/true);
  int32_t added = 0;
  rowOfPair.clear();
  for (size_t query : chosen)
    rowOfPair.push_back(
        rows + queryIndex.insert(
                   rowOf(pairs[query].*end), pairs[query].moment.time,
                   queryNodes.data() + rows, queryTimes.data() + rows, added));
  return rows + added;
}

/// Scores pairs[chosen[i]]; nodes that they share at one time are embedded
/// once.
Status Session::Implementation::scoreChunk(std::span<const size_t> chosen,
                                           std::span<const PairQuery> pairs,
                                           std::span<float> logits) {
  queryNodes.resize(2 * chosen.size());
  queryTimes.resize(2 * chosen.size());
  // The sources' rows come first: models may treat the two ends differently.
  int32_t sources = addEnds(chosen, pairs, &PairQuery::source, 0, pairSources);
  int32_t rows = addEnds(chosen, pairs, &PairQuery::destination, sources,
                         pairDestinations);
  StepInput input = queryInput();
  input.queryNodes = std::span(queryNodes).first(rows);
  input.queryTimes = std::span(queryTimes).first(rows);
  input.destinationQueries = rows - sources;
  input.pairSources = pairSources;
  input.pairDestinations = pairDestinations;
  input.samplingSeed = randomBits(0, randomStream("score samples"), 0);
  if (Status status = scorer->prepare(input); !status.ok())
    return status;
  if (Status status = scorer->step({}); !status.ok())
    return status;
  std::span<const float> scores =
      scorer->outputs().find(scoresOutput.role).values;
  for (size_t place = 0; place != chosen.size(); ++place) {
    float logit = scores[place];
    if (!std::isfinite(logit))
      return Status::error(
          fmt::format("the logit of pair {} is not finite: look for extreme "
                      "feature values",
                      chosen[place]));
    logits[chosen[place]] = logit;
  }
  return Status();
}

//===----------------------------------------------------------------------===//
// The public face
//===----------------------------------------------------------------------===//

Session::Session(std::unique_ptr<Implementation> implementation)
    : implementation(std::move(implementation)) {}
Session::Session(Session &&) noexcept = default;
Session &Session::operator=(Session &&) noexcept = default;
Session::~Session() = default;

StatusOr<Session> Session::open(const std::string &directory,
                                EventStream history,
                                std::shared_ptr<const CompiledModel> model,
                                const SessionOptions &options) {
  auto opened = Implementation::open(directory, std::move(history),
                                     std::move(model), options);
  if (!opened.ok())
    return opened.status();
  return Session(std::move(*opened));
}

static Status checkUsable(const Status &dead) {
  return dead.ok() ? Status()
                   : Status::error("the session cannot be used any more: " +
                                       dead.message(),
                                   StatusCode::Unusable);
}

/// What `call`, which changes the session, returns, if that can still be used.
/// Where memory does not suffice, nobody knows how far the call came.
template <typename Call>
static auto changing(Status &dead, Call call) -> decltype(call()) {
  if (Status status = checkUsable(dead); !status.ok())
    return status;
  return guarded(call, [&] { return dead = outOfMemory(); });
}

CheckpointMatch Session::match() const { return implementation->match; }
const EventStream &Session::stream() const { return implementation->stream; }
int64_t Session::eventCount() const {
  return implementation->stream.eventCount();
}
int64_t Session::edgeFeatureColumns() const {
  return implementation->stream.edgeFeatures.columns;
}
TimeScale Session::timeScale() const {
  return implementation->stream.timeScale;
}
Timestamp Session::eventTime(int64_t event) const {
  return implementation->stream.time[static_cast<size_t>(event)];
}
Moment Session::now() const { return implementation->now(); }
int64_t Session::stateEvents() const { return implementation->position; }
const NodeNames &Session::names() const { return implementation->names; }
std::span<const int32_t> Session::destinations() const {
  return implementation->destinations;
}
int64_t Session::embeddingWidth() const {
  return implementation->embeddingWidth();
}

Status Session::append(std::span<const NewEvent> events) {
  return changing(implementation->dead,
                  [&] { return implementation->append(events); });
}

Status Session::advance() {
  return changing(implementation->dead,
                  [&] { return implementation->advance(); });
}

uint32_t Session::identity() const {
  return implementation->identityChecksum();
}

Status Session::save(const std::string &path) const {
  return guarded([&] {
    Status status = checkUsable(implementation->dead);
    return status.ok() ? implementation->save(path) : status;
  });
}

Status Session::restore(const std::string &path) {
  return changing(implementation->dead,
                  [&] { return implementation->restore(path); });
}

Status Session::replayTo(int64_t event) {
  return changing(implementation->dead,
                  [&] { return implementation->replayTo(event); });
}

Status Session::beginBranch() {
  return changing(implementation->dead,
                  [&] { return implementation->beginBranch(); });
}

Status Session::advanceBranch(std::span<const int32_t> events) {
  return changing(implementation->dead,
                  [&] { return implementation->advanceBranch(events); });
}

Status Session::endBranch() {
  return changing(implementation->dead,
                  [&] { return implementation->endBranch(); });
}

Status Session::embed(std::span<const int32_t> nodes,
                      std::span<const Moment> moments,
                      std::span<float> result) {
  return changing(implementation->dead, [&] {
    return implementation->embed(nodes, moments, result);
  });
}

Task Session::task() const { return implementation->task; }
int64_t Session::predictionWidth() const {
  return implementation->predictionWidth();
}

Status Session::predict(std::span<const int32_t> nodes,
                        std::span<const Moment> moments,
                        std::span<float> result) {
  return changing(implementation->dead, [&] {
    return implementation->predict(nodes, moments, result);
  });
}

Status Session::score(std::span<const PairQuery> pairs,
                      std::span<float> logits) {
  return changing(implementation->dead,
                  [&] { return implementation->score(pairs, logits); });
}

/// The first `count` of the candidates with the highest logits.
static std::vector<RankedCandidate> bestOf(std::span<const float> logits,
                                           int64_t count) {
  std::vector<size_t> order(logits.size());
  std::iota(order.begin(), order.end(), size_t(0));
  size_t kept = static_cast<size_t>(
      std::clamp<int64_t>(count, 0, static_cast<int64_t>(order.size())));
  std::partial_sort(order.begin(), order.begin() + kept, order.end(),
                    [&](size_t left, size_t right) {
                      return logits[left] != logits[right]
                                 ? logits[left] > logits[right]
                                 : left < right;
                    });
  std::vector<RankedCandidate> ranked;
  for (size_t place : std::span(order).first(kept))
    ranked.push_back({place, logits[place]});
  return ranked;
}

StatusOr<std::vector<RankedCandidate>>
Session::topK(int32_t source, Moment moment,
              std::span<const int32_t> candidates, int64_t count) {
  auto rank = [&]() -> StatusOr<std::vector<RankedCandidate>> {
    std::vector<PairQuery> pairs;
    pairs.reserve(candidates.size());
    for (int32_t candidate : candidates)
      pairs.push_back({source, candidate, moment});
    std::vector<float> logits(pairs.size());
    if (Status status = score(pairs, logits); !status.ok())
      return status;
    return bestOf(logits, count);
  };
  // What is allocated besides scoring leaves the session as it is.
  return guarded(rank);
}
