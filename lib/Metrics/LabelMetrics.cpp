//===- LabelMetrics.cpp - Figures of predicted labels ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Metrics/LabelMetrics.h"

#include "orcinus/Metrics/LinkMetrics.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace orcinus;

static constexpr double noFigure = std::numeric_limits<double>::quiet_NaN();

static double share(double part, int64_t whole) {
  return whole ? part / static_cast<double>(whole) : noFigure;
}

void LabelMetricsCollector::addClass(int32_t actual, int32_t predicted) {
  ++ofClass[actual].occurring;
  ++ofClass[predicted].predicted;
  ofClass[actual].right += actual == predicted;
}

void LabelMetricsCollector::endTime() {
  if (ofTime) {
    timeGains += gains / static_cast<double>(ofTime);
    ++times;
  }
  gains = 0;
  ofTime = 0;
}

void LabelMetricsCollector::addGain(int64_t label,
                                    std::span<const float> prediction) {
  constexpr int64_t depth = 10;
  if (labels.places[label].time != time)
    endTime();
  time = labels.places[label].time;
  shares.assign(labels.classes.size(), 0);
  for (LabelEntry entry : labels.entriesOf(label))
    shares[entry.column] += entry.value;
  scores.assign(prediction.begin(), prediction.end());
  gains += normalizedGain(shares, scores, depth);
  ++ofTime;
}

void LabelMetricsCollector::add(int64_t label,
                                std::span<const float> prediction) {
  ++added;
  LabelEntry actual = labels.entriesOf(label).front();
  if (labels.kind() == LabelKind::Shares)
    return addGain(label, prediction);
  if (labels.kind() == LabelKind::Classes) {
    if (!labels.isBinary()) {
      auto largest = std::ranges::max_element(prediction);
      return addClass(actual.column,
                      static_cast<int32_t>(largest - prediction.begin()));
    }
    (actual.column == 1 ? positives : negatives).push_back(prediction[0]);
    return addClass(actual.column, prediction[0] > 0);
  }
  double value = actual.value, error = prediction[0] - value;
  squares += error * error;
  distances += std::abs(error);
  double before = value - mean;
  mean += before / static_cast<double>(added);
  spread += before * (value - mean);
}

double LabelMetricsCollector::accuracy() const {
  int64_t right = 0;
  for (const ClassCounts &counts : ofClass)
    right += counts.right;
  return share(static_cast<double>(right), added);
}

double LabelMetricsCollector::meanF1() const {
  double total = 0;
  int64_t classes = 0;
  for (const ClassCounts &counts : ofClass) {
    int64_t both = counts.occurring + counts.predicted;
    if (both == 0)
      continue;
    ++classes;
    total +=
        2.0 * static_cast<double>(counts.right) / static_cast<double>(both);
  }
  return share(total, classes);
}

std::vector<Figure> LabelMetricsCollector::result() const {
  if (labels.kind() == LabelKind::Shares) {
    LabelMetricsCollector whole = *this;
    whole.endTime();
    return {{"ndcg10", share(whole.timeGains, whole.times)}};
  }
  if (labels.kind() == LabelKind::Numbers) {
    return {{"rmse", std::sqrt(share(squares, added))},
            {"mae", share(distances, added)},
            {"r2", spread > 0 ? 1 - squares / spread : noFigure}};
  }
  if (!labels.isBinary())
    return {{"accuracy", accuracy()}, {"f1", meanF1()}};
  BinaryMetrics ranking = rankScores(std::span<const float>(positives),
                                     std::span<const float>(negatives));
  return {{"auc", ranking.areaUnderCurve},
          {"ap", ranking.averagePrecision},
          {"accuracy", accuracy()}};
}
