//===- LinkMetrics.h - Figures of link prediction ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_METRICS_LINKMETRICS_H
#define ORCINUS_METRICS_LINKMETRICS_H

#include "orcinus/Metrics/Ranking.h"

#include <cstdint>
#include <span>
#include <vector>

namespace orcinus {

/// Where a score stands among others.
struct TieRank {
  /// How many of the others are higher, and how many are equal.
  int64_t above = 0;
  int64_t tied = 0;

  /// The mean of the ranks that the ties allow, from 1: TGB's rule. Of all
  /// equal scores none is credited.
  double mean() const {
    return static_cast<double>(above) + static_cast<double>(tied) / 2 + 1;
  }
};

/// The rank of `score` among `others`; no score may be NaN, which compares as
/// neither.
TieRank rankAmong(double score, std::span<const double> others);

/// The normalised discounted cumulative gain of `scores` up to position `depth`
/// (0 for all), with the gains `relevances` (not negative) and the discounts
/// 1 / log2(1 + position); equal scores share the mean of their discounts, as
/// in scikit-learn's ndcg_score. 0 where no relevance is positive; NaN where a
/// score is. Both spans have the same length.
double normalizedGain(std::span<const double> relevances,
                      std::span<const double> scores, int64_t depth);

/// The figures of a set of positive events. What is not defined is NaN.
struct LinkMetrics {
  int64_t events = 0;
  /// Unweighted means over the batches.
  double averagePrecision = 0;
  double areaUnderCurve = 0;
  /// Over all events and negatives at once.
  double splitAveragePrecision = 0;
  double splitAreaUnderCurve = 0;
  /// Means over the events, each ranked among its own negatives by the rule of
  /// `TieRank`: 1 / rank, the shares of ranks up to 1, 3 and 10, and the gain
  /// up to position 10.
  double meanReciprocalRank = 0;
  double hits1 = 0;
  double hits3 = 0;
  double hits10 = 0;
  double gain10 = 0;
};

/// Collects scores and makes figures of them. It keeps the scores of a batch
/// and, where figures over the split are wanted, 8 bytes a score.
class LinkMetricsCollector {
public:
  explicit LinkMetricsCollector(bool overSplit) : overSplit(overSplit) {}

  /// Adds an event and its negatives. `ranked` says that the negatives answer
  /// the same question as the event, so that a rank among them means something.
  void add(double positive, std::span<const double> negatives, bool ranked);

  /// Ends a batch; one without an event does not count.
  void endBatch();

  LinkMetrics result() const;

private:
  struct Scores {
    std::vector<double> positives;
    std::vector<double> negatives;
    BinaryMetrics rank() const;
  };

  bool overSplit;
  Scores batch;
  Scores split;
  int64_t events = 0;
  int64_t batches = 0;
  int64_t rankedEvents = 0;
  double precisionSum = 0;
  double areaSum = 0;
  double reciprocalSum = 0;
  double gainSum = 0;
  int64_t within1 = 0;
  int64_t within3 = 0;
  int64_t within10 = 0;
};

} // namespace orcinus

#endif // ORCINUS_METRICS_LINKMETRICS_H
