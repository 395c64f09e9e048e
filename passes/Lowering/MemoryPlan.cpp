//===- MemoryPlan.cpp - Places of temporaries in one block ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/MemoryPlan.h"

#include <algorithm>
#include <numeric>

using namespace orcinus;

void MemoryPlan::add(int64_t bytes, int64_t first, int64_t last) {
  // Those without a byte have a place, too.
  int64_t rounded =
      (std::max<int64_t>(bytes, 1) + alignment - 1) / alignment * alignment;
  temporaries.push_back({rounded, first, last});
}

void MemoryPlan::place() {
  std::vector<size_t> order(temporaries.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t one, size_t other) {
    return temporaries[one].bytes > temporaries[other].bytes;
  });
  // Those that have a place, by their offsets.
  std::vector<size_t> placed;
  for (size_t number : order) {
    Temporary &temporary = temporaries[number];
    for (size_t other : placed) {
      const Temporary &taken = temporaries[other];
      bool together =
          temporary.first <= taken.last && taken.first <= temporary.last;
      if (together && taken.offset < temporary.offset + temporary.bytes)
        temporary.offset =
            std::max(temporary.offset, taken.offset + taken.bytes);
    }
    auto behind = std::find_if(placed.begin(), placed.end(), [&](size_t other) {
      return temporaries[other].offset > temporary.offset;
    });
    placed.insert(behind, number);
    total = std::max(total, temporary.offset + temporary.bytes);
  }
}
