//===- PairScorer.cpp - What scores pairs of nodes ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Evaluation/PairScorer.h"

using namespace orcinus;

void PairQueries::clear() {
  sources.clear();
  times.clear();
  events.clear();
  offsets.assign(1, 0);
  destinations.clear();
}

void PairQueries::endQuery(int32_t source, Timestamp time, int32_t event) {
  sources.push_back(source);
  times.push_back(time);
  events.push_back(event);
  offsets.push_back(pairCount());
}
