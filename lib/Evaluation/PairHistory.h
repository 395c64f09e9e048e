//===- PairHistory.h - What is kept of each pair of nodes -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_EVALUATION_PAIRHISTORY_H
#define ORCINUS_LIB_EVALUATION_PAIRHISTORY_H

#include "orcinus/Graph/Timestamp.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace orcinus {

/// The events of a directed pair.
struct PairRecord {
  int32_t destination = 0;
  int32_t count = 0;
  Timestamp first;
  Timestamp last;
};

/// The records of all pairs with an event, by their source.
class PairHistory {
public:
  explicit PairHistory(int32_t nodeCount)
      : bySource(static_cast<size_t>(nodeCount)),
        places(static_cast<size_t>(nodeCount), absent) {}

  /// What an event made of its pair's record.
  struct Added {
    const PairRecord &record;
    /// The time of the pair's event before this; of this where there is none.
    Timestamp previous;
  };

  /// Counts an event. O(1).
  Added add(int32_t source, int32_t destination, Timestamp time);

  /// The records of `source`, in the order of their first events.
  std::span<const PairRecord> recordsOf(int32_t source) const {
    return bySource[static_cast<size_t>(source)];
  }

  int64_t pairCount() const { return static_cast<int64_t>(numbers.size()); }

  /// Calls visit(i, record) for each candidate, with null for a pair without an
  /// event. O(records of the source + candidates), without a look-up a pair.
  template <typename Visit>
  void visit(int32_t source, std::span<const int32_t> candidates,
             Visit visit) const;

private:
  static constexpr int32_t absent = -1;

  std::vector<std::vector<PairRecord>> bySource;
  /// A pair's place among its source's records.
  std::unordered_map<uint64_t, int32_t> numbers;
  /// One a node: the place of its record while a source is visited.
  mutable std::vector<int32_t> places;
};

template <typename Visit>
void PairHistory::visit(int32_t source, std::span<const int32_t> candidates,
                        Visit visit) const {
  std::span<const PairRecord> records = recordsOf(source);
  if (candidates.size() < 4) {
    for (size_t i = 0; i != candidates.size(); ++i) {
      auto found = numbers.find(static_cast<uint64_t>(source) << 32 |
                                static_cast<uint32_t>(candidates[i]));
      visit(i, found == numbers.end() ? nullptr : &records[found->second]);
    }
    return;
  }
  for (size_t place = 0; place != records.size(); ++place)
    places[records[place].destination] = static_cast<int32_t>(place);
  for (size_t i = 0; i != candidates.size(); ++i) {
    int32_t place = places[candidates[i]];
    visit(i, place == absent ? nullptr : &records[place]);
  }
  for (const PairRecord &record : records)
    places[record.destination] = absent;
}

} // namespace orcinus

#endif // ORCINUS_LIB_EVALUATION_PAIRHISTORY_H
