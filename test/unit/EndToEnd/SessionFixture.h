//===- SessionFixture.h - Sessions over trained models ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEST_UNIT_ENDTOEND_SESSIONFIXTURE_H
#define TEST_UNIT_ENDTOEND_SESSIONFIXTURE_H

#include "TestModel.h"
#include "orcinus/Runtime/Session.h"
#include "test/unit/TestStreams.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

/// Holds a passed status.
#define ASSERT_OK(call)                                                        \
  do {                                                                         \
    orcinus::Status asserted = (call);                                         \
    ASSERT_TRUE(asserted.ok()) << asserted.message();                          \
  } while (false)

namespace orcinus::test {

/// The scores of a test, as they came.
struct TestScores : TrainingObserver {
  void onTestScores(std::span<const int32_t> events,
                    std::span<const int32_t> negatives,
                    std::span<const float> logits) override {
    this->events.insert(this->events.end(), events.begin(), events.end());
    this->negatives.insert(this->negatives.end(), negatives.begin(),
                           negatives.end());
    ofEvents.insert(ofEvents.end(), logits.begin(),
                    logits.begin() + events.size());
    ofNegatives.insert(ofNegatives.end(), logits.begin() + events.size(),
                       logits.end());
  }
  std::vector<int32_t> events, negatives;
  std::vector<float> ofEvents, ofNegatives;
};

/// The first `events` events of `stream`, among its first nodes.
inline EventStream beginningOf(const EventStream &stream, int64_t events) {
  EventStream result = stream;
  for (auto *each : {&result.source, &result.destination})
    each->resize(events);
  result.time.resize(events);
  result.edgeFeatures.values.resize(events * stream.edgeFeatures.columns);
  result.edgeFeatures.rows = stream.edgeFeatures.columns ? events : 0;
  return result;
}

/// Trains the model that is its parameter, and opens sessions over it.
class SessionTest : public testing::TestWithParam<std::string> {
protected:
  SessionTest() {
    folder = testing::TempDir() + "orcinus-session-" + std::to_string(getpid());
    std::filesystem::remove_all(folder);
  }
  ~SessionTest() override { std::filesystem::remove_all(folder); }

  static TrainOptions fastRun() {
    TrainOptions options;
    options.epochs = 2;
    options.learningRate = 3e-3;
    options.threads = 2;
    options.batchSize = 100;
    options.evaluationBatchSize = 30;
    return options;
  }

  /// Whether the model embeds no node by itself.
  static bool scoresPairs() {
    return GetParam() == "tpnet" || GetParam() == "tcl" ||
           GetParam() == "dygformer";
  }

  /// Whether the model has states or walks, which events advance.
  static bool advances() {
    return GetParam() != "tgat" && GetParam() != "tcl" &&
           GetParam() != "dygformer";
  }

  static CompileOptions smallOptions(const EventStream &events) {
    if (GetParam() == "tgn" || GetParam() == "tgat")
      return smallModel(GetParam(), 2, events);
    CompileOptions options;
    options.model = GetParam();
    if (GetParam() == "dygformer")
      options.modelText =
          builtinTextWith("dygformer", {"channel = 4", "patches = 4"});
    else if (scoresPairs())
      options.neighbours = 4;
    options.dimension = 8;
    return options;
  }

  /// Trains on `events` and keeps the checkpoint in `folder`.
  TestScores train(std::shared_ptr<const EventStream> events,
                   const TrainOptions &run = fastRun()) {
    auto model = compileForTest(smallOptions(*events));
    Trainer trainer = makeTrainer(events, model, run);
    CheckpointOptions checkpoints;
    checkpoints.directory = folder;
    TestScores scores;
    auto report = trainer.train(checkpoints, {}, &scores);
    EXPECT_TRUE(report.ok()) << report.message();
    return scores;
  }

  Session open(const EventStream &history, SessionOptions options = {}) {
    CompileOptions compile = sessionCompileOptions(smallOptions(history));
    options.threads = 2;
    auto session =
        Session::open(folder, history, compileForTest(compile), options);
    EXPECT_TRUE(session.ok()) << session.message();
    return std::move(*session);
  }

  static std::vector<float> scoresOf(Session &session,
                                     const std::vector<PairQuery> &pairs) {
    std::vector<float> logits(pairs.size());
    Status status = session.score(pairs, logits);
    EXPECT_TRUE(status.ok()) << status.message();
    return logits;
  }

  /// Appends the events [begin, end) of `stream`.
  static Status append(Session &session, const EventStream &stream,
                       int64_t begin, int64_t end) {
    std::vector<std::string> names;
    for (int32_t node = 0; node != stream.nodeCount; ++node)
      names.push_back(stream.nodeName(node));
    std::vector<NewEvent> events;
    for (int64_t event = begin; event != end; ++event)
      events.push_back(
          {names[stream.source[event]], names[stream.destination[event]],
           stream.time[event],
           std::span(stream.edgeFeatures.row(event),
                     static_cast<size_t>(stream.edgeFeatures.columns))});
    return session.append(events);
  }

  /// That a session scores the test's pairs as the test of `run` did.
  void expectScoresOfTheTest(const TrainOptions &run) {
    TestScores test = train(stream, run);
    Session session = open(*stream);
    EXPECT_EQ(session.match(), CheckpointMatch::Run);
    std::vector<PairQuery> pairs;
    for (size_t each = 0; each != test.events.size(); ++each) {
      int32_t event = test.events[each];
      for (int32_t destination :
           {stream->destination[event], test.negatives[each]})
        pairs.push_back(
            {stream->source[event], destination, {stream->time[event], event}});
    }
    std::vector<float> logits = scoresOf(session, pairs);
    ASSERT_GT(test.events.size(), 5u * 30);
    for (size_t each = 0; each != test.events.size(); ++each) {
      ASSERT_EQ(logits[2 * each], test.ofEvents[each]) << each;
      ASSERT_EQ(logits[2 * each + 1], test.ofNegatives[each]) << each;
    }
    // One at a time and backwards they are the same: the states start again.
    for (size_t each : {pairs.size() - 1, pairs.size() / 2, size_t(0)})
      EXPECT_EQ(scoresOf(session, {pairs[each]})[0], logits[each]);
  }

  std::string folder;
  std::shared_ptr<const EventStream> stream = generatedStream(150, 2000);
};

} // namespace orcinus::test

#endif // TEST_UNIT_ENDTOEND_SESSIONFIXTURE_H
