//===- Statistics.h - What a stream is like ---------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_GRAPH_STATISTICS_H
#define ORCINUS_GRAPH_STATISTICS_H

#include "orcinus/Graph/EventStream.h"

#include <cstdint>

namespace orcinus {

/// Counts that describe an event stream.
struct StreamStatistics {
  int64_t events = 0;
  int64_t nodes = 0;
  /// Nodes without any event.
  int64_t isolatedNodes = 0;
  /// Distinct sources and distinct destinations.
  int64_t sources = 0;
  int64_t destinations = 0;
  /// Whether no node is both a source and a destination.
  bool bipartite = false;
  /// The first and the last timestamp, in seconds; 0 without events.
  double firstTime = 0;
  double lastTime = 0;
  int64_t distinctTimes = 0;
  /// Events with the time of the event before them: events - distinctTimes.
  int64_t tiedEvents = 0;
  /// Events whose two endpoints are one node.
  int64_t selfLoops = 0;
  /// Events whose pair (source, destination), in that order, occurred before.
  int64_t repeatedPairs = 0;
  /// A node's degree is the length of its neighbour list: its events, with a
  /// self-loop counted twice. Quantiles are over all nodes, by linear
  /// interpolation.
  double meanDegree = 0;
  double medianDegree = 0;
  double degree90 = 0;
  double degree99 = 0;
  int64_t maxDegree = 0;
  /// Columns of the features; 0 where there are none.
  int64_t edgeFeatureColumns = 0;
  int64_t nodeFeatureColumns = 0;
};

/// Describes `stream`. O(|E| log |E| + |V| log |V|) time, 8 bytes an event.
StreamStatistics computeStatistics(const EventStream &stream);

} // namespace orcinus

#endif // ORCINUS_GRAPH_STATISTICS_H
