//===- ExtentIndex.cpp - Operators that differ in few extents -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ExtentIndex.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <tuple>

using namespace orcinus;

std::vector<std::string>
ExtentIndex::keysOf(const OperatorDescription &description) const {
  std::vector<int64_t> extents = description.extents();
  std::string kind = description.kind();
  size_t open = std::min<size_t>(differingExtents, extents.size());
  std::vector<std::string> keys;
  for (uint64_t mask = 0; mask < uint64_t(1) << extents.size(); ++mask) {
    if (static_cast<size_t>(std::popcount(mask)) != open)
      continue;
    std::vector<int64_t> masked = extents;
    for (size_t at = 0; at < masked.size(); ++at)
      if (mask >> at & 1)
        masked[at] = 0;
    keys.push_back(fmt::format("{} {} {}", mask, fmt::join(masked, "x"), kind));
  }
  return keys;
}

void ExtentIndex::add(size_t node, const OperatorDescription &description) {
  for (const std::string &key : keysOf(description))
    buckets[key].push_back(node);
  extentsOf[node] = description.extents();
}

std::vector<size_t>
ExtentIndex::near(const OperatorDescription &description) const {
  // Who is near to so many needs no more.
  constexpr size_t most = 24;
  std::vector<int64_t> extents = description.extents();
  std::vector<std::pair<double, size_t>> found;
  for (const std::string &key : keysOf(description))
    if (auto bucket = buckets.find(key); bucket != buckets.end())
      for (size_t node : bucket->second)
        found.emplace_back(extentRatio(extentsOf.at(node), extents), node);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::vector<size_t> nodes;
  for (size_t at = 0; at < std::min(found.size(), most); ++at)
    nodes.push_back(found[at].second);
  return nodes;
}

std::vector<size_t>
orcinus::nearestBeyond(const std::vector<int64_t> &extents,
                       std::span<const std::vector<int64_t>> others,
                       int64_t differingExtents, double longWay) {
  constexpr size_t most = 4;
  std::vector<std::tuple<int64_t, double, size_t>> distances;
  for (size_t other = 0; other < others.size(); ++other) {
    int64_t differing = orcinus::differingExtents(extents, others[other]);
    double ratio = extentRatio(extents, others[other]);
    if (differing > differingExtents || ratio >= longWay)
      distances.emplace_back(differing, ratio, other);
  }
  std::sort(distances.begin(), distances.end());
  distances.resize(std::min(most, distances.size()));
  std::vector<size_t> nearest;
  for (const auto &[differing, ratio, other] : distances)
    nearest.push_back(other);
  return nearest;
}
