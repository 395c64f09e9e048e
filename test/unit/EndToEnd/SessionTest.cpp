//===- SessionTest.cpp - Using trained models -----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SessionFixture.h"
#include "orcinus/Graph/Loader.h"
#include "orcinus/Graph/Writer.h"
#include "orcinus/c/Orcinus.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// Numbers the nodes from `first` on in the order in which events name them,
/// from event `begin` on; each is named.
void numberByAppearance(EventStream &stream, int64_t begin, int32_t first) {
  std::map<int32_t, int32_t> numbers;
  for (int64_t event = begin; event != stream.eventCount(); ++event)
    for (auto *ends : {&stream.source, &stream.destination})
      if (int32_t node = (*ends)[event]; node >= first)
        ends->set(
            event,
            numbers.try_emplace(node, first + numbers.size()).first->second);
}

TEST_P(SessionTest, ScoresAreThoseOfTheTest) {
  expectScoresOfTheTest(fastRun());
}

TEST_P(SessionTest, ScoresAreThoseOfTheTestOfAnotherProtocol) {
  TrainOptions run = fastRun();
  run.protocol = "dyglib";
  expectScoresOfTheTest(run);
}

TEST_P(SessionTest, AppendedEventsCountAsIfTheyHadAlwaysBeenThere) {
  // Some nodes come later.
  constexpr int64_t known = 1500;
  EventStream later = *stream;
  for (auto *ends : {&later.source, &later.destination})
    for (int64_t event = 0; event != known; ++event)
      ends->set(event, (*ends)[event] % 120);
  // Walk matrices have a random vector a node, by its number.
  if (GetParam() == "tpnet")
    numberByAppearance(later, known, 120);
  stream = std::make_shared<EventStream>(std::move(later));
  auto history = std::make_shared<EventStream>(beginningOf(*stream, known));
  history->nodeCount = 120;
  train(history);
  Session whole = open(*stream), grown = open(*history);
  EXPECT_EQ(whole.match(), CheckpointMatch::Run);
  for (int64_t begin = known, end = 0, step = 1; begin != 2000;
       begin = end, step = step * 3 % 67 + 1) {
    end = std::min<int64_t>(2000, begin + step);
    ASSERT_TRUE(append(grown, *stream, begin, end).ok());
    if (step % 4 == 0)
      ASSERT_TRUE(grown.advance().ok());
  }
  ASSERT_EQ(grown.eventCount(), 2000);
  std::vector<PairQuery> ofWhole, ofGrown;
  auto ask = [&](int32_t source, int32_t destination, Moment moment) {
    ofWhole.push_back({source, destination, moment});
    ofGrown.push_back({grown.node(stream->nodeName(source)),
                       grown.node(stream->nodeName(destination)), moment});
  };
  for (int32_t event = 1000; event < 2000; event += 7) {
    ask(stream->source[event], stream->destination[event],
        {stream->time[event]});
    ask(stream->source[event], stream->destination[event * 7 % 2000],
        {stream->time[event], event});
  }
  ask(stream->source[3], stream->destination[5], whole.now());
  EXPECT_EQ(scoresOf(whole, ofWhole), scoresOf(grown, ofGrown));
  EXPECT_EQ(whole.stateEvents(), grown.stateEvents());

  if (scoresPairs()) {
    EXPECT_EQ(whole.embeddingWidth(), 0);
    EXPECT_FALSE(whole.embed({}, {}, {}).ok());
    return;
  }
  std::vector<int32_t> nodes, others;
  for (int32_t node = 0; node != 150; ++node) {
    nodes.push_back(node);
    others.push_back(grown.node(stream->nodeName(node)));
  }
  std::vector<Moment> moments(150, whole.now());
  std::vector<float> left(150 * whole.embeddingWidth()), right(left);
  ASSERT_TRUE(whole.embed(nodes, moments, left).ok());
  ASSERT_TRUE(grown.embed(others, moments, right).ok());
  EXPECT_EQ(left, right);
  EXPECT_TRUE(std::any_of(left.begin(), left.end(),
                          [](float value) { return value != 0; }));
}

