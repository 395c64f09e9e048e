//===- PairHistory.cpp - What is kept of each pair of nodes ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PairHistory.h"

#include <utility>

using namespace orcinus;

PairHistory::Added PairHistory::add(int32_t source, int32_t destination,
                                    Timestamp time) {
  std::vector<PairRecord> &records = bySource[static_cast<size_t>(source)];
  auto [found, isNew] = numbers.try_emplace(
      static_cast<uint64_t>(source) << 32 | static_cast<uint32_t>(destination),
      static_cast<int32_t>(records.size()));
  if (isNew)
    records.push_back({destination, 0, time, time});
  PairRecord &record = records[static_cast<size_t>(found->second)];
  ++record.count;
  return {record, std::exchange(record.last, time)};
}
