//===- NegativesTest.cpp - What positive events are compared with ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Evaluation/Negatives.h"

#include "lib/Graph/IdMapping.h"
#include "test/unit/Evaluation/Pairs.h"
#include "test/unit/Graph/TemporaryFolder.h"
#include "test/unit/TestStreams.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace orcinus;
using orcinus::test::Nodes;
using orcinus::test::Pair;
using orcinus::test::range;

namespace {

Pair pairOf(const EventStream &stream, int32_t event) {
  return {stream.source[event], stream.destination[event]};
}

NegativeBatch drawOne(NegativeDraws &draws, std::span<const int32_t> events) {
  NegativeBatch batch;
  Status status = draws.draw(events, batch);
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(batch.offsets.size(), events.size() + 1);
  EXPECT_EQ(batch.offsets.back(), std::ssize(batch.destinations));
  return batch;
}

Nodes listOf(const NegativeBatch &batch, size_t event) {
  return {batch.destinations.begin() + batch.offsets[event],
          batch.destinations.begin() + batch.offsets[event + 1]};
}

TEST(OrcaNegatives, SeveralAnEvent) {
  EventStream stream = test::makeRandomStream(20, 300, 1);
  Nodes events = range(100, 200);
  auto three = makeOrcaNegatives(stream, 5, 3);
  NegativeBatch batch = drawOne(*three, events);
  for (size_t i = 0; i != events.size(); ++i) {
    Nodes list = listOf(batch, i);
    EXPECT_EQ(list.size(), 3u);
    for (int32_t node : list)
      EXPECT_NE(node, stream.destination[events[i]]);
  }
  // In two batches the draws go on where they were.
  auto halves = makeOrcaNegatives(stream, 5, 3);
  Nodes first = drawOne(*halves, std::span(events).first(40)).destinations;
  Nodes second = drawOne(*halves, std::span(events).subspan(40)).destinations;
  first.insert(first.end(), second.begin(), second.end());
  EXPECT_EQ(first, batch.destinations);
}

/// Pairs by DyGLib's definition of historical and inductive ones.
std::set<Pair> poolByDefinition(const EventStream &stream,
                                const DyglibSampler &sampler,
                                std::span<const int32_t> batch,
                                bool inductive) {
  Timestamp begin = stream.time[batch.front()];
  Timestamp end = stream.time[batch.back()];
  std::set<Pair> pool;
  for (int32_t event : sampler.events)
    if (stream.time[event] <= begin)
      pool.insert(pairOf(stream, event));
  for (int32_t event : sampler.events) {
    bool isCurrent = stream.time[event] >= begin && stream.time[event] <= end;
    bool isKnown = inductive && stream.time[event] <= sampler.lastObserved;
    if (isCurrent || isKnown)
      pool.erase(pairOf(stream, event));
  }
  return pool;
}

TEST(DyglibNegatives, AreEarlierPairs) {
  EventStream stream = test::makeRandomStream(25, 1500, 3);
  for (bool inductive : {false, true}) {
    DyglibSampler sampler{range(0, 1500), stream.time[400], 2};
    auto draws = makeDyglibNegatives(stream,
                                     inductive ? NegativeStrategy::Inductive
                                               : NegativeStrategy::Historical,
                                     sampler);
    for (int32_t begin = 450; begin != 1500; begin += 50) {
      Nodes batch = range(begin, begin + 50);
      std::set<Pair> pool = poolByDefinition(stream, sampler, batch, inductive);
      NegativeBatch negatives = drawOne(*draws, batch);
      ASSERT_EQ(negatives.sources.size(), 50u);
      ASSERT_EQ(negatives.destinations.size(), 50u);
      std::set<Pair> batchPairs, seen, ofPool;
      for (int32_t event : batch)
        batchPairs.insert(pairOf(stream, event));
      for (size_t i = 0; i != 50; ++i) {
        Pair pair{negatives.sources[i], negatives.destinations[i]};
        EXPECT_FALSE(batchPairs.contains(pair));
        if (pool.contains(pair))
          ofPool.insert(pair);
        seen.insert(pair);
      }
      // All of a pool that is too small, with others before it, ...
      EXPECT_EQ(ofPool.size() >= std::min<size_t>(50, pool.size()), true);
      // ... and none twice, as far as the pool goes.
      if (pool.size() >= 50) {
        EXPECT_EQ(seen.size(), 50u);
        EXPECT_EQ(ofPool.size(), 50u);
      } else {
        for (size_t i = 50 - pool.size(); i != 50; ++i)
          EXPECT_TRUE(
              pool.contains({negatives.sources[i], negatives.destinations[i]}));
      }
    }
  }
}

/// Random draws are by the order of the file's ids, however nodes are numbered.
TEST(DyglibNegatives, NumbersOfNodesDoNotMatter) {
  EventStream stream = test::makeRandomStream(25, 300, 3);
  EventStream other = stream;
  numberNodesAs({"17", "3", "24"}, other);
  ASSERT_EQ(other.externalIds[0], 17);
  auto draws = [](const EventStream &from) {
    auto made = makeDyglibNegatives(from, NegativeStrategy::Random,
                                    {range(0, 300), from.time[200], 2});
    std::vector<std::string> names;
    for (int32_t node : drawOne(*made, range(200, 300)).destinations)
      names.push_back(from.nodeName(node));
    return names;
  };
  EXPECT_EQ(draws(stream), draws(other));
}

/// Users are no candidates, whether the file has integers or names.
TEST(TgbNegatives, NamesHaveNoRange) {
  EventStream stream;
  stream.nodeCount = 6;
  // As they first appear: users are 0, 2 and 4.
  stream.source = {0, 2, 4, 0};
  stream.destination = {1, 3, 5, 1};
  stream.setSeconds(std::array{1.0, 2.0, 3.0, 4.0});
  Nodes events = range(3, 4);
  auto all = [&] {
    auto made =
        makeTgbNegatives(stream, NegativeStrategy::AllOthers, events, 0, 0);
    return drawOne(*made, events).destinations;
  };
  stream.externalNames = {"u0", "i0", "u1", "i1", "u2", "i2"};
  EXPECT_EQ(all(), (Nodes{3, 5}));
  stream.externalNames.clear();
  stream.externalIds = {0, 10, 1, 12, 2, 11};
  EXPECT_EQ(all(), (Nodes{5, 3}));
  // TGB's range has all nodes between the smallest and the largest.
  stream.externalIds.clear();
  EXPECT_EQ(all(), (Nodes{2, 3, 4, 5}));
}

TEST(DyglibNegatives, NothingToDrawIsAnError) {
  EventStream stream;
  stream.nodeCount = 2;
  stream.source = {0, 0};
  stream.destination = {1, 1};
  stream.setSeconds(std::vector<double>{0, 1});
  auto draws = makeDyglibNegatives(stream, NegativeStrategy::Historical,
                                   {{0, 1}, stream.time[0], 0});
  NegativeBatch batch;
  EXPECT_EQ(draws->draw(Nodes{1}, batch).message(),
            "every pair of a source and a destination occurs within one batch, "
            "so that no negative can be drawn; use random negatives or a "
            "smaller batch");
}

TEST(DyglibNegatives, SmallPoolsRepeatWhatTheyMust) {
  // Of the pairs of two sources and two destinations one is left for three.
  EventStream stream;
  stream.nodeCount = 4;
  stream.source = {0, 0, 1};
  stream.destination = {2, 3, 2};
  stream.setSeconds(std::vector<double>{0, 0, 0});
  auto draws = makeDyglibNegatives(stream, NegativeStrategy::Historical,
                                   {{0, 1, 2}, stream.time[0], 0});
  NegativeBatch batch = drawOne(*draws, Nodes{0, 1, 2});
  EXPECT_EQ(batch.sources, (Nodes{1, 1, 1}));
  EXPECT_EQ(batch.destinations, (Nodes{3, 3, 3}));
}

/// The destinations that `event`'s source meets at its time.
std::set<int32_t> metAtOnce(const EventStream &stream, int32_t event) {
  std::set<int32_t> met;
  for (int32_t other = 0; other != stream.eventCount(); ++other)
    if (stream.time[other] == stream.time[event] &&
        stream.source[other] == stream.source[event])
      met.insert(stream.destination[other]);
  return met;
}

TEST(TgbNegatives, AllOthers) {
  EventStream stream = test::makeRandomStream(12, 400, 4, 0.8);
  // Nodes below and above all destinations are no candidates.
  stream.destination.modify([](std::vector<int32_t> &nodes) {
    for (int32_t &node : nodes)
      node = 2 + node % 8;
  });
  Nodes events = range(300, 400);
  auto draws = makeTgbNegatives(stream, NegativeStrategy::AllOthers, {}, 42, 0);
  NegativeBatch batch = drawOne(*draws, events);
  EXPECT_TRUE(batch.sources.empty());
  for (size_t i = 0; i != events.size(); ++i) {
    Nodes wanted;
    std::set<int32_t> met = metAtOnce(stream, events[i]);
    for (int32_t node = 2; node != 10; ++node)
      if (!met.contains(node))
        wanted.push_back(node);
    EXPECT_EQ(listOf(batch, i), wanted);
  }
}

TEST(TgbNegatives, HalfAreHistorical) {
  EventStream stream = test::makeRandomStream(40, 900, 5, 0.8);
  Nodes training = range(0, 600), events = range(600, 900);
  std::map<int32_t, std::set<int32_t>> history;
  for (int32_t event : training)
    history[stream.source[event]].insert(stream.destination[event]);
  for (int64_t perEvent : {6, 7, 30, 100}) {
    auto draws = makeTgbNegatives(stream, NegativeStrategy::Historical,
                                  training, 42, perEvent);
    NegativeBatch batch = drawOne(*draws, events);
    for (size_t i = 0; i != events.size(); ++i) {
      std::set<int32_t> met = metAtOnce(stream, events[i]);
      const std::set<int32_t> &known = history[stream.source[events[i]]];
      int64_t possible = 0, others = 40;
      for (int32_t node : known)
        possible += !met.contains(node);
      for (int32_t node = 0; node != 40; ++node)
        others -= met.contains(node) || known.contains(node);
      Nodes list = listOf(batch, i);
      std::set<int32_t> distinct(list.begin(), list.end());
      EXPECT_EQ(distinct.size(), list.size());
      int64_t historical = 0;
      for (int32_t node : list) {
        EXPECT_FALSE(met.contains(node));
        historical += known.contains(node);
      }
      int64_t wanted = std::min(perEvent / 2, possible);
      EXPECT_EQ(historical, wanted);
      EXPECT_EQ(std::ssize(list), wanted + std::min(perEvent - wanted, others));
    }
    // A draw depends on its event alone.
    auto again = makeTgbNegatives(stream, NegativeStrategy::Historical,
                                  training, 42, perEvent);
    EXPECT_EQ(listOf(drawOne(*again, Nodes{700}), 0), listOf(batch, 100));
  }
}

class NegativesFileTest : public testing::Test {
protected:
  NegativesFileTest() {
    stream.nodeCount = 4;
    stream.externalNames = {"ann", "bob", "cat", "dan"};
    stream.source = {0, 0, 1};
    stream.destination = {1, 2, 3};
    stream.setSeconds(std::vector<double>{0, 1.5, 1.5});
  }

