//===- ReuseConditions.h - When a program informs another -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The conditions under which the program of one operator is a good start for
// the tuning of another (docs/tuning.md). They are in the style of Fang, Shen,
// Wang, Chen, "ETO: Accelerating Optimization of DNN Operators by
// High-Performance Tensor Program Reuse", PVLDB 15(2), 2021; the exact form is
// ours.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TUNING_REUSECONDITIONS_H
#define ORCINUS_TUNING_REUSECONDITIONS_H

#include "orcinus/Tuning/Operator.h"
#include "orcinus/Tuning/Schedule.h"
#include "orcinus/Tuning/ScheduleSpace.h"

#include <cstdint>

namespace orcinus {

struct ReuseConditions {
  /// The most extents in which the two operators may differ (d). Operators
  /// further apart are joined by bridges, or where few bridges would serve many
  /// of them, taken over at the risk of a search.
  int64_t differingExtents = 1;
  /// The most work that padding an extent to a tile may add, as a share.
  double paddingShare = 0.125;
};

/// The ratio of the extents that differ, larger to smaller, multiplied: 1 where
/// none does. Both operators must be of one kind.
double extentRatio(const std::vector<int64_t> &source,
                   const std::vector<int64_t> &target);

/// How many extents of the two differ. Both operators must be of one kind.
int64_t differingExtents(const std::vector<int64_t> &source,
                         const std::vector<int64_t> &target);

/// The conditions that do not depend on a program: one kind, and few enough
/// extents differ. Errors: the condition that is broken.
Status mayReuse(const OperatorDescription &source,
                const OperatorDescription &target,
                const ReuseConditions &conditions);

/// The schedule that `target` takes over from the program `schedule` of
/// another operator of its kind: inner tiles as they are, clipped to the extent
/// where that is smaller. Errors: an inner tile that would pad `target` by more
/// than the share allowed, an outer split that leaves threads idle which the
/// source's used, or a schedule that is not legal for `target`.
StatusOr<Schedule> reusedSchedule(const Schedule &schedule,
                                  const ScheduleSpace &target,
                                  const ReuseConditions &conditions);

} // namespace orcinus

#endif // ORCINUS_TUNING_REUSECONDITIONS_H
