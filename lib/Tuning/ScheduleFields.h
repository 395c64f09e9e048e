//===- ScheduleFields.h - What the values of schedules may be ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The fields of the host's schedules, which the compiler reads and the tuner's
// spaces offer: docs/schedules.md says what they mean.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_SCHEDULEFIELDS_H
#define ORCINUS_LIB_TUNING_SCHEDULEFIELDS_H

#include "orcinus/Support/Status.h"
#include "orcinus/Tuning/Schedule.h"

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace orcinus {

/// A value of a schedule, and what it may be.
struct ScheduleField {
  std::string_view name;
  int64_t minimum;
  int64_t maximum = std::numeric_limits<int64_t>::max();
};

/// Those of sums of products.
inline constexpr ScheduleField contractionFields[] = {
    {"tile_rows", 1, 64},      {"panel_vectors", 1, 64},
    {"vector_lanes", 0, 1024}, {"reduction_block", 0},
    {"row_block", 0},          {"column_block", 0},
    {"tile_order", 0, 1},      {"row_tasks", 0},
    {"column_tasks", 0},       {"pack_left", 0, 1},
    {"left_padding", 0, 1024}, {"pack_right", 0, 1},
    {"unroll", 1, 1024},
};

/// Those of reductions and elementwise ops.
inline constexpr ScheduleField rowFields[] = {
    {"row_block", 0},
    {"row_tasks", 0},
    {"unroll", 0, 64},
    {"vector_lanes", 0, 1024},
};

/// Errors: a name of `schedule` that is not among `fields`, or a value out of
/// range.
Status checkFields(const Schedule &schedule,
                   std::span<const ScheduleField> fields);

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_SCHEDULEFIELDS_H
