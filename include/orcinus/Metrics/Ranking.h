//===- Ranking.h - Average precision and area under the curve ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_METRICS_RANKING_H
#define ORCINUS_METRICS_RANKING_H

#include <limits>
#include <span>

namespace orcinus {

/// What scores say about two classes.
struct BinaryMetrics {
  /// Average precision, with ties taken as one threshold (as scikit-learn's
  /// average_precision_score). NaN where there is no positive or a score is
  /// NaN.
  double averagePrecision = std::numeric_limits<double>::quiet_NaN();
  /// Area under the ROC curve, ties counted half (Mann-Whitney U). NaN where
  /// one of the classes is empty or a score is NaN.
  double areaUnderCurve = std::numeric_limits<double>::quiet_NaN();
};

/// Both figures of the scores of positive and negative examples, in one pass
/// over the negatives.
BinaryMetrics rankScores(std::span<const float> positiveScores,
                         std::span<const float> negativeScores);
BinaryMetrics rankScores(std::span<const double> positiveScores,
                         std::span<const double> negativeScores);

/// One of them.
double averagePrecision(std::span<const float> positiveScores,
                        std::span<const float> negativeScores);
double areaUnderCurve(std::span<const float> positiveScores,
                      std::span<const float> negativeScores);

} // namespace orcinus

#endif // ORCINUS_METRICS_RANKING_H