// Whether states are asked about after each event or once does not count.
TEST_P(SessionTest, QuestionsInBetweenChangeNothing) {
  EventStream history = beginningOf(*stream, 1500);
  train(std::make_shared<EventStream>(history));
  SessionOptions options;
  options.blockSize = 1;
  options.mayReplay = false;
  Session asked = open(history, options), silent = open(history, options);
  for (int64_t event = 1500; event != 1600; ++event) {
    scoresOf(asked, {{stream->source[event],
                      stream->destination[event],
                      {stream->time[event]}}});
    ASSERT_OK(append(asked, *stream, event, event + 1));
  }
  ASSERT_OK(append(silent, *stream, 1500, 1600));
  std::vector<PairQuery> pairs;
  for (int32_t node = 0; node != 150; ++node)
    pairs.push_back({node, node * 7 % 150, asked.now()});
  EXPECT_EQ(scoresOf(asked, pairs), scoresOf(silent, pairs));
}

TEST_P(SessionTest, BestOfCandidatesAreThoseWithTheHighestScores) {
  train(stream);
  Session session = open(*stream);
  std::vector<int32_t> candidates(session.destinations().begin(),
                                  session.destinations().end());
  std::vector<PairQuery> pairs;
  for (int32_t candidate : candidates)
    pairs.push_back({7, candidate, session.now()});
  std::vector<float> logits = scoresOf(session, pairs);
  auto best = session.topK(7, session.now(), candidates, 10);
  ASSERT_TRUE(best.ok()) << best.message();
  ASSERT_EQ(best->size(), 10u);
  std::vector<float> sorted = logits;
  std::sort(sorted.rbegin(), sorted.rend());
  for (size_t rank = 0; rank != 10; ++rank) {
    EXPECT_EQ((*best)[rank].logit, sorted[rank]);
    EXPECT_EQ(logits[(*best)[rank].place], sorted[rank]);
  }
  EXPECT_EQ(session.topK(7, session.now(), candidates, 1 << 20)->size(),
            candidates.size());
  EXPECT_TRUE(session.topK(7, session.now(), {}, 3)->empty());
}

TEST_P(SessionTest, WhatIsRefusedChangesNothing) {
  train(stream);
  Session session = open(*stream);
  std::vector<PairQuery> pairs = {{1, 2, session.now()}};
  std::vector<float> before = scoresOf(session, pairs);
  std::vector<float> features(session.edgeFeatureColumns());
  Timestamp newest = session.eventTime(session.eventCount() - 1);
  NewEvent good{"new", "1", newest, features};
  NewEvent late{"1", "2", session.eventTime(3), features};
  features.push_back(0);
  NewEvent wide{"1", "2", newest, features};
  for (const NewEvent &bad : {late, wide}) {
    std::vector<NewEvent> events = {good, bad};
    EXPECT_FALSE(session.append(events).ok());
  }
  EXPECT_EQ(session.eventCount(), stream->eventCount());
  EXPECT_FALSE(session.names().find("new"));
  EXPECT_EQ(scoresOf(session, pairs), before);
  for (PairQuery bad : {PairQuery{-2, 2, session.now()},
                        PairQuery{1, stream->nodeCount, session.now()},
                        PairQuery{1, 2, {newest, stream->eventCount()}}}) {
    std::vector<float> logit(1);
    EXPECT_FALSE(session.score(std::span(&bad, 1), logit).ok());
  }
  EXPECT_FALSE(session.score(pairs, {}).ok());
  // More candidates than there is memory for: none of them is read.
  int32_t candidate = 2;
  auto best =
      session.topK(1, session.now(), std::span(&candidate, size_t(1) << 60), 3);
  EXPECT_EQ(best.code(), StatusCode::OutOfMemory);
  EXPECT_EQ(scoresOf(session, pairs), before);
}

// Asking about a node that nobody knows leaves no trace: it scores as one that
// has a name but no event.
TEST_P(SessionTest, UnknownNodesHaveNoPast) {
  auto known = std::make_shared<EventStream>(*stream);
  known->nodeCount += 1;
  train(known);
  Session session = open(*known);
  ASSERT_EQ(session.node("150"), 150);
  ASSERT_EQ(session.node("151"), unknownNode);
  std::vector<float> logits =
      scoresOf(session, {{3, 150, session.now()},
                         {3, unknownNode, session.now()},
                         {150, 4, session.now()},
                         {unknownNode, 4, session.now()}});
  if (GetParam() != "tpnet") {
    EXPECT_EQ(logits[0], logits[1]);
    EXPECT_EQ(logits[2], logits[3]);
  }
  EXPECT_EQ(session.names().nodeCount(), 151);
  EXPECT_NE(logits[0], scoresOf(session, {{3, 4, session.now()}})[0]);
}

