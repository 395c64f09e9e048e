//===- Statistics.cpp - What a stream is like -----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Statistics.h"

#include "orcinus/Graph/Split.h"

#include <algorithm>
#include <vector>

using namespace orcinus;

static void describeNodes(const EventStream &stream,
                          StreamStatistics &statistics) {
  size_t nodes = static_cast<size_t>(stream.nodeCount);
  std::vector<uint8_t> isSource(nodes, 0), isDestination(nodes, 0);
  std::vector<double> degrees(nodes, 0);
  for (size_t event = 0; event < stream.time.size(); ++event) {
    size_t source = static_cast<size_t>(stream.source[event]);
    size_t destination = static_cast<size_t>(stream.destination[event]);
    isSource[source] = 1;
    isDestination[destination] = 1;
    ++degrees[source];
    ++degrees[destination];
    statistics.selfLoops += source == destination;
  }
  statistics.bipartite = true;
  for (size_t node = 0; node < nodes; ++node) {
    statistics.sources += isSource[node];
    statistics.destinations += isDestination[node];
    statistics.isolatedNodes += degrees[node] == 0;
    statistics.bipartite &= !(isSource[node] && isDestination[node]);
  }
  if (nodes == 0)
    return;
  std::sort(degrees.begin(), degrees.end());
  statistics.meanDegree = 2.0 * static_cast<double>(stream.eventCount()) /
                          static_cast<double>(nodes);
  statistics.medianDegree = quantileOfSorted(degrees, 0.5);
  statistics.degree90 = quantileOfSorted(degrees, 0.9);
  statistics.degree99 = quantileOfSorted(degrees, 0.99);
  statistics.maxDegree = static_cast<int64_t>(degrees.back());
}

static int64_t countDistinctPairs(const EventStream &stream) {
  std::vector<uint64_t> pairs(stream.time.size());
  for (size_t event = 0; event < pairs.size(); ++event)
    pairs[event] = static_cast<uint64_t>(stream.source[event]) << 32 |
                   static_cast<uint32_t>(stream.destination[event]);
  std::sort(pairs.begin(), pairs.end());
  return std::unique(pairs.begin(), pairs.end()) - pairs.begin();
}

StreamStatistics orcinus::computeStatistics(const EventStream &stream) {
  StreamStatistics statistics;
  statistics.events = stream.eventCount();
  statistics.nodes = stream.nodeCount;
  statistics.edgeFeatureColumns = stream.edgeFeatures.columns;
  statistics.nodeFeatureColumns = stream.nodeFeatures.columns;
  describeNodes(stream, statistics);
  if (stream.eventCount() == 0)
    return statistics;
  statistics.firstTime = stream.seconds(0);
  statistics.lastTime = stream.seconds(stream.eventCount() - 1);
  statistics.distinctTimes = 1;
  for (size_t event = 1; event < stream.time.size(); ++event)
    statistics.distinctTimes += stream.time[event] != stream.time[event - 1];
  statistics.tiedEvents = statistics.events - statistics.distinctTimes;
  statistics.repeatedPairs = statistics.events - countDistinctPairs(stream);
  return statistics;
}
