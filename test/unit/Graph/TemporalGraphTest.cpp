//===- TemporalGraphTest.cpp - Temporal adjacency (T-CSR) -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/TemporalGraph.h"
#include "../TestStreams.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <tuple>

using namespace orcinus;

namespace {

/// (time, event, neighbour)
using Entry = std::tuple<Timestamp, int32_t, int32_t>;

/// The neighbour list of `node`, found by looking at every event.
std::vector<Entry> listByScan(const EventStream &stream, int32_t node,
                              std::span<const uint8_t> keepEvent) {
  std::vector<Entry> entries;
  for (int32_t event = 0; event < stream.eventCount(); ++event) {
    size_t index = static_cast<size_t>(event);
    if (!keepEvent.empty() && !keepEvent[index])
      continue;
    if (stream.source[index] == node)
      entries.emplace_back(stream.time[index], event,
                           stream.destination[index]);
    if (stream.destination[index] == node)
      entries.emplace_back(stream.time[index], event, stream.source[index]);
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::vector<Entry> listOf(const TemporalGraph &graph, int32_t node) {
  std::vector<Entry> entries;
  for (int64_t entry = graph.offset(node); entry < graph.end(node); ++entry)
    entries.emplace_back(graph.time(entry), graph.event(entry),
                         graph.neighbour(entry));
  return entries;
}

TEST(TemporalGraph, AgreesWithAScanOfTheEvents) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    EventStream stream =
        test::makeRandomStream(1 + static_cast<int32_t>(seed % 12), 150, seed);
    std::vector<uint8_t> keepEvent;
    if (seed % 2)
      for (unsigned event = 0; event < 150; ++event)
        keepEvent.push_back((event * 2654435761u >> 8) % 3 != 0);
    for (int threads : {1, 2, 5}) {
      TemporalGraph graph = TemporalGraph::build(stream, keepEvent, threads);
      ASSERT_EQ(graph.nodeCount(), stream.nodeCount);
      for (int32_t node = 0; node < stream.nodeCount; ++node)
        ASSERT_EQ(listOf(graph, node), listByScan(stream, node, keepEvent));
      ASSERT_EQ(graph.entryCount(), graph.end(stream.nodeCount - 1));
    }
  }
}

TEST(TemporalGraph, EndBeforeIsStrict) {
  for (unsigned seed = 0; seed < 10; ++seed) {
    EventStream stream = test::makeRandomStream(6, 80, seed, 0.6);
    TemporalGraph graph = TemporalGraph::build(stream);
    std::vector<Timestamp> times(stream.time.begin(), stream.time.end());
    for (double outside : {-1.0, 1e9})
      times.push_back(stream.timeScale.at(outside));
    for (Timestamp time : times)
      for (int32_t node = 0; node < 6; ++node) {
        int64_t end = graph.endBefore(node, time);
        ASSERT_GE(end, graph.offset(node));
        ASSERT_LE(end, graph.end(node));
        if (end > graph.offset(node)) {
          ASSERT_LT(graph.time(end - 1), time);
        }
        if (end < graph.end(node)) {
          ASSERT_GE(graph.time(end), time);
        }
      }
  }
}

TEST(TemporalGraph, ASelfLoopEntersTwice) {
  EventStream stream;
  stream.source = {1};
  stream.destination = {1};
  stream.setSeconds(std::vector<double>{3});
  stream.nodeCount = 2;
  TemporalGraph graph = TemporalGraph::build(stream);
  EXPECT_EQ(listOf(graph, 1), (std::vector<Entry>{{stream.time[0], 0, 1},
                                                  {stream.time[0], 0, 1}}));
  EXPECT_TRUE(listOf(graph, 0).empty());
}

/// The first `events` events of `stream`, among the nodes that these name.
EventStream beginningOf(const EventStream &stream, size_t events) {
  EventStream result;
  result.timeScale = stream.timeScale;
  result.source.append(std::span(stream.source).first(events));
  result.destination.append(std::span(stream.destination).first(events));
  result.time.append(std::span(stream.time).first(events));
  for (const auto *ends : {&result.source, &result.destination})
    for (int32_t node : *ends)
      result.nodeCount = std::max(result.nodeCount, node + 1);
  return result;
}

TEST(TemporalGraph, GrowsToWhatIsBuiltFromTheWholeStream) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    EventStream stream = test::makeRandomStream(9, 200, seed, 0.5);
    for (size_t known : {0u, 1u, 77u, 199u}) {
      TemporalGraph graph = TemporalGraph::build(beginningOf(stream, known));
      graph.growNodes(stream.nodeCount);
      for (size_t event = known; event != 200; ++event)
        graph.append(stream, static_cast<int32_t>(event));
      ASSERT_EQ(graph.nodeCount(), stream.nodeCount);
      ASSERT_EQ(graph.entryCount(), 400);
      ASSERT_EQ(graph.timeScale(), stream.timeScale);
      for (int32_t node = 0; node < stream.nodeCount; ++node) {
        ASSERT_EQ(listOf(graph, node), listByScan(stream, node, {}));
        int64_t half = graph.endBefore(node, stream.time[100]);
        for (int64_t entry = graph.offset(node); entry < graph.end(node);
             ++entry)
          ASSERT_EQ(graph.time(entry) < stream.time[100], entry < half);
      }
    }
  }
}

TEST(TemporalGraph, OfNothing) {
  EXPECT_EQ(TemporalGraph().nodeCount(), 0);
  TemporalGraph graph = TemporalGraph::build(EventStream(), {}, 4);
  EXPECT_EQ(graph.nodeCount(), 0);
  EXPECT_EQ(graph.entryCount(), 0);
}

TEST(TemporalGraph, ManyThreadsOnFewEvents) {
  EventStream stream = test::makeRandomStream(100, 3, 1);
  TemporalGraph graph = TemporalGraph::build(stream, {}, 64);
  for (int32_t node = 0; node < 100; ++node)
    ASSERT_EQ(listOf(graph, node), listByScan(stream, node, {}));
}

} // namespace
