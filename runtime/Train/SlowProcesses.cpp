//===- SlowProcesses.cpp - Who keeps the others waiting -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/SlowProcesses.h"

#include <algorithm>

using namespace orcinus;

std::vector<SlowProcess>
orcinus::findSlowProcesses(std::span<const double> seconds) {
  constexpr double mostTimes = 1.5;
  std::vector<SlowProcess> slow;
  if (seconds.empty())
    return slow;
  std::vector<double> sorted(seconds.begin(), seconds.end());
  std::ranges::sort(sorted);
  double median = sorted[(sorted.size() - 1) / 2];
  for (size_t process = 0; process != seconds.size(); ++process)
    if (median > 0 && seconds[process] > mostTimes * median)
      slow.push_back({process, seconds[process], seconds[process] / median});
  return slow;
}
