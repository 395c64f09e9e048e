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
#include <limits>
#include <vector>

using namespace orcinus;

namespace {

/// A distinct score of positive examples.
struct Level {
  int64_t positives = 0;
  /// Negatives of the same score.
  int64_t tied = 0;
  /// Negatives above it and below the next level.
  int64_t above = 0;
};

/// The levels of the positive scores from the lowest to the highest, and the
/// negatives that lie below all of them.
struct Levels {
  std::vector<Level> levels;
  int64_t below = 0;
};

} // namespace

template <typename Score>
static bool holdsNaN(std::span<const Score> scores) {
  return std::any_of(scores.begin(), scores.end(),
                     [](Score score) { return std::isnan(score); });
}

/// How many of `sorted`, which is not empty, are at most `value`. Without a
/// branch on the values, which no processor could foresee.
template <typename Score>
static size_t countUpTo(std::span<const Score> sorted, Score value) {
  size_t begin = 0;
  for (size_t left = sorted.size(); left > 1;) {
    size_t half = left / 2;
    begin += sorted[begin + half - 1] <= value ? half : 0;
    left -= half;
  }
  return begin + (sorted[begin] <= value);
}

/// O((P + N) log P) for P positives and N negatives, which are not sorted:
/// there may be a thousand of them for each positive.
template <typename Score>
static Levels countByLevel(std::span<const Score> positiveScores,
                           std::span<const Score> negativeScores) {
  std::vector<Score> scores(positiveScores.begin(), positiveScores.end());
  std::sort(scores.begin(), scores.end());
  Levels result;
  size_t distinct = 0;
  for (size_t i = 0; i != scores.size(); ++i) {
    if (i == 0 || scores[i] != scores[distinct - 1]) {
      scores[distinct++] = scores[i];
      result.levels.emplace_back();
    }
    ++result.levels.back().positives;
  }
  std::span<const Score> sorted = std::span(scores).first(distinct);
  for (Score negative : negativeScores) {
    size_t place = countUpTo(sorted, negative);
    if (place == 0)
      ++result.below;
    else if (sorted[place - 1] == negative)
      ++result.levels[place - 1].tied;
    else
      ++result.levels[place - 1].above;
  }
  return result;
}

static double precisionOf(const std::vector<Level> &levels, size_t positives) {
  double precisionSum = 0;
  int64_t truePositives = 0, predicted = 0;
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    truePositives += level->positives;
    predicted += level->above + level->positives + level->tied;
    precisionSum += static_cast<double>(level->positives) *
                    static_cast<double>(truePositives) /
                    static_cast<double>(predicted);
  }
  return precisionSum / static_cast<double>(positives);
}

static double areaOf(const Levels &counts, size_t positives, size_t negatives) {
  // Twice the pairs in which the positive is ranked higher, a tie as half one.
  double twiceWins = 0;
  int64_t positivesAbove = 0;
  auto addWins = [&](int64_t negatives, int64_t twicePositives) {
    twiceWins +=
        static_cast<double>(negatives) * static_cast<double>(twicePositives);
  };
  for (auto level = counts.levels.rbegin(); level != counts.levels.rend();
       ++level) {
    addWins(level->above, 2 * positivesAbove);
    addWins(level->tied, 2 * positivesAbove + level->positives);
    positivesAbove += level->positives;
  }
  addWins(counts.below, 2 * positivesAbove);
  return twiceWins / (2.0 * static_cast<double>(positives) *
                      static_cast<double>(negatives));
}

template <typename Score>
static BinaryMetrics rank(std::span<const Score> positiveScores,
                          std::span<const Score> negativeScores) {
  BinaryMetrics result;
  if (positiveScores.empty() || holdsNaN(positiveScores) ||
      holdsNaN(negativeScores))
    return result;
  Levels counts = countByLevel(positiveScores, negativeScores);
  result.averagePrecision = precisionOf(counts.levels, positiveScores.size());
  if (!negativeScores.empty())
    result.areaUnderCurve =
        areaOf(counts, positiveScores.size(), negativeScores.size());
  return result;
}

BinaryMetrics orcinus::rankScores(std::span<const float> positiveScores,
                                  std::span<const float> negativeScores) {
  return rank(positiveScores, negativeScores);
}

BinaryMetrics orcinus::rankScores(std::span<const double> positiveScores,
                                  std::span<const double> negativeScores) {
  return rank(positiveScores, negativeScores);
}

double orcinus::averagePrecision(std::span<const float> positiveScores,
                                 std::span<const float> negativeScores) {
  return rank(positiveScores, negativeScores).averagePrecision;
}

double orcinus::areaUnderCurve(std::span<const float> positiveScores,
                               std::span<const float> negativeScores) {
  return rank(positiveScores, negativeScores).areaUnderCurve;
}
