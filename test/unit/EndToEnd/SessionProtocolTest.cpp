//===- SessionProtocolTest.cpp - Sessions under protocols -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SessionFixture.h"
#include "orcinus/Runtime/SessionScorer.h"
#include "runtime/Train/RunSplit.h"

#include <gtest/gtest.h>

#include <numeric>

using namespace orcinus;
using namespace orcinus::test;

namespace {

using SessionProtocolTest = SessionTest;

// A protocol asks a session what the trainer's own test asks the trainer: the
// figures are the same to the last digit.
TEST_P(SessionProtocolTest, AProtocolGivesTheFiguresOfTheTest) {
  for (const char *name : {"orca", "dyglib"}) {
    TrainOptions run = fastRun();
    run.protocol = name;
    run.seed = 5;
    std::filesystem::remove_all(folder);
    train(stream, run);
    auto model = compileForTest(smallOptions(*stream));
    Trainer trainer = makeTrainer(stream, model, run);
    auto match = trainer.loadForTest(folder);
    ASSERT_TRUE(match.ok()) << match.message();
    auto report = trainer.test();
    ASSERT_TRUE(report.ok()) << report.message();

    Session session = open(*stream);
    auto protocol = protocolOfRun(session.stream(), run);
    ASSERT_TRUE(protocol.ok()) << protocol.message();
    auto scorer = makeSessionScorer(session, StateLag::Batch);
    auto result = evaluateScorer(session.stream(), *protocol, *scorer,
                                 {StateLag::Batch, /*validation=*/false});
    ASSERT_TRUE(result.ok()) << result.message();
    EXPECT_EQ(result->test.all.averagePrecision, report->test.averagePrecision);
    EXPECT_EQ(result->test.all.areaUnderCurve, report->test.areaUnderCurve);
    if (run.protocol == "orca") {
      EXPECT_EQ(result->test.newNodes.averagePrecision,
                report->test.inductiveAveragePrecision);
      EXPECT_EQ(result->test.newNodes.areaUnderCurve,
                report->test.inductiveAreaUnderCurve);
    }
    EXPECT_FALSE(result->validation);
  }
}

// Where the stream is not the run's, states are replayed as the trainer does.
TEST_P(SessionProtocolTest, AProtocolReplaysWhatComesBeforeItsTest) {
  auto history = std::make_shared<EventStream>(beginningOf(*stream, 1500));
  train(history);
  auto model = compileForTest(smallOptions(*stream));
  Trainer trainer = makeTrainer(stream, model, fastRun());
  auto match = trainer.loadForTest(folder);
  ASSERT_TRUE(match.ok()) << match.message();
  auto wanted = trainer.replayAndTest();
  ASSERT_TRUE(wanted.ok()) << wanted.message();

  Session session = open(*stream);
  auto protocol = protocolOfRun(session.stream(), fastRun());
  ASSERT_TRUE(protocol.ok()) << protocol.message();
  int64_t first = protocol->split().test.front();
  EXPECT_FALSE(session.replayTo(2001).ok());
  EXPECT_FALSE(session.replayTo(-1).ok());
  ASSERT_OK(session.replayTo(first));
  EXPECT_EQ(session.stateEvents(), first);
  auto scorer = makeSessionScorer(session, StateLag::Batch);
  auto result = evaluateScorer(session.stream(), *protocol, *scorer,
                               {StateLag::Batch, /*validation=*/false});
  ASSERT_TRUE(result.ok()) << result.message();
  EXPECT_EQ(result->test.all.averagePrecision, wanted->averagePrecision);
  EXPECT_EQ(result->test.newNodes.areaUnderCurve,
            wanted->inductiveAreaUnderCurve);
}

// A branch that is given the events of the stream is the stream; one that is
// given others has other states; afterwards the session follows the stream.
TEST_P(SessionProtocolTest, BranchesHoldWhatTheyAreGiven) {
  train(stream);
  Session session = open(*stream);
  EXPECT_FALSE(session.advanceBranch({}).ok());
  int64_t origin = session.stateEvents();
  std::vector<int32_t> block(30), others(30);
  std::iota(block.begin(), block.end(), static_cast<int32_t>(origin));
  std::iota(others.begin(), others.end(), static_cast<int32_t>(origin + 40));
  std::vector<PairQuery> pairs;
  for (int32_t event = 1900; event != 1920; ++event)
    pairs.push_back({stream->source[event],
                     stream->destination[event],
                     {stream->time[event]}});
  std::vector<PairQuery> afterBlock = pairs;
  for (PairQuery &each : afterBlock)
    each.moment.event = static_cast<int32_t>(origin + 30);
  std::vector<float> before = scoresOf(session, pairs);
  std::vector<float> wanted = scoresOf(session, afterBlock);

  ASSERT_OK(session.beginBranch());
  ASSERT_OK(session.advanceBranch(block));
  EXPECT_EQ(scoresOf(session, pairs), wanted);
  ASSERT_OK(session.beginBranch());
  ASSERT_OK(session.advanceBranch(others));
  if (advances())
    EXPECT_NE(scoresOf(session, pairs), wanted);
  std::vector<float> ofBranch = scoresOf(session, pairs);
  EXPECT_FALSE(session.replayTo(origin).ok());
  others.back() = 2000;
  EXPECT_FALSE(session.advanceBranch(others).ok());
  EXPECT_EQ(scoresOf(session, pairs), ofBranch);
  ASSERT_OK(session.endBranch());
  EXPECT_EQ(scoresOf(session, pairs), before);

  // Where there is no branch, there is none to end, and states stay.
  SessionOptions options;
  options.mayReplay = false;
  Session follower = open(*stream, options);
  EXPECT_FALSE(follower.beginBranch().ok());
  EXPECT_EQ(scoresOf(follower, pairs), before);
  int64_t held = follower.stateEvents();
  EXPECT_EQ(held != origin, advances());
  EXPECT_FALSE(follower.endBranch().ok());
  EXPECT_EQ(follower.stateEvents(), held);
  EXPECT_EQ(scoresOf(follower, {pairs.back()})[0], before.back());
}

INSTANTIATE_TEST_SUITE_P(Models, SessionProtocolTest,
                         testing::Values("tgn", "tgat", "tpnet", "apan", "tcl",
                                         "dygformer", "dyrep"),
                         [](const auto &info) { return info.param; });

} // namespace
