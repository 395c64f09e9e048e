//===- LabelMetrics.h - Figures of predicted labels -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_METRICS_LABELMETRICS_H
#define ORCINUS_METRICS_LABELMETRICS_H

#include "orcinus/Graph/Labels.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace orcinus {

/// A figure and its name, as metrics files have it. NaN where it is not
/// defined.
struct Figure {
  std::string name;
  double value = 0;
};

/// Collects predictions of labels and makes figures of them, all over what was
/// added at once:
///  - of two classes "auc", "ap" (LinkMetrics' rules) and "accuracy", a logit
///    above 0 being the second class;
///  - of more classes "accuracy", the largest prediction being the class, and
///    "f1", the unweighted mean over the classes that occur or are predicted;
///  - of numbers "rmse", "mae" and "r2", the share of variance explained;
///  - of shares "ndcg10", TGB's: the gain up to position 10 (normalizedGain),
///    the mean over the labels of one time, and of that over times.
/// The first one decides which epoch is best.
class LabelMetricsCollector {
public:
  /// Of labels such as `labels`.
  explicit LabelMetricsCollector(const LabelSet &labels)
      : labels(labels), ofClass(labels.classes.size()) {}

  /// Adds the prediction of label `label`, labels.columns() numbers.
  void add(int64_t label, std::span<const float> prediction);

  int64_t count() const { return added; }
  std::vector<Figure> result() const;

  /// Whether a larger first figure is better.
  static bool isLargerBetter(const LabelSet &labels) {
    return labels.kind() != LabelKind::Numbers;
  }

private:
  struct ClassCounts {
    int64_t occurring = 0, predicted = 0, right = 0;
  };

  void addClass(int32_t actual, int32_t predicted);
  void addGain(int64_t label, std::span<const float> prediction);
  void endTime();
  double accuracy() const;
  double meanF1() const;

  const LabelSet &labels;
  int64_t added = 0;
  /// Of two classes.
  std::vector<float> negatives, positives;
  std::vector<ClassCounts> ofClass;
  /// Of numbers: Σ e² and Σ |e| of the errors, the labels' mean and the sum of
  /// their squared distances from it (Welford 1962).
  double squares = 0, distances = 0, mean = 0, spread = 0;
  /// Of shares.
  Timestamp time;
  double gains = 0, timeGains = 0;
  int64_t ofTime = 0, times = 0;
  std::vector<double> shares, scores;
};

} // namespace orcinus

#endif // ORCINUS_METRICS_LABELMETRICS_H
