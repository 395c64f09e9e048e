//===- Component.cpp - What tables are called -----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/Component.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <string>

using namespace orcinus;

namespace {

/// All names, at fixed places.
struct Names {
  std::mutex mutex;
  /// In the order of the constants.
  std::deque<std::string> known = {"nodes",
                                   "times",
                                   "events",
                                   "time_deltas",
                                   "counts",
                                   "self",
                                   "neighbours",
                                   "self_offsets",
                                   "self_references",
                                   "reference_offsets",
                                   "references",
                                   "rows",
                                   "self_rows",
                                   "other_rows",
                                   "candidate_keys",
                                   "candidate_slots",
                                   "cached_rows",
                                   "evicted_keys",
                                   "pushed_rows",
                                   "pushed_keys",
                                   "pushed_slots",
                                   "roles",
                                   "features",
                                   "log_time_deltas",
                                   "sources",
                                   "destinations",
                                   "labels",
                                   "sequence_counts",
                                   "own",
                                   "other",
                                   "other_queries",
                                   "own_shares",
                                   "other_shares",
                                   "values"};

  size_t find(std::string_view name) const {
    return std::find(known.begin(), known.end(), name) - known.begin();
  }
};

} // namespace

static Names &names() {
  static Names all;
  return all;
}

std::optional<Component> Component::declare(std::string_view name) {
  constexpr size_t mostNames = 1000, longestName = 100;
  std::lock_guard<std::mutex> lock(names().mutex);
  size_t place = names().find(name);
  if (place == names().known.size()) {
    if (name.empty() || name.size() > longestName || place >= mostNames)
      return std::nullopt;
    names().known.emplace_back(name);
  }
  return Component(static_cast<uint16_t>(place));
}

std::string_view Component::name() const {
  std::lock_guard<std::mutex> lock(names().mutex);
  return names().known[number];
}