  std::string errorOf(const std::string &text) {
    return readNegatives(stream, folder.write("file", text)).message();
  }

  EventStream stream;
  test::TemporaryFolder folder;
};

TEST_F(NegativesFileTest, GivesAnEventsRow) {
  auto read =
      readNegatives(stream, folder.write("file", "# a comment\n"
                                                 "ann, bob, 0, cat\n"
                                                 "bob dan 1.5 ann\n\n"
                                                 "ann cat 1.5 dan bob\n"));
  ASSERT_TRUE(read.ok()) << read.message();
  NegativeBatch batch = drawOne(**read, Nodes{1, 2, 0});
  EXPECT_EQ(listOf(batch, 0), (Nodes{3, 1}));
  EXPECT_EQ(listOf(batch, 1), (Nodes{0}));
  EXPECT_EQ(listOf(batch, 2), (Nodes{2}));
  EXPECT_TRUE(batch.sources.empty());
}

TEST_F(NegativesFileTest, SaysWhatIsWrong) {
  std::string path = folder.path("file");
  EXPECT_EQ(errorOf("ann bob 0\n"),
            path + ":1: a row is a source, a destination, a time and one "
                   "negative or more");
  EXPECT_EQ(errorOf("ann bob 0 cat\nann eve 0 cat\n"),
            path + ":2: the data have no node 'eve'; nodes are named as in the "
                   "data");
  EXPECT_EQ(errorOf("ann bob 0 eve\n"),
            path + ":1: the data have no node 'eve'; nodes are named as in the "
                   "data");
  for (const char *time : {"soon", "nan", "1e999"})
    EXPECT_EQ(errorOf(std::string("ann bob ") + time + " cat\n"),
              path + ":1: the time '" + time + "' is no number of seconds");
  EXPECT_EQ(errorOf("ann bob 0 cat\nann bob 0 dan\n"),
            path + ":2: there is a row before for this source, destination and "
                   "time; events that are equal share one");
  auto read = readNegatives(stream, folder.write("file", "ann bob 0 cat\n"));
  ASSERT_TRUE(read.ok());
  NegativeBatch batch;
  EXPECT_EQ((*read)->draw(Nodes{1}, batch).message(),
            path + ": no negatives for the event from ann to cat at 1.5 s; "
                   "make the file of the same data");
  EXPECT_FALSE(readNegatives(stream, folder.path("none")).ok());
}

TEST_F(NegativesFileTest, NodeSets) {
  auto nodes = readNodeSet(stream, folder.write("file", "bob,\n dan bob\n"));
  ASSERT_TRUE(nodes.ok()) << nodes.message();
  EXPECT_EQ(*nodes, (std::vector<uint8_t>{0, 1, 0, 1}));
  EXPECT_EQ(readNodeSet(stream, folder.write("file", "bob\neve\n")).message(),
            folder.path("file") +
                ":2: the data have no node 'eve'; nodes are named as in the "
                "data");
  EXPECT_EQ(readNodeSet(stream, folder.write("file", "# none\n")).message(),
            "'" + folder.path("file") +
                "' names no node; put the names of nodes into it");
}

} // namespace
