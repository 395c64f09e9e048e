//===- EpochForecast.h - What an epoch will do and take ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_EPOCHFORECAST_H
#define RUNTIME_TRAIN_EPOCHFORECAST_H

#include "orcinus/Reuse/ReuseCounts.h"

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace orcinus {

/// A training step that was measured.
struct StepSample {
  /// That each layer computed, first layer first.
  std::vector<int64_t> rows;
  double seconds = 0;
};

/// What the first epoch of a run does: counts are those of the run's metrics.
struct EpochForecast {
  int64_t batches = 0;
  std::vector<int64_t> rows;
  ReuseCounts reuse;
  /// Steps throughout the epoch.
  std::vector<StepSample> samples;
};

/// What a training step takes: a fixed part, and a part for each row.
struct StepCost {
  double perStep = 0;
  /// By layer, first layer first.
  std::vector<double> perRow;

  /// The seconds of `batches` steps that compute so many rows in all.
  double secondsOf(int64_t batches, std::span<const int64_t> rows) const;
  /// Those of one step, of rows that are means.
  double secondsOf(std::span<const double> rows) const;
};

/// The batches [first, second) whose steps are measured, in order, of so many:
/// runs at even distances throughout the epoch.
std::vector<std::pair<int64_t, int64_t>> measuredBatches(int64_t batches);

/// The cost that is least off the samples, in the sum of the absolute
/// differences: what disturbs a few of them, as another program on the same
/// processor does, decides on nothing. No part of it is negative. Rows that do
/// not change from sample to sample count into the fixed part or not, which
/// makes no difference to steps of as many.
StepCost fitStepCost(std::span<const StepSample> samples);

} // namespace orcinus

#endif // RUNTIME_TRAIN_EPOCHFORECAST_H