TEST_P(SessionTest, LateEventsMayCountAtTheNewestTime) {
  train(stream);
  SessionOptions options;
  options.lateEvents = LateEvents::ClampToNewest;
  Session session = open(*stream, options);
  std::vector<float> features(session.edgeFeatureColumns());
  NewEvent late{"1", "2", session.eventTime(3), features};
  ASSERT_TRUE(session.append(std::span(&late, 1)).ok());
  EXPECT_EQ(session.eventTime(stream->eventCount()),
            session.eventTime(stream->eventCount() - 1));
}

TEST_P(SessionTest, EventsCountAtOnceWithBlocksOfOne) {
  train(stream);
  SessionOptions options;
  options.blockSize = 1;
  options.mayReplay = false;
  Session session = open(*stream, options);
  std::vector<PairQuery> now = {{1, 2, session.now()}};
  std::vector<float> before = scoresOf(session, now);
  bool hasStates = session.stateEvents() == stream->eventCount();
  EXPECT_EQ(hasStates, advances());
  std::vector<float> features(session.edgeFeatureColumns());
  NewEvent event{"1", "2", session.eventTime(session.eventCount() - 1),
                 features};
  ASSERT_TRUE(session.append(std::span(&event, 1)).ok());
  std::vector<float> after = scoresOf(session, now);
  EXPECT_NE(after, before);
  // What the states hold already cannot be taken from them.
  std::vector<PairQuery> past = {{1, 2, {session.eventTime(5)}}};
  std::vector<float> logit(1);
  EXPECT_EQ(session.score(past, logit).ok(), !hasStates);
  EXPECT_EQ(scoresOf(session, now), after);
}

TEST_P(SessionTest, OtherEventsStartWithEmptyStates) {
  train(stream);
  auto others = generatedStream(150, 900);
  Session session = open(*others);
  EXPECT_EQ(session.match(), CheckpointMatch::Model);
  EXPECT_EQ(session.stateEvents(), 0);
  EXPECT_TRUE(std::isfinite(scoresOf(session, {{1, 2, session.now()}})[0]));
}

TEST_P(SessionTest, ModelsOfOtherSizesAreRefused) {
  train(stream);
  CompileOptions compile = sessionCompileOptions(smallOptions(*stream));
  compile.dimension = 16;
  auto session = Session::open(folder, *stream, compileForTest(compile));
  ASSERT_FALSE(session.ok());
  EXPECT_NE(session.message().find("size 'dim'"), std::string::npos)
      << session.message();
}

/// The same stream of the C interface.
orcinus_stream *streamInC(const EventStream &stream) {
  const FeatureMatrix &edges = stream.edgeFeatures,
                      &nodes = stream.nodeFeatures;
  return orcinus_stream_create(
      stream.source.data(), stream.destination.data(), secondsOf(stream).data(),
      stream.eventCount(), stream.nodeCount, edges.values.data(), edges.columns,
      nodes.values.data(), nodes.columns, nullptr);
}

/// Options with the cache of the tests.
orcinus_options *optionsInC() {
  orcinus_options *options = orcinus_options_create(nullptr);
  std::string cache = testing::TempDir() + "orcinus-end-to-end";
  EXPECT_EQ(orcinus_options_set(options, "threads", "2", nullptr), 0);
  EXPECT_EQ(orcinus_options_set(options, "cache-dir", cache.c_str(), nullptr),
            0);
  return options;
}

/// The session of `folder`'s checkpoint over `stream`; null after a failure.
orcinus_session *openInC(const std::string &folder, const EventStream &stream) {
  char *error = nullptr;
  orcinus_stream *history = streamInC(stream);
  EXPECT_NE(history, nullptr);
  orcinus_options *options = optionsInC();
  orcinus_session *opened =
      orcinus_session_open(folder.c_str(), history, options, &error);
  EXPECT_NE(opened, nullptr) << error;
  orcinus_options_free(options);
  orcinus_stream_free(history);
  return opened;
}

