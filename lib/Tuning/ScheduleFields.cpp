//===- ScheduleFields.cpp - What the values of schedules may be -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScheduleFields.h"

#include <fmt/format.h>

#include <algorithm>

using namespace orcinus;

Status orcinus::checkFields(const Schedule &schedule,
                            std::span<const ScheduleField> fields) {
  for (const auto &[name, value] : schedule.entries()) {
    auto field = std::find_if(
        fields.begin(), fields.end(),
        [&](const ScheduleField &other) { return other.name == name; });
    if (field == fields.end())
      return Status::error(fmt::format("unknown '{}' in the schedule", name));
    if (value < field->minimum)
      return Status::error(fmt::format(
          "'{}' in the schedule must be at least {}", name, field->minimum));
    if (value > field->maximum)
      return Status::error(fmt::format(
          "'{}' in the schedule must be at most {}", name, field->maximum));
  }
  return Status();
}
