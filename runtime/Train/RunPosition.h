//===- RunPosition.h - Where a training run is ------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_RUNPOSITION_H
#define RUNTIME_TRAIN_RUNPOSITION_H

#include "orcinus/Runtime/Report.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace orcinus {

/// Where a training run is, beside what ModelState holds. Random numbers are
/// counted, so that the position is all there is to save of them.
struct RunPosition {
  /// Epochs that were completed.
  int epochs = 0;
  /// Batches of the epoch after these that were trained.
  int64_t batch = 0;
  /// Optimizer steps since the run began.
  int64_t steps = 0;
  /// The epochs before the exact ones at the end; none while there are others.
  std::optional<int> exactFrom;
  /// Of the current epoch so far.
  double lossSum = 0;
  double trainSeconds = 0;
  /// Rows that each layer computed, first layer first.
  std::vector<int64_t> rows;
  ReuseCounts reuse;

  /// Wall-clock seconds of the whole run so far, of all its sessions.
  double totalSeconds = 0;

  /// 0 before an epoch was validated.
  int bestEpoch = 0;
  /// Of the best epoch's validation. The area is NaN, which bounds none, where
  /// a checkpoint that is read does not say it.
  double bestAveragePrecision = 0;
  double bestAreaUnderCurve = 0;
  /// Of a task that has labels: the figure that decides. NaN before an epoch
  /// was validated, and of a validation without a label.
  double bestFigure = std::numeric_limits<double>::quiet_NaN();
  /// The metrics lines of the epochs so far.
  std::vector<std::string> history;

  /// Whether an epoch with this validation is the best so far: its AP is higher
  /// than any before or, `byBoth`, neither AP nor AUC is lower than that of the
  /// best so far. Without a validation split, where both are NaN, each epoch
  /// is.
  bool isBest(const RankingMetrics &validation, bool byBoth) const {
    double precision = validation.averagePrecision;
    if (bestEpoch == 0)
      return true;
    if (byBoth)
      return !(precision < bestAveragePrecision) &&
             !(validation.areaUnderCurve < bestAreaUnderCurve);
    return !(precision <= bestAveragePrecision);
  }

  /// Whether an epoch with this figure is the best so far.
  bool isBestFigure(double figure, bool isLargerBetter) const {
    if (bestEpoch == 0)
      return true;
    return isLargerBetter ? !(figure <= bestFigure) : !(figure >= bestFigure);
  }

  /// Goes to the start of the next epoch.
  void nextEpoch() {
    ++epochs;
    batch = 0;
    lossSum = trainSeconds = 0;
    rows.clear();
    reuse = ReuseCounts();
  }
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_RUNPOSITION_H
