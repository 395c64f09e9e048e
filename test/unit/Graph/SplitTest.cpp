//===- SplitTest.cpp - Train, validation and test by time -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Split.h"
#include "../TestStreams.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <set>

using namespace orcinus;

namespace {

TEST(Quantile, InterpolatesLinearly) {
  std::vector<double> values = {1, 2, 4, 8};
  EXPECT_DOUBLE_EQ(quantileOfSorted(values, 0), 1);
  EXPECT_DOUBLE_EQ(quantileOfSorted(values, 1), 8);
  EXPECT_DOUBLE_EQ(quantileOfSorted(values, 0.5), 3);
  EXPECT_DOUBLE_EQ(quantileOfSorted(values, 0.7), 4.4);
  EXPECT_DOUBLE_EQ(quantileOfSorted(values, 0.85), 6.2);
  EXPECT_DOUBLE_EQ(quantileOfSorted(std::vector<double>{7}, 0.3), 7);
}

TEST(Split, SaysWhatAnEmptyPartNeeds) {
  auto messageOf = [](std::vector<double> seconds) {
    EventStream stream;
    stream.setSeconds(seconds);
    stream.source = std::vector<int32_t>(seconds.size(), 0);
    stream.destination = std::vector<int32_t>(seconds.size(), 1);
    stream.nodeCount = 2;
    StatusOr<Split> split = splitByTime(stream, {0.7, 0.15, 0, 0});
    return split.ok() ? checkEvaluationSplits(*split, stream).message()
                      : split.message();
  };
  EXPECT_EQ(messageOf({3}),
            "the split by time leaves 1 events to train on, 0 to validate and "
            "0 to test on; a stream of one event cannot be split");
  EXPECT_EQ(messageOf(std::vector<double>(300, 5)),
            "the split by time leaves 300 events to train on, 0 to validate "
            "and 0 to test on; all events have the same time: check which "
            "column is the time (--columns)");
  EXPECT_NE(messageOf({0, 1, 2, 2}).find("use a longer stream"),
            std::string::npos);
  EXPECT_EQ(messageOf({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), "");
}

/// The stream with its seconds as ticks.
EventStream inTicks(EventStream stream, int64_t perSecond) {
  TimeScale ticks = TimeScale::ticks(perSecond);
  stream.time.modify([&](std::vector<Timestamp> &times) {
    for (Timestamp &time : times)
      time = ticks.at(stream.timeScale.seconds(time));
  });
  stream.timeScale = ticks;
  return stream;
}

TEST(Split, TicksAreSplitAsSeconds) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    EventStream stream = test::makeRandomStream(20, 50 + seed, seed);
    std::vector<double> times = test::secondsOf(stream);
    for (double &time : times)
      time = std::floor(time);
    stream.setSeconds(times);
    StatusOr<Split> expected = splitByTime(stream, {});
    StatusOr<Split> split =
        splitByTime(inTicks(stream, 1'000'000'000), SplitOptions());
    ASSERT_TRUE(expected.ok() && split.ok());
    EXPECT_EQ(split->train, expected->train);
    EXPECT_EQ(split->validation, expected->validation);
    EXPECT_EQ(split->test, expected->test);
  }
}

/// Checks every rule of the split, by its definition, on `stream`.
void checkSplit(const EventStream &stream, const SplitOptions &options) {
  StatusOr<Split> split = splitByTime(stream, options);
  ASSERT_TRUE(split.ok()) << split.message();
  std::vector<double> times = test::secondsOf(stream);
  double trainCut = quantileOfSorted(times, options.trainFraction);
  double validationCut = quantileOfSorted(
      times, options.trainFraction + options.validationFraction);

  std::set<int32_t> late, trained;
  std::vector<int32_t> train, validation, test, newValidation, newTest;
  for (int32_t event = 0; event < stream.eventCount(); ++event) {
    size_t index = static_cast<size_t>(event);
    int32_t ends[2] = {stream.source[index], stream.destination[index]};
    if (times[index] > trainCut) {
      late.insert(std::begin(ends), std::end(ends));
    } else if (!split->maskedNodes[static_cast<size_t>(ends[0])] &&
               !split->maskedNodes[static_cast<size_t>(ends[1])]) {
      train.push_back(event);
      trained.insert(std::begin(ends), std::end(ends));
    }
  }
  for (int32_t event = 0; event < stream.eventCount(); ++event) {
    size_t index = static_cast<size_t>(event);
    if (times[index] <= trainCut)
      continue;
    bool isNew = !trained.contains(stream.source[index]) ||
                 !trained.contains(stream.destination[index]);
    bool isTest = times[index] > validationCut;
    (isTest ? test : validation).push_back(event);
    if (isNew)
      (isTest ? newTest : newValidation).push_back(event);
  }
  EXPECT_EQ(split->train, train);
  EXPECT_EQ(split->validation, validation);
  EXPECT_EQ(split->test, test);
  EXPECT_EQ(split->inductiveValidation, newValidation);
  EXPECT_EQ(split->inductiveTest, newTest);

  int64_t masked = 0;
  for (int32_t node = 0; node < stream.nodeCount; ++node)
    if (split->maskedNodes[static_cast<size_t>(node)]) {
      ++masked;
      EXPECT_TRUE(late.contains(node));
    }
  EXPECT_EQ(masked,
            std::min<int64_t>(std::ssize(late),
                              static_cast<int64_t>(options.maskedNodeFraction *
                                                   stream.nodeCount)));
}

TEST(Split, FollowsItsDefinitionOnRandomStreams) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    EventStream stream =
        test::makeRandomStream(40, 200, seed, seed % 2 ? 0.8 : 0.0);
    checkSplit(stream, {0.7, 0.15, 0.1, seed});
    checkSplit(stream, {0.5, 0.0, 0.0, seed});
    checkSplit(stream, {0.6, 0.2, 0.3, seed});
  }
}

