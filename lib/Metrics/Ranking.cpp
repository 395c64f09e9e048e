//===- Ranking.cpp - Average precision and area under the curve -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Metrics/Ranking.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

using namespace orcinus;

static bool holdsNaN(std::span<const float> scores) {
  return std::any_of(scores.begin(), scores.end(),
                     [](float score) { return std::isnan(score); });
}

/// Calls `visit(positives, negatives)` for each distinct score, from the
/// highest to the lowest, with how many examples of each class have it.
template <typename Visit>
static void forEachThreshold(std::span<const float> positiveScores,
                             std::span<const float> negativeScores,
                             Visit visit) {
  std::vector<float> positives(positiveScores.begin(), positiveScores.end());
  std::vector<float> negatives(negativeScores.begin(), negativeScores.end());
  std::sort(positives.begin(), positives.end(), std::greater<float>());
  std::sort(negatives.begin(), negatives.end(), std::greater<float>());
  auto positive = positives.begin(), negative = negatives.begin();
  while (positive != positives.end() || negative != negatives.end()) {
    float threshold = positive == positives.end() ? *negative
                      : negative == negatives.end()
                          ? *positive
                          : std::max(*positive, *negative);
    auto skip = [&](auto &position, const std::vector<float> &scores) {
      int64_t count = 0;
      for (; position != scores.end() && *position == threshold; ++position)
        ++count;
      return count;
    };
    int64_t positiveCount = skip(positive, positives);
    visit(positiveCount, skip(negative, negatives));
  }
}

double orcinus::averagePrecision(std::span<const float> positiveScores,
                                 std::span<const float> negativeScores) {
  if (positiveScores.empty() || holdsNaN(positiveScores) ||
      holdsNaN(negativeScores))
    return std::numeric_limits<double>::quiet_NaN();
  double precisionSum = 0;
  int64_t truePositives = 0, predicted = 0;
  forEachThreshold(positiveScores, negativeScores,
                   [&](int64_t positives, int64_t negatives) {
                     truePositives += positives;
                     predicted += positives + negatives;
                     precisionSum += static_cast<double>(positives) *
                                     static_cast<double>(truePositives) /
                                     static_cast<double>(predicted);
                   });
  return precisionSum / static_cast<double>(positiveScores.size());
}

double orcinus::areaUnderCurve(std::span<const float> positiveScores,
                               std::span<const float> negativeScores) {
  if (positiveScores.empty() || negativeScores.empty() ||
      holdsNaN(positiveScores) || holdsNaN(negativeScores))
    return std::numeric_limits<double>::quiet_NaN();
  // Twice the pairs in which the positive is ranked higher, a tie as half one.
  double twiceWins = 0;
  int64_t positivesAbove = 0;
  forEachThreshold(positiveScores, negativeScores,
                   [&](int64_t positives, int64_t negatives) {
                     twiceWins +=
                         static_cast<double>(negatives) *
                         static_cast<double>(2 * positivesAbove + positives);
                     positivesAbove += positives;
                   });
  return twiceWins / (2.0 * static_cast<double>(positiveScores.size()) *
                      static_cast<double>(negativeScores.size()));
}
