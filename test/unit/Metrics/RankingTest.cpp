//===- RankingTest.cpp - Average precision and area under the curve -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Metrics/Ranking.h"

#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <set>
#include <vector>

using namespace orcinus;

namespace {

using Scores = std::vector<float>;

/// Average precision by its definition: over the distinct scores as
/// thresholds, the precision weighted with the growth of the recall.
double averagePrecisionByDefinition(const Scores &positives,
                                    const Scores &negatives) {
  std::set<float, std::greater<float>> thresholds(positives.begin(),
                                                  positives.end());
  thresholds.insert(negatives.begin(), negatives.end());
  double sum = 0, lastRecall = 0;
  for (float threshold : thresholds) {
    double truePositives = 0, falsePositives = 0;
    for (float score : positives)
      truePositives += score >= threshold;
    for (float score : negatives)
      falsePositives += score >= threshold;
    double recall = truePositives / static_cast<double>(positives.size());
    sum += (recall - lastRecall) * truePositives /
           (truePositives + falsePositives);
    lastRecall = recall;
  }
  return sum;
}

/// The share of pairs that are ranked rightly, ties counted half.
double areaByPairs(const Scores &positives, const Scores &negatives) {
  double wins = 0;
  for (float positive : positives)
    for (float negative : negatives)
      wins += positive > negative ? 1 : positive == negative ? 0.5 : 0;
  return wins / (static_cast<double>(positives.size()) *
                 static_cast<double>(negatives.size()));
}

TEST(Ranking, AgreesWithItsDefinitions) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    // Few levels make many ties.
    std::uniform_int_distribution<int> level(0, 1 + round % 20);
    std::uniform_int_distribution<size_t> size(1, 40);
    Scores positives(size(random)), negatives(size(random));
    for (Scores *scores : {&positives, &negatives})
      for (float &score : *scores)
        score = static_cast<float>(level(random)) / 3 - 2;
    EXPECT_NEAR(averagePrecision(positives, negatives),
                averagePrecisionByDefinition(positives, negatives), 1e-12);
    EXPECT_NEAR(areaUnderCurve(positives, negatives),
                areaByPairs(positives, negatives), 1e-12);
  }
}

/// What scikit-learn 1.9.1 gives for `positives` and then `negatives` scores
/// in [0, 1), of `levels` levels, from a linear congruential generator.
struct KnownAnswer {
  uint32_t seed;
  size_t positives, negatives;
  uint32_t levels;
  double averagePrecision, areaUnderCurve;
};

TEST(Ranking, AgreesWithScikitLearn) {
  for (const KnownAnswer &known : std::initializer_list<KnownAnswer>{
           {1, 4, 5, 100, 0.68452380952380953, 0.65000000000000002},
           {2, 50, 50, 10, 0.56459426782411459, 0.55059999999999998},
           {3, 200, 200, 1000, 0.48781128482507807, 0.49041249999999997},
           {4, 200, 200, 3, 0.49812550335570471, 0.49954999999999994},
           {5, 30, 170, 50, 0.14101120889727661, 0.45813725490196072},
           {6, 1, 9, 7, 0.16666666666666666, 0.5},
           {7, 200, 200, 1, 0.5, 0.5}}) {
    Scores positives(known.positives), negatives(known.negatives);
    uint64_t state = known.seed;
    for (Scores *scores : {&positives, &negatives})
      for (float &score : *scores) {
        state = (state * 1103515245 + 12345) % (uint64_t(1) << 31);
        score = static_cast<float>((state >> 16) % known.levels) /
                static_cast<float>(known.levels);
      }
    EXPECT_NEAR(averagePrecision(positives, negatives), known.averagePrecision,
                1e-14);
    EXPECT_NEAR(areaUnderCurve(positives, negatives), known.areaUnderCurve,
                1e-14);
  }
}

TEST(Ranking, PerfectWrongAndUndecided) {
  Scores low = {0, 1, 2}, high = {3, 4};
  EXPECT_EQ(averagePrecision(high, low), 1);
  EXPECT_EQ(areaUnderCurve(high, low), 1);
  EXPECT_EQ(areaUnderCurve(low, high), 0);
  Scores same = {5, 5};
  EXPECT_EQ(averagePrecision(same, same), 0.5);
  EXPECT_EQ(areaUnderCurve(same, same), 0.5);
  float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(areaUnderCurve(Scores{infinity}, Scores{-infinity}), 1);
}

TEST(Ranking, IsNaNWhereItIsNotDefined) {
  Scores some = {1}, none;
  Scores broken = {1, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_TRUE(std::isnan(averagePrecision(none, some)));
  EXPECT_EQ(averagePrecision(some, none), 1);
  EXPECT_TRUE(std::isnan(areaUnderCurve(none, some)));
  EXPECT_TRUE(std::isnan(areaUnderCurve(some, none)));
  EXPECT_TRUE(std::isnan(averagePrecision(broken, some)));
  EXPECT_TRUE(std::isnan(areaUnderCurve(some, broken)));
}

} // namespace
