//===- ReachableTime.cpp - What an operator could reach -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReachableTime.h"

#include <algorithm>

using namespace orcinus;

/// What operators have in common whose operations take as long.
static std::string groupOf(const OperatorDescription &op) {
  bool isSum = op.family == OperatorFamily::Contraction ||
               op.family == OperatorFamily::Depthwise;
  return isSum ? std::string(familyName(op.family)) : op.kind();
}

static double intensityOf(const OperatorDescription &op) {
  return static_cast<double>(op.floatingPointOperations()) /
         static_cast<double>(op.bytes());
}

void ReachableTime::note(const OperatorDescription &op, double time) {
  Noted noted{keyOf(op), groupOf(op), intensityOf(op),
              static_cast<double>(op.floatingPointOperations()) / time};
  for (Noted &known : programs)
    if (known.key == noted.key) {
      known.rate = std::max(known.rate, noted.rate);
      return;
    }
  programs.push_back(std::move(noted));
}

std::optional<double>
ReachableTime::expected(const OperatorDescription &op) const {
  // A little less with each byte is as good as the same.
  constexpr double alike = 1.5;
  OperatorKey key = keyOf(op);
  std::string group = groupOf(op);
  double intensity = intensityOf(op);
  std::vector<double> rates;
  for (const Noted &known : programs)
    if (known.group == group && known.key != key &&
        known.intensity <= alike * intensity)
      rates.push_back(known.rate);
  if (rates.empty())
    return std::nullopt;
  std::sort(rates.rbegin(), rates.rend());
  // One among several may have been measured at a lucky moment.
  constexpr size_t several = 3;
  return static_cast<double>(op.floatingPointOperations()) /
         rates[rates.size() >= several ? 1 : 0];
}