TEST(Split, MasksBySeed) {
  EventStream stream = test::makeRandomStream(200, 2000, 1);
  std::vector<uint8_t> masked = splitByTime(stream, {})->maskedNodes;
  EXPECT_EQ(masked, splitByTime(stream, {})->maskedNodes);
  SplitOptions other;
  other.seed = 1;
  EXPECT_NE(masked, splitByTime(stream, other)->maskedNodes);
}

TEST(Split, MaskedNodesAreDrawnEvenly) {
  EventStream stream = test::makeRandomStream(20, 4000, 2);
  std::vector<int> drawn(20, 0);
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    std::vector<uint8_t> masked =
        splitByTime(stream, {0.7, 0.15, 0.1, seed})->maskedNodes;
    for (size_t node = 0; node < 20; ++node)
      drawn[node] += masked[node];
  }
  // 200 expected for each node, with a standard deviation of about 13.
  for (int count : drawn)
    EXPECT_NEAR(count, 200, 70);
}

TEST(Split, WholeStreamForTraining) {
  EventStream stream = test::makeRandomStream(10, 50, 3);
  StatusOr<Split> split = splitByTime(stream, {1.0, 0.0, 0.1, 0});
  ASSERT_TRUE(split.ok()) << split.message();
  EXPECT_EQ(split->train.size(), 50u);
  EXPECT_TRUE(split->test.empty());
  // 0.9 + 0.1 rounds to one, 0.7 + 0.3 may round above it.
  EXPECT_TRUE(splitByTime(stream, {0.7, 0.3, 0.0, 0}).ok());
}

TEST(Split, RejectsBadOptions) {
  EventStream stream = test::makeRandomStream(10, 50, 4);
  EXPECT_EQ(splitByTime(EventStream(), {}).message(),
            "cannot split a stream without events; load one");
  EXPECT_EQ(splitByTime(stream, {0.8, 0.3, 0, 0}).message(),
            "the train and validation fractions are 0.800000 and 0.300000; "
            "choose each within [0, 1] and their sum at most 1");
  EXPECT_FALSE(splitByTime(stream, {-0.1, 0.3, 0, 0}).ok());
  double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(splitByTime(stream, {nan, 0.3, 0, 0}).ok());
  EXPECT_EQ(splitByTime(stream, {0.7, 0.15, 1.5, 0}).message(),
            "the fraction of masked nodes is 1.500000; choose it within [0, "
            "1]");
  EXPECT_EQ(splitByTime(stream, {0.7, 0.15, 1, 0}).message(),
            "no event is left to train on; use a longer stream, a larger train "
            "fraction or fewer masked nodes");
}

} // namespace
