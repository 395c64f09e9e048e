//===- Report.cpp - What checked kernels do wrong -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Simulator/Report.h"

#include <algorithm>

using namespace orcinus;

void ReportLog::add(SimulatorReport report) {
  // Which of two racing accesses comes last is chance.
  std::vector<std::string> places = report.locations;
  std::sort(places.begin(), places.end());
  if (kept.size() < bound &&
      seen.emplace(report.kind, std::move(places)).second)
    kept.push_back(std::move(report));
}

void ReportLog::clear() {
  kept.clear();
  seen.clear();
}

Status ReportLog::status() const {
  if (kept.empty())
    return Status();
  std::string message = kept.front().message;
  if (kept.size() > 1)
    message += " (and " + std::to_string(kept.size() - 1) + " more)";
  return Status::error(std::move(message));
}

std::string orcinus::tripleText(const std::array<int32_t, 3> &triple) {
  return "(" + std::to_string(triple[0]) + "," + std::to_string(triple[1]) +
         "," + std::to_string(triple[2]) + ")";
}
