//===- ReuseDistance.cpp - When a cached embedding is read next -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/ReuseDistance.h"

using namespace orcinus;

ReuseDistances orcinus::computeReuseDistances(const AccessTrace &trace) {
  ReuseDistances distances;
  distances.targets.resize(trace.targets.size());
  distances.neighbours.resize(trace.neighbours.size());
  // What an entry made before the batches already scanned would wait for.
  std::vector<int32_t> nextReuse(trace.nodeCount, neverReused);
  for (int64_t batch = trace.batchCount() - 1; batch >= 0; --batch) {
    for (int64_t index = trace.targetOffsets[batch];
         index < trace.targetOffsets[batch + 1]; ++index) {
      int32_t &next = nextReuse[trace.targets[index]];
      distances.targets[index] = next;
      next = neverReused;
    }
    for (int64_t index = trace.neighbourOffsets[batch];
         index < trace.neighbourOffsets[batch + 1]; ++index) {
      int32_t &next = nextReuse[trace.neighbours[index].node];
      distances.neighbours[index] = next;
      next = static_cast<int32_t>(batch);
    }
  }
  return distances;
}
