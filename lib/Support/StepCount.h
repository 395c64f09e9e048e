//===- StepCount.h - What a step has so many of -----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_SUPPORT_STEPCOUNT_H
#define ORCINUS_LIB_SUPPORT_STEPCOUNT_H

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace orcinus {

/// The counts of a step that extents of its outputs are made of, as docs/abi.md
/// has them. What each is of a step's input says `StepInput::count`.
enum class StepCount : uint8_t { Events, Negatives, Pairs, Targets, Labels };

/// Their names, in order.
inline constexpr std::array<std::string_view, 5> stepCountNames{
    "events", "negatives", "pairs", "targets", "labels"};

constexpr std::string_view stepCountName(StepCount count) {
  return stepCountNames[static_cast<size_t>(count)];
}

/// Nothing for a name that is none of these.
constexpr std::optional<StepCount> parseStepCount(std::string_view name) {
  const auto *found = std::ranges::find(stepCountNames, name);
  if (found == stepCountNames.end())
    return std::nullopt;
  return static_cast<StepCount>(found - stepCountNames.begin());
}

} // namespace orcinus

#endif // ORCINUS_LIB_SUPPORT_STEPCOUNT_H