TEST_P(SessionTest, InC) {
  train(stream);
  Session session = open(*stream);
  char *error = nullptr;
  orcinus_session *used = openInC(folder, *stream);
  ASSERT_NE(used, nullptr);

  double newest = stream->seconds(stream->eventCount() - 1), next = newest + 1;
  const char *source = "3", *destination = "new";
  ASSERT_EQ(orcinus_session_append(used, &source, &destination, &next, nullptr,
                                   1, &error),
            0);
  NewEvent event{source, destination, session.timeScale().at(next), {}};
  ASSERT_TRUE(session.append(std::span(&event, 1)).ok());
  EXPECT_EQ(orcinus_session_event_count(used), session.eventCount());
  EXPECT_EQ(orcinus_session_append(used, &source, &destination, &newest,
                                   nullptr, 1, &error),
            -1);
  EXPECT_NE(std::string(error).find("before the newest"), std::string::npos);
  orcinus_string_free(error);

  int32_t from = 3, to = orcinus_session_node(used, "new");
  EXPECT_EQ(to, session.node("new"));
  EXPECT_EQ(orcinus_session_node(used, "nobody"), -1);
  char *name = orcinus_session_node_name(used, to);
  EXPECT_STREQ(name, "new");
  orcinus_string_free(name);
  EXPECT_EQ(orcinus_session_node_name(used, to + 1), nullptr);

  double asked = next + 1;
  Moment when{session.timeScale().at(asked)};
  float logit = 0;
  ASSERT_EQ(orcinus_session_score(used, &from, &to, &asked, 1, &logit, &error),
            0);
  EXPECT_EQ(logit, scoresOf(session, {{from, to, when}})[0]);
  int32_t nodes[3];
  float logits[3];
  ASSERT_EQ(orcinus_session_top(used, from, asked, nullptr, 0, 3, nodes, logits,
                                &error),
            3);
  auto best = session.topK(from, when, session.destinations(), 3);
  ASSERT_TRUE(best.ok());
  for (size_t rank = 0; rank != 3; ++rank) {
    EXPECT_EQ(nodes[rank], session.destinations()[(*best)[rank].place]);
    EXPECT_EQ(logits[rank], (*best)[rank].logit);
  }
  std::vector<float> row(orcinus_session_embedding_width(used)), other(row);
  EXPECT_EQ(row.empty(), scoresPairs());
  if (!row.empty()) {
    ASSERT_EQ(orcinus_session_embed(used, &from, &asked, 1, row.data(), &error),
              0);
    ASSERT_TRUE(
        session.embed(std::span(&from, 1), std::span(&when, 1), other).ok());
    EXPECT_EQ(row, other);
  }
  std::string path = folder + "/snapshot";
  EXPECT_EQ(orcinus_session_save(used, folder.c_str(), &error), -1);
  orcinus_string_free(error);
  ASSERT_EQ(orcinus_session_save(used, path.c_str(), &error), 0) << error;
  Session restored = open(*stream);
  ASSERT_OK(restored.restore(path));
  EXPECT_EQ(scoresOf(restored, {{from, to, when}})[0], logit);
  ASSERT_EQ(orcinus_session_restore(used, path.c_str(), &error), 0) << error;
  EXPECT_EQ(orcinus_session_event_count(used), session.eventCount());

  double never = NAN;
  EXPECT_EQ(orcinus_session_embed(used, &from, &never, 1, row.data(), nullptr),
            -1);
  orcinus_session_free(used);
  EXPECT_EQ(orcinus_session_open("nowhere", nullptr, nullptr, nullptr),
            nullptr);
}

class FeatureSessionTest : public SessionTest {
protected:
  FeatureSessionTest() { stream = smallStream(3, 2, 31); }
};

