//===- ScheduleSpace.cpp - The schedules an operator can have -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/ScheduleSpace.h"

#include "Spaces/Spaces.h"

#include "orcinus/Tuning/GpuChip.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace orcinus;

ScheduleSpace::~ScheduleSpace() = default;

Status ScheduleSpace::legal(const Schedule &schedule) const {
  const std::vector<Schedule::Entry> &entries = schedule.entries();
  if (entries.size() != parameterList.size())
    return Status::error(fmt::format(
        "a schedule of '{}' has {} parameters, not {}",
        operatorDescription.name, parameterList.size(), entries.size()));
  for (size_t at = 0; at < entries.size(); ++at) {
    const ScheduleParameter &parameter = parameterList[at];
    const auto &[name, value] = entries[at];
    if (name != parameter.name)
      return Status::error(fmt::format("'{}' must come in the place of '{}'",
                                       parameter.name, name));
    if (value < 0 || value < parameter.choices.front())
      return Status::error(
          fmt::format("'{}' is {}; the least is {}", name, value,
                      std::max<int64_t>(0, parameter.choices.front())));
  }
  return Status();
}

static float logarithm(double value) {
  return static_cast<float>(std::log2(1 + value));
}

std::vector<float> ScheduleSpace::features(const Schedule &schedule) const {
  std::vector<float> result;
  for (int64_t extent : operatorDescription.extents())
    result.push_back(logarithm(extent));
  result.push_back(logarithm(operatorDescription.bytes()));
  for (size_t at = 0; at < parameterList.size(); ++at) {
    const ScheduleParameter &parameter = parameterList[at];
    int64_t value = schedule.entries()[at].second;
    result.push_back(logarithm(value));
    if (parameter.loop < 0)
      continue;
    double extent = operatorDescription.loops[parameter.loop].extent;
    double tile =
        value ? std::min<double>(value * parameter.unit, extent) : extent;
    double tiles = std::ceil(extent / tile);
    result.push_back(logarithm(tiles));
    result.push_back(static_cast<float>(tiles * tile / extent - 1));
  }
  return result;
}

StatusOr<std::unique_ptr<ScheduleSpace>>
orcinus::createScheduleSpace(const OperatorDescription &description,
                             const TargetDescription &target) {
  if (Status status = description.checkSize(); !status.ok())
    return status;
  if (target.name == "host") {
    for (const OperatorOperand &operand : description.operands)
      if (operand.elementType != "f32")
        return Status::error(
            fmt::format("'{}' has elements of {}: f32 alone is tuned",
                        description.name, operand.elementType));
    switch (description.family) {
    case OperatorFamily::Contraction:
      return createContractionSpace(description, target);
    case OperatorFamily::Depthwise:
      return createDepthwiseSpace(description, target);
    case OperatorFamily::Reduction:
    case OperatorFamily::Elementwise:
      return createRowSpace(description, target);
    }
  }
  if (isGpuTarget(target.name) &&
      description.family == OperatorFamily::Contraction)
    return createGpuContractionSpace(description, target);
  if (target.name == simulatorTarget)
    return createScheduleSpace(description, describeGpu(simulatedChip()));
  return Status::error(fmt::format(
      "'{}' is of the family {}, which has no schedule space on '{}'",
      description.name, familyName(description.family), target.name));
}
