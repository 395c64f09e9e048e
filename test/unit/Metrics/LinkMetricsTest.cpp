//===- LinkMetricsTest.cpp - Figures of link prediction -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Metrics/LinkMetrics.h"

#include "orcinus/Metrics/Ranking.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <vector>

using namespace orcinus;

namespace {

using Scores = std::vector<double>;
const double notANumber = std::numeric_limits<double>::quiet_NaN();

TEST(LinkMetrics, RanksByTheMeanOfWhatTiesAllow) {
  EXPECT_EQ(rankAmong(5, Scores{1, 2, 3}).mean(), 1);
  EXPECT_EQ(rankAmong(2, Scores{1, 2, 3}).mean(), 2.5);
  EXPECT_EQ(rankAmong(0, Scores{1, 2, 3}).mean(), 4);
  // A constant predictor of n negatives has rank n / 2 + 1.
  EXPECT_EQ(rankAmong(0, Scores(999, 0.0)).mean(), 500.5);
  EXPECT_EQ(rankAmong(0, Scores{}).mean(), 1);
}

TEST(LinkMetrics, MeansOverEvents) {
  LinkMetricsCollector collector(true);
  collector.add(5, Scores{1, 2, 3}, true); // rank 1
  collector.add(2, Scores{1, 2, 3}, true); // rank 2.5
  collector.endBatch();
  collector.add(0, Scores(20, 1.0), true); // rank 21
  collector.endBatch();
  collector.endBatch();
  LinkMetrics metrics = collector.result();
  EXPECT_EQ(metrics.events, 3);
  EXPECT_DOUBLE_EQ(metrics.meanReciprocalRank, (1 + 1 / 2.5 + 1.0 / 21) / 3);
  EXPECT_DOUBLE_EQ(metrics.hits1, 1.0 / 3);
  EXPECT_DOUBLE_EQ(metrics.hits3, 2.0 / 3);
  EXPECT_DOUBLE_EQ(metrics.hits10, 2.0 / 3);
  // The tie shares the discounts of positions 2 and 3.
  double shared = (1 / std::log2(3.0) + 1 / std::log2(4.0)) / 2;
  EXPECT_DOUBLE_EQ(metrics.gain10, (1 + shared + 0) / 3);

  Scores first = {5, 2}, firstNegatives = {1, 2, 3, 1, 2, 3};
  Scores second = {0}, secondNegatives(20, 1.0);
  auto precision = [](const Scores &positives, const Scores &negatives) {
    return rankScores(std::span<const double>(positives),
                      std::span<const double>(negatives))
        .averagePrecision;
  };
  EXPECT_DOUBLE_EQ(
      metrics.averagePrecision,
      (precision(first, firstNegatives) + precision(second, secondNegatives)) /
          2);
  // Of the second batch no negative is below the positive.
  EXPECT_DOUBLE_EQ(metrics.areaUnderCurve, (9.0 / 12 + 0) / 2);
  Scores all = {5, 2, 0}, allNegatives = {1, 2, 3, 1, 2, 3};
  allNegatives.insert(allNegatives.end(), 20, 1.0);
  EXPECT_DOUBLE_EQ(metrics.splitAveragePrecision, precision(all, allNegatives));
  EXPECT_DOUBLE_EQ(metrics.splitAreaUnderCurve,
                   (26 + (22 + 2 * 0.5) + 0) / (3.0 * 26));
}

TEST(LinkMetrics, WithoutRanksOrEvents) {
  LinkMetricsCollector collector(false);
  LinkMetrics none = collector.result();
  EXPECT_EQ(none.events, 0);
  EXPECT_TRUE(std::isnan(none.averagePrecision));
  EXPECT_TRUE(std::isnan(none.meanReciprocalRank));
  EXPECT_TRUE(std::isnan(none.hits10));
  collector.add(1, Scores{0}, false);
  collector.endBatch();
  LinkMetrics unranked = collector.result();
  EXPECT_EQ(unranked.averagePrecision, 1);
  EXPECT_TRUE(std::isnan(unranked.splitAveragePrecision));
  EXPECT_TRUE(std::isnan(unranked.meanReciprocalRank));
  EXPECT_TRUE(std::isnan(unranked.gain10));
}

TEST(LinkMetrics, WhatIsNoNumberIsNoSuccess) {
  for (bool positive : {false, true}) {
    LinkMetricsCollector collector(true);
    collector.add(1, Scores{0}, true);
    collector.add(positive ? notANumber : 1, Scores{positive ? 0 : notANumber},
                  true);
    collector.endBatch();
    LinkMetrics metrics = collector.result();
    EXPECT_TRUE(std::isnan(metrics.meanReciprocalRank));
    EXPECT_TRUE(std::isnan(metrics.hits1));
    EXPECT_TRUE(std::isnan(metrics.gain10));
    EXPECT_TRUE(std::isnan(metrics.averagePrecision));
    EXPECT_TRUE(std::isnan(metrics.splitAreaUnderCurve));
  }
}

TEST(LinkMetrics, NormalizedGainByHand) {
  // Ranked by score: gains 3, 0, 2; ideally 3, 2, 0.
  double gain = 3 + 2 / std::log2(4.0), ideal = 3 + 2 / std::log2(3.0);
  EXPECT_DOUBLE_EQ(normalizedGain(Scores{2, 3, 0}, Scores{1, 3, 2}, 0),
                   gain / ideal);
  // Up to position 2 the gain of 2 is not reached.
  EXPECT_DOUBLE_EQ(normalizedGain(Scores{2, 3, 0}, Scores{1, 3, 2}, 2),
                   3 / ideal);
  // All scores equal: each position has the mean gain.
  EXPECT_DOUBLE_EQ(normalizedGain(Scores{2, 3, 1}, Scores{7, 7, 7}, 2),
                   2 * (1 + 1 / std::log2(3.0)) / (3 + 2 / std::log2(3.0)));
  EXPECT_EQ(normalizedGain(Scores{0, 0}, Scores{1, 2}, 10), 0);
  EXPECT_TRUE(
      std::isnan(normalizedGain(Scores{1, 0}, Scores{notANumber, 2}, 10)));
}

TEST(LinkMetrics, GainOfOneRelevantCandidateIsThatOfItsRank) {
  std::mt19937 random(5);
  std::uniform_int_distribution<int> level(0, 12);
  for (int round = 0; round != 200; ++round) {
    Scores scores(30), relevances(30, 0.0);
    for (double &score : scores)
      score = level(random);
    relevances[0] = 1;
    LinkMetricsCollector collector(false);
    collector.add(scores[0], std::span(scores).subspan(1), true);
    EXPECT_NEAR(collector.result().gain10,
                normalizedGain(relevances, scores, 10), 1e-12);
  }
}

} // namespace
