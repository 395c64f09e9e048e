//===- MemoryEstimateTest.cpp - The memory that training will need --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/MemoryEstimate.h"
#include "../TestStreams.h"
#include "orcinus/Graph/TemporalGraph.h"

#include <gtest/gtest.h>

using namespace orcinus;

namespace {

TEST(MemoryEstimate, CountsWhatAStreamAndItsGraphsHold) {
  EventStream stream = test::makeRandomStream(50, 1000, 1);
  TemporalGraph graph = TemporalGraph::build(stream);
  int64_t arrays =
      stream.eventCount() * (2 * sizeof(int32_t) + sizeof(Timestamp)) +
      2 * (graph.entryCount() * (2 * sizeof(int32_t) + sizeof(Timestamp)) +
           stream.nodeCount * 2 * sizeof(int64_t));
  MemoryEstimate estimate = estimateTrainingMemory(stream, 100);
  EXPECT_GE(estimate.graph, arrays);
  EXPECT_LE(estimate.graph, arrays + arrays / 4);
  EXPECT_EQ(estimate.features, 0);
  // A state and a message of two states, and their copies.
  EXPECT_EQ(estimate.nodeStates, 2 * (100 + 200) * 4 * 50);
  EXPECT_EQ(estimateTrainingMemory(stream, 0).nodeStates, 0);
  EXPECT_EQ(estimate.total(),
            estimate.graph + estimate.nodeStates + estimate.program);
}

TEST(MemoryEstimate, CountsFeatures) {
  EventStream stream = test::makeRandomStream(50, 1000, 1);
  stream.edgeFeatures = {1000, 3, std::vector<float>(3000)};
  stream.nodeFeatures = {50, 2, std::vector<float>(100)};
  EXPECT_EQ(estimateTrainingMemory(stream, 100).features, 4 * 3100);
}

} // namespace
