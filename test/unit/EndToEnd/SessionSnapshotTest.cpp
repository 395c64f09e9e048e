//===- SessionSnapshotTest.cpp - Saved and restored sessions --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SessionFixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

using namespace orcinus;
using namespace orcinus::test;

namespace {

using SessionSnapshotTest = SessionTest;

// A session that is restored answers as the one that was saved, and goes on as
// it does: with nodes that the history lacks, states in the middle of a block,
// and where the snapshot's first events were appended before.
TEST_P(SessionSnapshotTest, SnapshotsRestoreASession) {
  EventStream later = *stream;
  for (auto *ends : {&later.source, &later.destination})
    for (int64_t event = 0; event != 1500; ++event)
      ends->set(event, (*ends)[event] % 120);
  stream = std::make_shared<EventStream>(std::move(later));
  EventStream history = beginningOf(*stream, 1500);
  history.nodeCount = 120;
  train(std::make_shared<EventStream>(history));
  Session saved = open(history);
  ASSERT_OK(append(saved, *stream, 1500, 1600));
  ASSERT_OK(saved.advance());
  ASSERT_OK(append(saved, *stream, 1600, 1910));
  std::string path = folder + "/snapshot";
  ASSERT_OK(saved.save(path));

  auto pairsOf = [&](Session &session, int64_t first) {
    std::vector<PairQuery> pairs;
    for (int64_t event = first; event < session.eventCount(); event += 9)
      pairs.push_back({session.node(stream->nodeName(stream->source[event])),
                       session.node(stream->nodeName(
                           stream->destination[event * 7 % 2000])),
                       {stream->time[event]}});
    pairs.push_back({3, session.node("140"), session.now()});
    return pairs;
  };
  for (int64_t ahead : {0, 50}) {
    // States that cannot start again are the snapshot's; those that can start
    // again do so for the earlier ones of the queries.
    SessionOptions options;
    options.mayReplay = ahead != 0;
    int64_t first = options.mayReplay ? 1000 : 1620;
    Session restored = open(history, options);
    ASSERT_OK(append(restored, *stream, 1500, 1500 + ahead));
    ASSERT_OK(restored.restore(path));
    EXPECT_EQ(restored.eventCount(), 1910);
    EXPECT_EQ(restored.stateEvents(), saved.stateEvents());
    EXPECT_TRUE(
        std::ranges::equal(restored.destinations(), saved.destinations()));
    ASSERT_OK(append(restored, *stream, 1910, 2000));
    Session other = open(history);
    ASSERT_OK(append(other, *stream, 1500, 2000));
    EXPECT_EQ(scoresOf(restored, pairsOf(restored, first)),
              scoresOf(other, pairsOf(other, first)));
  }
  // It is not restored behind its snapshot, nor behind other events.
  Session ahead = open(history);
  ASSERT_OK(append(ahead, *stream, 1500, 1920));
  EXPECT_FALSE(ahead.restore(path).ok());
  Session astray = open(history);
  ASSERT_OK(append(astray, *stream, 1501, 1502));
  std::vector<float> before = scoresOf(astray, pairsOf(astray, 1300));
  EXPECT_FALSE(astray.restore(path).ok());
  EXPECT_EQ(scoresOf(astray, pairsOf(astray, 1300)), before);
}

// Nothing but the snapshot of such a session is taken, and nothing of what is
// not taken.
TEST_P(SessionSnapshotTest, SnapshotsOfOthersAreRefused) {
  EventStream history = beginningOf(*stream, 1500);
  train(std::make_shared<EventStream>(history));
  std::string path = folder + "/snapshot";
  Session saved = open(history);
  ASSERT_OK(append(saved, *stream, 1500, 1700));
  ASSERT_OK(saved.advance());
  ASSERT_OK(saved.save(path));
  auto refuse = [&](Session session, const std::string &why) {
    int64_t events = session.eventCount();
    std::vector<PairQuery> pairs = {{1, 2, session.now()}};
    std::vector<float> before = scoresOf(session, pairs);
    Status status = session.restore(path);
    ASSERT_FALSE(status.ok());
    EXPECT_NE(status.message().find(why), std::string::npos)
        << status.message();
    EXPECT_EQ(session.eventCount(), events);
    EXPECT_EQ(scoresOf(session, pairs), before);
  };
  SessionOptions blocks;
  blocks.blockSize = 7;
  refuse(open(history, blocks), "its block size is 30, here it is 7");
  refuse(open(beginningOf(*stream, 1400)), "another history: its events");
  Session replayed = open(history);
  ASSERT_OK(replayed.replayTo(1200));
  refuse(std::move(replayed), "its first block is");
  std::filesystem::remove_all(folder + "/checkpoint");
  TrainOptions other = fastRun();
  other.seed = 9;
  train(std::make_shared<EventStream>(history), other);
  refuse(open(history), "another model: its parameters' checksum");

  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  auto alter = [&](std::string content, const char *why) {
    std::ofstream(path, std::ios::binary) << content;
    refuse(open(history), why);
  };
  alter(bytes.substr(0, bytes.size() - 1), "is damaged");
  std::string flipped = bytes;
  flipped[bytes.size() / 2] ^= 1;
  alter(flipped, "is damaged");
  alter("ORCINUS", "is not a session snapshot of Orcinus");
  std::filesystem::remove(path);
  refuse(open(history), "cannot open");
}

INSTANTIATE_TEST_SUITE_P(Models, SessionSnapshotTest,
                         testing::Values("tgn", "tgat", "tpnet", "apan"),
                         [](const auto &info) { return info.param; });

} // namespace
