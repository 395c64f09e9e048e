//===- IndexMapFuzzer.cpp - Index maps of operators -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuzzSupport.h"

#include "lib/Tuning/IndexMap.h"

#include <algorithm>

using namespace orcinus;
using namespace orcinus::fuzz;

/// Whether `map` is that of the same text with sorted terms.
static bool isSorted(const IndexMap &map) {
  return std::all_of(map.begin(), map.end(), [](const IndexExpression &each) {
    return std::is_sorted(each.terms.begin(), each.terms.end());
  });
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const std::vector<OperatorLoop> loops = {
      {"d0", LoopKind::Parallel, 1 << 20, false},
      {"d1", LoopKind::Reduction, 3, false},
      {"d2", LoopKind::Parallel, 7, true}};
  StatusOr<IndexMap> map = parseIndexMap(asText(data, size), loops);
  if (!map.ok())
    return 0;
  std::string text = printIndexMap(*map, {0, 1, 2}, "d", ", ");
  StatusOr<IndexMap> again = parseIndexMap(text, loops);
  check(again.ok() && again->size() == map->size() && isSorted(*again),
        "what is printed is read again");
  check(printIndexMap(*again, {0, 1, 2}, "d", ", ") == text,
        "what is read again prints as before");
  return 0;
}
