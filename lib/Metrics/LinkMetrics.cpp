//===- LinkMetrics.cpp - Figures of link prediction -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Metrics/LinkMetrics.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

using namespace orcinus;

static constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

TieRank orcinus::rankAmong(double score, std::span<const double> others) {
  TieRank rank;
  for (double other : others) {
    rank.above += other > score;
    rank.tied += other == score;
  }
  return rank;
}

/// The mean discount of the positions above + 1 to above + 1 + tied, where
/// those beyond `depth` count nothing.
static double meanDiscount(TieRank rank, int64_t depth) {
  double sum = 0;
  int64_t last = std::min(rank.above + rank.tied + 1, depth);
  for (int64_t position = rank.above + 1; position <= last; ++position)
    sum += 1 / std::log2(1 + static_cast<double>(position));
  return sum / static_cast<double>(rank.tied + 1);
}

double orcinus::normalizedGain(std::span<const double> relevances,
                               std::span<const double> scores, int64_t depth) {
  assert(relevances.size() == scores.size() && "one relevance a score");
  for (double score : scores)
    if (std::isnan(score))
      return undefined;
  int64_t count = static_cast<int64_t>(scores.size());
  if (depth <= 0 || depth > count)
    depth = count;
  auto gainBy = [&](std::span<const double> keys) {
    std::vector<int64_t> order(scores.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [&](int64_t a, int64_t b) { return keys[a] > keys[b]; });
    double gain = 0;
    for (int64_t begin = 0, end = 0; begin < depth; begin = end) {
      double relevance = 0;
      for (end = begin; end != count && keys[order[end]] == keys[order[begin]];
           ++end)
        relevance += relevances[order[end]];
      gain += relevance * meanDiscount({begin, end - begin - 1}, depth);
    }
    return gain;
  };
  double ideal = gainBy(relevances);
  return ideal > 0 ? gainBy(scores) / ideal : 0;
}

BinaryMetrics LinkMetricsCollector::Scores::rank() const {
  return rankScores(std::span<const double>(positives),
                    std::span<const double>(negatives));
}

void LinkMetricsCollector::add(double positive,
                               std::span<const double> negatives, bool ranked) {
  ++events;
  batch.positives.push_back(positive);
  batch.negatives.insert(batch.negatives.end(), negatives.begin(),
                         negatives.end());
  if (!ranked)
    return;
  ++rankedEvents;
  // A score that is not a number would compare as the best.
  if (std::isnan(positive) ||
      std::any_of(negatives.begin(), negatives.end(),
                  [](double score) { return std::isnan(score); })) {
    reciprocalSum = gainSum = undefined;
    return;
  }
  TieRank rank = rankAmong(positive, negatives);
  double mean = rank.mean();
  reciprocalSum += 1 / mean;
  within1 += mean <= 1;
  within3 += mean <= 3;
  within10 += mean <= 10;
  // The ideal ranking of one relevant candidate has the discount 1.
  gainSum += meanDiscount(rank, 10);
}

void LinkMetricsCollector::endBatch() {
  if (batch.positives.empty())
    return;
  ++batches;
  BinaryMetrics figures = batch.rank();
  precisionSum += figures.averagePrecision;
  areaSum += figures.areaUnderCurve;
  if (overSplit) {
    split.positives.insert(split.positives.end(), batch.positives.begin(),
                           batch.positives.end());
    split.negatives.insert(split.negatives.end(), batch.negatives.begin(),
                           batch.negatives.end());
  }
  batch.positives.clear();
  batch.negatives.clear();
}

LinkMetrics LinkMetricsCollector::result() const {
  auto mean = [](double sum, int64_t count) {
    return count ? sum / static_cast<double>(count) : undefined;
  };
  LinkMetrics metrics;
  metrics.events = events;
  metrics.averagePrecision = mean(precisionSum, batches);
  metrics.areaUnderCurve = mean(areaSum, batches);
  BinaryMetrics figures = split.rank();
  metrics.splitAveragePrecision = figures.averagePrecision;
  metrics.splitAreaUnderCurve = figures.areaUnderCurve;
  metrics.meanReciprocalRank = mean(reciprocalSum, rankedEvents);
  auto share = [&](int64_t count) {
    return std::isnan(reciprocalSum)
               ? undefined
               : mean(static_cast<double>(count), rankedEvents);
  };
  metrics.hits1 = share(within1);
  metrics.hits3 = share(within3);
  metrics.hits10 = share(within10);
  metrics.gain10 = mean(gainSum, rankedEvents);
  return metrics;
}
