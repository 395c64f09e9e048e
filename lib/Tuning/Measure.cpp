//===- Measure.cpp - How fast a candidate runs ----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/Measure.h"

#include "Names.h"

using namespace orcinus;

static constexpr EnumName<MeasureStatus> statusNames[] = {
    {MeasureStatus::Ok, "ok"},
    {MeasureStatus::Rejected, "rejected"},
    {MeasureStatus::Crash, "crash"},
    {MeasureStatus::Timeout, "timeout"},
    {MeasureStatus::Memory, "memory"},
    {MeasureStatus::WrongResult, "wrong-result"},
};

std::string_view orcinus::statusName(MeasureStatus status) {
  return nameOf(statusNames, status);
}

StatusOr<MeasureStatus> orcinus::parseStatus(std::string_view name) {
  return valueOf(statusNames, name, "measurement status");
}

static constexpr EnumName<TimeOrigin> originNames[] = {
    {TimeOrigin::Measured, "measured"},
    {TimeOrigin::Modelled, "modelled"},
};

std::string_view orcinus::originName(TimeOrigin origin) {
  return nameOf(originNames, origin);
}

StatusOr<TimeOrigin> orcinus::parseOrigin(std::string_view name) {
  return valueOf(originNames, name, "origin of a time");
}

CandidateRunner::~CandidateRunner() = default;
