//===- ScorersTest.cpp - Scorers without parameters -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Evaluation/EdgeBank.h"
#include "orcinus/Evaluation/PopTrack.h"
#include "orcinus/Evaluation/RecencyRule.h"

#include "orcinus/Graph/Split.h"
#include "test/unit/Evaluation/Pairs.h"
#include "test/unit/TestStreams.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>

using namespace orcinus;
using orcinus::test::Nodes;
using orcinus::test::Pair;
using orcinus::test::range;

namespace {

/// The scores of all destinations for each source: with `one` by a query each.
std::vector<double> scoreAll(PairScorer &scorer, int32_t nodes, bool one) {
  PairQueries queries;
  for (int32_t source = 0; source != nodes; ++source)
    for (int32_t destination = 0; destination != nodes; ++destination) {
      queries.destinations.push_back(destination);
      if (one || destination + 1 == nodes)
        queries.endQuery(source, Timestamp(), 0);
    }
  std::vector<double> scores(queries.destinations.size(), -1);
  Status status = scorer.score(queries, scores);
  EXPECT_TRUE(status.ok()) << status.message();
  return scores;
}

/// The times of all pairs among the first `count` events.
std::map<Pair, std::vector<double>> timesOf(const EventStream &stream,
                                            int32_t count) {
  std::map<Pair, std::vector<double>> times;
  for (int32_t event = 0; event != count; ++event)
    times[{stream.source[event], stream.destination[event]}].push_back(
        stream.seconds(event));
  return times;
}

/// The pairs that the bank holds after `count` events, by the definitions of
/// EdgeBankMode.
std::function<bool(const std::vector<double> &)>
bankByDefinition(const EventStream &stream, const EdgeBankOptions &options,
                 int32_t count) {
  std::map<Pair, std::vector<double>> pairs = timesOf(stream, count);
  double newest = stream.seconds(count - 1);
  auto within = [](double start) {
    return
        [=](const std::vector<double> &times) { return times.back() >= start; };
  };
  switch (options.mode) {
  case EdgeBankMode::Unlimited:
    return [](const std::vector<double> &) { return true; };
  case EdgeBankMode::WindowFixed: {
    std::vector<double> times = test::secondsOf(stream);
    times.resize(count);
    return within(quantileOfSorted(times, 1 - options.windowFraction));
  }
  case EdgeBankMode::WindowRepeat: {
    double sum = 0;
    for (const auto &[pair, times] : pairs)
      if (times.size() > 1)
        sum += (times.back() - times.front()) / (times.size() - 1.0);
    return within(newest - sum / pairs.size());
  }
  case EdgeBankMode::WindowSpan:
    return within(newest - options.windowFraction * options.trainingSpan);
  case EdgeBankMode::Threshold: {
    double mean = static_cast<double>(count) / pairs.size();
    return
        [=](const std::vector<double> &times) { return times.size() >= mean; };
  }
  }
  return {};
}

TEST(EdgeBank, HoldsWhatItsModesSay) {
  constexpr int32_t nodes = 12;
  EventStream stream = test::makeRandomStream(nodes, 400, 6);
  for (EdgeBankMode mode :
       {EdgeBankMode::Unlimited, EdgeBankMode::WindowFixed,
        EdgeBankMode::WindowRepeat, EdgeBankMode::WindowSpan,
        EdgeBankMode::Threshold}) {
    EdgeBankOptions options{mode, 0.2, stream.seconds(279)};
    auto bank = makeEdgeBank(stream, options);
    EXPECT_EQ(scoreAll(*bank, nodes, false),
              std::vector<double>(nodes * nodes, 0));
    int64_t held = 0;
    for (int32_t given = 0; given != 400; given += 25) {
      ASSERT_TRUE(bank->advance(range(given, given + 25)).ok());
      auto holds = bankByDefinition(stream, options, given + 25);
      std::vector<double> wanted(nodes * nodes, 0);
      for (const auto &[pair, times] : timesOf(stream, given + 25))
        wanted[pair.first * nodes + pair.second] = holds(times);
      held += std::count(wanted.begin(), wanted.end(), 1);
      EXPECT_EQ(scoreAll(*bank, nodes, false), wanted);
      EXPECT_EQ(scoreAll(*bank, nodes, true), wanted);
    }
    EXPECT_GT(held, 0);
  }
}

TEST(PopTrack, CountsAndForgets) {
  EventStream stream;
  stream.nodeCount = 3;
  stream.source = {0, 0, 0, 1};
  stream.destination = {1, 1, 2, 2};
  stream.setSeconds(std::vector<double>{0, 1, 2, 3});
  auto scorer = makePopTrack(stream, 0.5);
  ASSERT_TRUE(scorer->advance(Nodes{0, 1}).ok());
  auto row = [&](PairScorer &of) {
    std::vector<double> scores = scoreAll(of, 3, false);
    return std::vector<double>(scores.begin(), scores.begin() + 3);
  };
  EXPECT_EQ(row(*scorer), (std::vector<double>{0, 2, 0}));
  scorer->endBatch();
  EXPECT_EQ(row(*scorer), (std::vector<double>{0, 1, 0}));
  auto copy = scorer->clone();
  ASSERT_TRUE(scorer->advance(Nodes{2, 3}).ok());
  EXPECT_EQ(row(*scorer), (std::vector<double>{0, 1, 2}));
  EXPECT_EQ(row(*copy), (std::vector<double>{0, 1, 0}));
}

/// The keys of a pair after `count` events, by their definition.
std::vector<double> keysByDefinition(const EventStream &stream, Pair pair,
                                     std::span<const RecencyKey> order,
                                     int32_t count) {
  double localTime = -1, globalTime = -1, local = 0, global = 0;
  for (int32_t event = 0; event != count; ++event) {
    if (stream.destination[event] != pair.second)
      continue;
    globalTime = stream.seconds(event);
    ++global;
    if (stream.source[event] != pair.first)
      continue;
    localTime = stream.seconds(event);
    ++local;
  }
  std::vector<double> keys;
  for (RecencyKey key : order)
    keys.push_back(key == RecencyKey::LocalRecency      ? localTime
                   : key == RecencyKey::GlobalRecency   ? globalTime
                   : key == RecencyKey::LocalPopularity ? local
                                                        : global);
  return keys;
}

TEST(RecencyRule, OrdersByItsKeys) {
  constexpr int32_t nodes = 8;
  EventStream stream = test::makeRandomStream(nodes, 120, 7);
  for (const char *text :
       {"lr", "gr", "lp", "gp", "lr,gr", "lp,lr,gr", "gp,lp,gr,lr"}) {
    auto order = parseRecencyOrder(text);
    ASSERT_TRUE(order.ok()) << order.message();
    auto rule = makeRecencyRule(stream, *order);
    ASSERT_TRUE(rule.ok()) << rule.message();
    for (int32_t given = 0; given != 120; given += 40) {
      ASSERT_TRUE((*rule)->advance(range(given, given + 40)).ok());
      std::vector<double> scores = scoreAll(**rule, nodes, given == 40);
      std::vector<std::vector<double>> keys;
      for (int32_t source = 0; source != nodes; ++source)
        for (int32_t destination = 0; destination != nodes; ++destination)
          keys.push_back(keysByDefinition(stream, {source, destination}, *order,
                                          given + 40));
      for (size_t a = 0; a != keys.size(); ++a)
        for (size_t b = 0; b != keys.size(); ++b)
          ASSERT_EQ(scores[a] < scores[b], keys[a] < keys[b]) << text;
    }
  }
}

TEST(RecencyRule, SaysWhatIsWrong) {
  EventStream stream = test::makeRandomStream(8, 120, 7);
  EXPECT_EQ(parseRecencyOrder("lr,xy").message(),
            "'xy' is no key of a recency rule; use lr, gr, lp and gp between "
            "commas");
  EXPECT_FALSE(parseRecencyOrder("").ok());
  EXPECT_FALSE(parseRecencyOrder("lr,").ok());
  EXPECT_EQ(makeRecencyRule(stream, {}).message(),
            "a recency rule needs a key; say lr,gr");
  EXPECT_EQ(makeRecencyRule(stream, *parseRecencyOrder("lr,gr,lr")).message(),
            "a key of a recency rule stands twice; its first place decides, "
            "leave the other out");
}

TEST(RecencyRule, MoreThanADoubleHoldsIsAnError) {
  // 2^18 times and counts of 2^18: three keys are 54 bits.
  EventStream stream;
  stream.nodeCount = 2;
  stream.source = std::vector<int32_t>(1 << 18, 0);
  stream.destination = std::vector<int32_t>(1 << 18, 1);
  std::vector<double> seconds(1 << 18);
  std::iota(seconds.begin(), seconds.end(), 0);
  stream.setSeconds(seconds);
  EXPECT_TRUE(makeRecencyRule(stream, *parseRecencyOrder("lr,gr")).ok());
  EXPECT_EQ(makeRecencyRule(stream, *parseRecencyOrder("lr,gr,lp")).message(),
            "on a stream of 262144 events, 3 keys of a recency rule do not go "
            "into one exact score; use fewer");
}

} // namespace
