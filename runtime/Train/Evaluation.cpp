//===- Evaluation.cpp - Link prediction quality of a pass -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/Evaluation.h"

#include "orcinus/Metrics/Ranking.h"

#include <limits>

using namespace orcinus;

void RankingAverage::Mean::add(double value) {
  sum += value;
  ++count;
}

double RankingAverage::Mean::value() const {
  return count ? sum / static_cast<double>(count)
               : std::numeric_limits<double>::quiet_NaN();
}

void RankingAverage::add(std::span<const int32_t> events,
                         std::span<const float> logits) {
  std::span<const float> ofEvents = logits.first(events.size());
  std::span<const float> ofNegatives = logits.subspan(events.size());
  BinaryMetrics all = rankScores(ofEvents, ofNegatives);
  precision.add(all.averagePrecision);
  area.add(all.areaUnderCurve);

  positives.clear();
  negatives.clear();
  for (size_t place = 0; place != events.size(); ++place) {
    if (position == inductive.size() || inductive[position] != events[place])
      continue;
    ++position;
    positives.push_back(ofEvents[place]);
    negatives.push_back(ofNegatives[place]);
  }
  if (positives.empty())
    return;
  BinaryMetrics ofInductive = rankScores(std::span<const float>(positives),
                                         std::span<const float>(negatives));
  inductivePrecision.add(ofInductive.averagePrecision);
  inductiveArea.add(ofInductive.areaUnderCurve);
}

RankingMetrics RankingAverage::result() const {
  return {precision.value(), area.value(), inductivePrecision.value(),
          inductiveArea.value()};
}