TEST_P(FeatureSessionTest, InC) {
  train(stream);
  Session session = open(*stream);
  char *error = nullptr;
  orcinus_session *used = openInC(folder, *stream);
  ASSERT_NE(used, nullptr);
  EXPECT_EQ(orcinus_session_match(used), ORCINUS_MATCH_RUN);
  const char *sources[] = {"3", "new"}, *destinations[] = {"new", "5"};
  double newest = stream->seconds(stream->eventCount() - 1);
  double times[] = {newest + 1, newest + 2};
  float features[] = {1, -1, 0.5f, 0, 2, -0.25f};
  EXPECT_EQ(orcinus_session_append(used, sources, destinations, times, nullptr,
                                   2, &error),
            -1);
  EXPECT_NE(std::string(error).find("has 0 features"), std::string::npos);
  orcinus_string_free(error);
  ASSERT_EQ(orcinus_session_append(used, sources, destinations, times, features,
                                   2, &error),
            0)
      << error;
  std::vector<NewEvent> events;
  for (int event : {0, 1})
    events.push_back({sources[event], destinations[event],
                      session.timeScale().at(times[event]),
                      std::span(features).subspan(3 * event, 3)});
  ASSERT_OK(session.append(events));
  int32_t from[] = {3, 4}, to[] = {orcinus_session_node(used, "new"), 5};
  double asked[] = {newest + 3, newest + 3};
  float logits[2] = {};
  ASSERT_EQ(orcinus_session_score(used, from, to, asked, 2, logits, &error), 0)
      << error;
  Moment when{session.timeScale().at(newest + 3)};
  EXPECT_EQ(scoresOf(session, {{from[0], to[0], when}, {from[1], to[1], when}}),
            std::vector<float>(logits, logits + 2));
  orcinus_session_free(used);
}

class ArgumentsInCTest : public SessionTest {};

TEST_P(ArgumentsInCTest, AreChecked) {
  stream = smallStream(3, 0, 32);
  train(stream);
  char *error = nullptr;
  orcinus_session *used = openInC(folder, *stream);
  ASSERT_NE(used, nullptr);
  auto refuses = [&](int64_t result, const char *words) {
    EXPECT_EQ(result, -1) << words;
    EXPECT_EQ(orcinus_last_code(), ORCINUS_INVALID_ARGUMENT) << words;
    EXPECT_NE(std::string(error ? error : "").find(words), std::string::npos)
        << (error ? error : words);
    orcinus_string_free(error);
  };
  const char *name = "1", *none = nullptr;
  double time = stream->seconds(stream->eventCount() - 1) + 1;
  float features[3] = {}, logit = 0;
  int32_t node = 1, best = 0;
  auto append = [&](const char *const *source, const char *const *destination,
                    const double *when, int64_t events) {
    return orcinus_session_append(used, source, destination, when, features,
                                  events, &error);
  };
  refuses(append(&name, &name, &time, -1), "number of sources: -1");
  refuses(append(nullptr, &name, &time, 1), "the sources are null");
  refuses(append(&name, nullptr, &time, 1), "the destinations are null");
  refuses(append(&name, &name, nullptr, 1), "the times are null");
  refuses(append(&none, &name, &time, 1), "a node of event 0 is null");
  refuses(append(&name, &none, &time, 1), "a node of event 0 is null");
  refuses(append(&name, &name, &time, INT64_MAX), "more than there can be");
  EXPECT_EQ(orcinus_session_event_count(used), stream->eventCount());

  auto score = [&](const int32_t *source, const int32_t *destination,
                   const double *when, int64_t pairs, float *result) {
    return orcinus_session_score(used, source, destination, when, pairs, result,
                                 &error);
  };
  refuses(score(&node, &node, &time, -1, &logit), "number of sources: -1");
  refuses(score(nullptr, &node, &time, 1, &logit), "the sources are null");
  refuses(score(&node, nullptr, &time, 1, &logit), "the destinations are null");
  refuses(score(&node, &node, nullptr, 1, &logit), "the times are null");
  refuses(score(&node, &node, &time, 1, nullptr), "the logits are null");

  auto top = [&](const int32_t *candidates, int64_t among, int64_t count,
                 int32_t *nodes, float *logits) {
    return orcinus_session_top(used, 1, time, candidates, among, count, nodes,
                               logits, &error);
  };
  refuses(top(&node, -1, 1, &best, &logit), "number of candidates: -1");
  refuses(top(nullptr, 0, -1, &best, &logit), "number of best nodes: -1");
  refuses(top(nullptr, 0, 1, nullptr, &logit), "the best nodes are null");
  refuses(top(nullptr, 0, 1, &best, nullptr), "the logits of the best nodes");
  EXPECT_EQ(top(&node, 1, 1, &best, &logit), 1);
  EXPECT_EQ(best, node);
  EXPECT_EQ(top(&node, 0, 1, &best, &logit), 0);

  std::vector<float> row(orcinus_session_embedding_width(used));
  auto embed = [&](const int32_t *nodes, const double *when, int64_t queries,
                   float *result) {
    return orcinus_session_embed(used, nodes, when, queries, result, &error);
  };
  refuses(embed(&node, &time, -1, row.data()), "number of nodes: -1");
  refuses(embed(nullptr, &time, 1, row.data()), "the nodes are null");
  refuses(embed(&node, nullptr, 1, row.data()), "the times are null");
  refuses(embed(&node, &time, 1, nullptr), "of the result are null");
  refuses(orcinus_session_predict(used, &node, &time, -1, nullptr, &error),
          "number of nodes: -1");
  EXPECT_EQ(orcinus_session_node(used, nullptr), -1);
  orcinus_session_free(used);
}

