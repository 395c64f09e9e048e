//===- Evaluation.h - Link prediction quality of a pass ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_EVALUATION_H
#define RUNTIME_TRAIN_EVALUATION_H

#include "orcinus/Runtime/Report.h"

#include <cstdint>
#include <span>
#include <vector>

namespace orcinus {

/// Averages AP and AUC over the batches of an evaluation pass, over all events
/// and over the inductive ones.
class RankingAverage {
public:
  /// `inductiveEvents` are ascending indices into the stream.
  explicit RankingAverage(std::span<const int32_t> inductiveEvents)
      : inductive(inductiveEvents) {}

  /// Adds a batch: its events, ascending and after those of the batch before,
  /// and the logits of the events and then of their negatives.
  void add(std::span<const int32_t> events, std::span<const float> logits);

  /// The means; NaN where no batch counted.
  RankingMetrics result() const;

private:
  struct Mean {
    double sum = 0;
    int64_t count = 0;
    void add(double value);
    double value() const;
  };

  std::span<const int32_t> inductive;
  /// The inductive events before it are done.
  size_t position = 0;
  std::vector<float> positives;
  std::vector<float> negatives;
  Mean precision, area, inductivePrecision, inductiveArea;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_EVALUATION_H
