//===- ReuseConditions.cpp - When a program informs another ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/ReuseConditions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

using namespace orcinus;

double orcinus::extentRatio(const std::vector<int64_t> &source,
                            const std::vector<int64_t> &target) {
  assert(source.size() == target.size() && "operators of one kind");
  double ratio = 1;
  for (size_t at = 0; at < source.size(); ++at)
    ratio *= static_cast<double>(std::max(source[at], target[at])) /
             static_cast<double>(std::min(source[at], target[at]));
  return ratio;
}

int64_t orcinus::differingExtents(const std::vector<int64_t> &source,
                                  const std::vector<int64_t> &target) {
  assert(source.size() == target.size() && "operators of one kind");
  int64_t differing = 0;
  for (size_t at = 0; at < source.size(); ++at)
    differing += source[at] != target[at];
  return differing;
}

Status orcinus::mayReuse(const OperatorDescription &source,
                         const OperatorDescription &target,
                         const ReuseConditions &conditions) {
  if (source.kind() != target.kind())
    return Status::error(fmt::format("'{}' and '{}' are of different kinds",
                                     source.name, target.name));
  int64_t differing = differingExtents(source.extents(), target.extents());
  if (differing > conditions.differingExtents)
    return Status::error(fmt::format(
        "'{}' and '{}' differ in {} extents, more than {}", source.name,
        target.name, differing, conditions.differingExtents));
  return Status();
}

/// The work that tiles of `tile` iterations add to a loop of `extent`, as a
/// share.
static double padding(int64_t tile, int64_t extent) {
  int64_t tiles = (extent + tile - 1) / tile;
  return static_cast<double>(tiles * tile - extent) /
         static_cast<double>(extent);
}

/// The largest value of `parameter` from `value` down to its half whose tile
/// fits a loop of `extent`; 0 where none does. A tile that is longer than the
/// loop is clipped to it, which is what lowering does with it anyway.
static int64_t fittingTile(const ScheduleParameter &parameter, int64_t value,
                           int64_t extent, double paddingShare) {
  int64_t whole = (extent + parameter.unit - 1) / parameter.unit;
  if (value >= whole)
    return whole;
  for (int64_t smaller = value; 2 * smaller >= value && smaller > 0; --smaller)
    if (padding(smaller * parameter.unit, extent) <= paddingShare)
      return smaller;
  return 0;
}

/// Whether the parameter's value is the extent of a tile that reuse keeps.
static bool isKeptTile(const ScheduleParameter &parameter) {
  return parameter.role == ParameterRole::InnerTile && parameter.loop >= 0;
}

StatusOr<Schedule> orcinus::reusedSchedule(const Schedule &schedule,
                                           const ScheduleSpace &target,
                                           const ReuseConditions &conditions) {
  const OperatorDescription &description = target.description();
  Schedule reused;
  for (const ScheduleParameter &parameter : target.parameters()) {
    std::optional<int64_t> value = schedule.find(parameter.name);
    if (!value)
      return Status::error(fmt::format("the schedule '{}' has no '{}'",
                                       schedule.toString(), parameter.name));
    int64_t extent =
        parameter.loop < 0 ? 0 : description.loops[parameter.loop].extent;
    if (isKeptTile(parameter) && *value > 0) {
      int64_t fitting =
          fittingTile(parameter, *value, extent, conditions.paddingShare);
      if (fitting == 0)
        return Status::error(fmt::format(
            "'{}' of {} does not fit the {} iterations of '{}'", parameter.name,
            *value, extent, description.loops[parameter.loop].name));
      value = fitting;
    }
    if (parameter.role == ParameterRole::ParallelSplit &&
        *value >= target.target().threads && *value > extent)
      return Status::error(
          fmt::format("'{}' of {} leaves threads idle: '{}' has {} iterations",
                      parameter.name, *value,
                      description.loops[parameter.loop].name, extent));
    reused.set(parameter.name, *value);
  }
  if (Status status = target.legal(reused); !status.ok())
    return status;
  return reused;
}