class GrownHistoryTest : public SessionTest {};

/// Nodes that came later have ids between those of the run, so that files
/// number the others otherwise.
TEST_P(GrownHistoryTest, IsAligned) {
  EventStream old = *stream;
  old.externalIds.clear();
  for (int32_t node = 0; node != old.nodeCount; ++node)
    old.externalIds.push_back(10 * node);
  auto trained = std::make_shared<const EventStream>(old);
  train(trained);
  Session before = open(old);
  double newest = old.seconds(old.eventCount() - 1);
  auto scoresOfPairs = [&](Session &session) {
    Moment moment{session.timeScale().at(newest)};
    return scoresOf(session, {{1, 2, moment}, {3, 7, moment}});
  };

  std::string file = folder + "/grown.csv";
  ASSERT_OK(writeEventCsv(old, file));
  std::ofstream(file, std::ios::app) << "5,15," << newest + 1000 << '\n';
  auto loaded = loadEventStream(file);
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EventStream grown = std::move(loaded->stream);
  EXPECT_EQ(open(grown).match(), CheckpointMatch::Model);
  ASSERT_OK(alignWithCheckpoint(folder, grown));
  Session session = open(grown);
  EXPECT_EQ(session.match(), CheckpointMatch::Run);
  EXPECT_EQ(session.node("20"), 2);
  EXPECT_EQ(session.node("5"), old.nodeCount);
  EXPECT_EQ(scoresOfPairs(session), scoresOfPairs(before));

  char *error = nullptr;
  orcinus_options *options = optionsInC();
  orcinus_stream *inC = orcinus_stream_open(file.c_str(), nullptr, &error);
  ASSERT_NE(inC, nullptr) << error;
  for (orcinus_match expected : {ORCINUS_MATCH_MODEL, ORCINUS_MATCH_RUN}) {
    orcinus_session *used =
        orcinus_session_open(folder.c_str(), inC, options, &error);
    ASSERT_NE(used, nullptr) << error;
    EXPECT_EQ(orcinus_session_match(used), expected);
    orcinus_session_free(used);
    ASSERT_EQ(orcinus_stream_align(inC, folder.c_str(), &error), 0) << error;
  }
  orcinus_stream_free(inC);
  orcinus_options_free(options);
}

INSTANTIATE_TEST_SUITE_P(Models, SessionTest,
                         testing::Values("tgn", "tgat", "tpnet", "jodie",
                                         "apan", "tcl", "dygformer", "dyrep"),
                         [](const auto &info) { return info.param; });

INSTANTIATE_TEST_SUITE_P(Models, FeatureSessionTest,
                         testing::Values("tgn", "tgat"),
                         [](const auto &info) { return info.param; });

INSTANTIATE_TEST_SUITE_P(Models, ArgumentsInCTest, testing::Values("tgn"),
                         [](const auto &info) { return info.param; });

INSTANTIATE_TEST_SUITE_P(Models, GrownHistoryTest,
                         testing::Values("jodie", "tpnet"),
                         [](const auto &info) { return info.param; });

} // namespace
