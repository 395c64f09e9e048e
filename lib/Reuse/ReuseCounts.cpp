//===- ReuseCounts.cpp - What was read from where -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/ReuseCounts.h"

#include <algorithm>

using namespace orcinus;

ReuseCounts &ReuseCounts::operator+=(const ReuseCounts &other) {
  reads += other.reads;
  inBatchReads += other.inBatchReads;
  outOfBatchReads += other.outOfBatchReads;
  uniqueOutOfBatchReads += other.uniqueOutOfBatchReads;
  hits += other.hits;
  uniqueHits += other.uniqueHits;
  recomputed += other.recomputed;
  cold += other.cold;
  ageSum += other.ageSum;
  maxAge = std::max(maxAge, other.maxAge);
  return *this;
}
