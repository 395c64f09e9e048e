//===- MemoryEstimate.cpp - The memory that training will need ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/MemoryEstimate.h"

using namespace orcinus;

MemoryEstimate orcinus::estimateTrainingMemory(const EventStream &stream,
                                               int64_t dimension) {
  // An event has two ends and a time, an entry a neighbour, an event and a
  // time, twice in either adjacency; the split lists it once or twice.
  constexpr int64_t ofEvent = 2 * 4 + 8;
  constexpr int64_t ofEntry = 2 * 4 + 8;
  constexpr int64_t ofSplit = 10;
  // Of each node: both ends of its row in two adjacencies; the pending event
  // and the last update, and their copies; flags.
  constexpr int64_t ofNode = 2 * 16 + 2 * 12 + 4;
  // Measured: the tool with LLVM, a compiled program and its batches.
  constexpr int64_t ofProgram = int64_t(290) << 20;

  MemoryEstimate estimate;
  estimate.graph = stream.eventCount() * (ofEvent + 4 * ofEntry + ofSplit) +
                   stream.nodeCount * ofNode;
  estimate.features =
      4 * (stream.edgeFeatures.rows * stream.edgeFeatures.columns +
           stream.nodeFeatures.rows * stream.nodeFeatures.columns);
  estimate.nodeStates = 2 * 4 * 3 * dimension * stream.nodeCount;
  estimate.program = ofProgram;
  return estimate;
}
