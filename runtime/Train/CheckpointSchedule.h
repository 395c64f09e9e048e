//===- CheckpointSchedule.h - When a run is saved ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_CHECKPOINTSCHEDULE_H
#define RUNTIME_TRAIN_CHECKPOINTSCHEDULE_H

#include "lib/Support/Clock.h"
#include "orcinus/Runtime/Options.h"

#include <algorithm>
#include <cstdint>

namespace orcinus {

/// Says when a run has to be saved (CheckpointOptions).
class CheckpointSchedule {
public:
  explicit CheckpointSchedule(const CheckpointOptions &options)
      : options(options), lastEnd(Clock::now()) {}

  const CheckpointOptions &checkpoints() const { return options; }

  /// Counts a batch; whether the run should be saved after it.
  bool dueAfterBatch() {
    ++batches;
    if (options.everyBatches > 0 && batches >= options.everyBatches)
      return true;
    return isTime();
  }

  /// The same of the batch after it, where this one may have been saved.
  bool dueAfterNextBatch(bool isSaved) const {
    if (options.everyBatches > 0 &&
        (isSaved ? 0 : batches) + 1 >= options.everyBatches)
      return true;
    return !isSaved && isTime();
  }

  /// Notes that the run was saved, since `start`.
  void saved(Clock::time_point start) {
    lastEnd = Clock::now();
    lastSeconds = secondsBetween(start, lastEnd);
    batches = 0;
  }

private:
  /// Writing may take a twentieth of the time.
  bool isTime() const {
    double wait = std::max(options.everySeconds, 19 * lastSeconds);
    return secondsSince(lastEnd) >= wait;
  }

  const CheckpointOptions &options;
  Clock::time_point lastEnd;
  double lastSeconds = 0;
  int64_t batches = 0;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_CHECKPOINTSCHEDULE_H
