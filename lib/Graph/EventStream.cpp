//===- EventStream.cpp - A stream of timestamped edges --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/EventStream.h"

using namespace orcinus;

void EventStream::setSeconds(std::span<const double> values) {
  timeScale = TimeScale();
  std::vector<Timestamp> points;
  points.reserve(values.size());
  for (double value : values)
    points.push_back(timeScale.at(value));
  time = std::move(points);
}

std::string EventStream::nodeName(int32_t node) const {
  size_t index = static_cast<size_t>(node);
  if (!externalNames.empty())
    return externalNames[index];
  return std::to_string(externalIds.empty() ? node : externalIds[index]);
}
