//===- NeighbourSamplerTest.cpp - Temporal neighbourhood sampling ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Sampling/NeighbourSampler.h"
#include "../TestStreams.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <tuple>

using namespace orcinus;

namespace {

/// Owns what a `NeighbourhoodView` shows; filled with values that a sampler
/// must overwrite.
struct Neighbourhood {
  Neighbourhood(size_t queries, size_t k)
      : nodes(queries * k, -7), events(queries * k, -7),
        times(queries * k, TimeScale().at(-7)), timeDeltas(queries * k, -7),
        counts(queries, -7) {}

  NeighbourhoodView view() {
    return {nodes, events, times, timeDeltas, counts};
  }
  bool operator==(const Neighbourhood &) const = default;

  std::vector<int32_t> nodes;
  std::vector<int32_t> events;
  std::vector<Timestamp> times;
  std::vector<float> timeDeltas;
  std::vector<int32_t> counts;
};

/// (time, event, neighbour)
using Entry = std::tuple<Timestamp, int32_t, int32_t>;

/// All neighbours of `node` strictly before `time`, by looking at every event.
std::vector<Entry> neighboursByScan(const EventStream &stream, int32_t node,
                                    Timestamp time) {
  std::vector<Entry> entries;
  for (int32_t event = 0; event < stream.eventCount(); ++event) {
    size_t index = static_cast<size_t>(event);
    if (stream.time[index] >= time)
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

/// Queries at, between, before and after the times of the events.
void makeQueries(const EventStream &stream, std::vector<int32_t> &nodes,
                 std::vector<Timestamp> &times) {
  for (size_t event = 0; event < stream.time.size(); event += 3)
    for (double shift : {0.0, 0.1}) {
      nodes.push_back(
          static_cast<int32_t>(event % static_cast<size_t>(stream.nodeCount)));
      times.push_back(stream.timeScale.at(
          stream.seconds(static_cast<int64_t>(event)) + shift));
    }
  nodes.insert(nodes.end(), {0, 0});
  for (double outside : {-5.0, 1e12})
    times.push_back(stream.timeScale.at(outside));
}

/// Checks row `query` against the entries that it should hold.
void checkRow(const Neighbourhood &result, size_t query, size_t k,
              Timestamp time, std::span<const Entry> expected) {
  ASSERT_EQ(result.counts[query], std::ssize(expected));
  for (size_t slot = 0; slot < k; ++slot) {
    size_t at = query * k + slot;
    Entry entry = slot < expected.size() ? expected[slot] : Entry();
    ASSERT_EQ(Entry(result.times[at], result.events[at], result.nodes[at]),
              entry);
    ASSERT_EQ(result.timeDeltas[at],
              slot < expected.size()
                  ? static_cast<float>(
                        TimeScale().difference(time, std::get<0>(entry)))
                  : 0.0f);
  }
}

TEST(RecentSampler, AgreesWithAScanOfTheEvents) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    EventStream stream = test::makeRandomStream(
        1 + static_cast<int32_t>(seed % 9), 120, seed, 0.4);
    TemporalGraph graph = TemporalGraph::build(stream);
    std::vector<int32_t> nodes;
    std::vector<Timestamp> times;
    makeQueries(stream, nodes, times);
    for (size_t k : {1, 3, 10})
      for (int threads : {1, 3})
        for (SamplingPolicy policy :
             {SamplingPolicy::Recent, SamplingPolicy::Latest}) {
          Neighbourhood result(nodes.size(), k);
          sampleNeighbours(graph, nodes, times, static_cast<int32_t>(k), policy,
                           seed, threads, result.view());
          for (size_t query = 0; query < nodes.size(); ++query) {
            std::vector<Entry> all =
                neighboursByScan(stream, nodes[query], times[query]);
            all.erase(all.begin(), all.end() - std::min(k, all.size()));
            if (policy == SamplingPolicy::Latest)
              std::reverse(all.begin(), all.end());
            checkRow(result, query, k, times[query], all);
          }
        }
  }
}

/// That `sample`, of a graph, queries and a seed, draws seven entries before
/// each query, in order.
template <typename Sample>
static void expectDrawsInOrder(Sample sample) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    EventStream stream = test::makeRandomStream(6, 120, seed, 0.4);
    TemporalGraph graph = TemporalGraph::build(stream);
    std::vector<int32_t> nodes;
    std::vector<Timestamp> times;
    makeQueries(stream, nodes, times);
    constexpr size_t k = 7;
    Neighbourhood result(nodes.size(), k);
    sample(graph, nodes, times, seed, result.view());
    for (size_t query = 0; query < nodes.size(); ++query) {
      std::vector<Entry> all =
          neighboursByScan(stream, nodes[query], times[query]);
      std::vector<Entry> drawn;
      for (size_t at = query * k; !all.empty() && at < (query + 1) * k; ++at) {
        drawn.emplace_back(result.times[at], result.events[at],
                           result.nodes[at]);
        ASSERT_TRUE(std::binary_search(all.begin(), all.end(), drawn.back()));
      }
      ASSERT_TRUE(std::is_sorted(drawn.begin(), drawn.end()));
      checkRow(result, query, k, times[query], drawn);
    }
  }
}

TEST(UniformSampler, DrawsEntriesBeforeTheQueryInOrder) {
  expectDrawsInOrder([](const auto &graph, const auto &nodes, const auto &times,
                        uint64_t seed, const NeighbourhoodView &view) {
    sampleNeighbours(graph, nodes, times, 7, SamplingPolicy::Uniform, seed, 1,
                     view);
  });
}

TEST(UniformSampler, DoesNotDependOnTheThreadCount) {
  EventStream stream = test::makeRandomStream(20, 500, 1);
  TemporalGraph graph = TemporalGraph::build(stream);
  std::vector<int32_t> nodes;
  std::vector<Timestamp> times;
  makeQueries(stream, nodes, times);
  Neighbourhood one(nodes.size(), 5);
  sampleNeighbours(graph, nodes, times, 5, SamplingPolicy::Uniform, 42, 1,
                   one.view());
  for (int threads : {2, 3, 8}) {
    Neighbourhood many(nodes.size(), 5);
    sampleNeighbours(graph, nodes, times, 5, SamplingPolicy::Uniform, 42,
                     threads, many.view());
    EXPECT_TRUE(one == many);
  }
  Neighbourhood other(nodes.size(), 5);
  sampleNeighbours(graph, nodes, times, 5, SamplingPolicy::Uniform, 43, 1,
                   other.view());
  EXPECT_FALSE(one == other);
}

TEST(UniformSampler, DrawsEachEntryAlikeOften) {
  EventStream stream;
  for (int32_t event = 0; event < 8; ++event) {
    stream.source.push_back(0);
    stream.destination.push_back(1 + event % 3);
    stream.time.push_back(TimeScale().at(event));
  }
  stream.nodeCount = 4;
  TemporalGraph graph = TemporalGraph::build(stream);
  // Of the eight entries of node 0, five are before the query.
  std::vector<int32_t> nodes(4000, 0);
  std::vector<Timestamp> times(4000, TimeScale().at(5));
  Neighbourhood result(4000, 5);
  sampleNeighbours(graph, nodes, times, 5, SamplingPolicy::Uniform, 1, 1,
                   result.view());
  std::map<int32_t, int> counts;
  for (int32_t event : result.events)
    ++counts[event];
  ASSERT_EQ(counts.size(), 5u);
  for (auto [event, count] : counts)
    EXPECT_NEAR(count, 4000, 300) << event;
}

TEST(IntervalSampler, DrawsEntriesBeforeTheQueryInOrder) {
  for (int threads : {1, 3})
    expectDrawsInOrder([&](const auto &graph, const auto &nodes,
                           const auto &times, uint64_t seed,
                           const NeighbourhoodView &view) {
      sampleNeighboursByInterval(graph, nodes, times, 7, 0.5, seed, threads,
                                 view);
    });
}

TEST(IntervalSampler, DoesNotDependOnTheThreadCount) {
  EventStream stream = test::makeRandomStream(20, 500, 1);
  TemporalGraph graph = TemporalGraph::build(stream);
  std::vector<int32_t> nodes;
  std::vector<Timestamp> times;
  makeQueries(stream, nodes, times);
  Neighbourhood one(nodes.size(), 5), many(nodes.size(), 5);
  sampleNeighboursByInterval(graph, nodes, times, 5, 0.5, 42, 1, one.view());
  sampleNeighboursByInterval(graph, nodes, times, 5, 0.5, 42, 3, many.view());
  EXPECT_TRUE(one == many);
}

TEST(IntervalSampler, DrawsByTheSoftmaxOfTheWeights) {
  EventStream stream;
  const double seconds[] = {0, 1, 1, 4, 4.5, 20, 21, 22};
  for (int32_t event = 0; event < 8; ++event) {
    stream.source.push_back(0);
    stream.destination.push_back(1 + event % 3);
    stream.time.push_back(TimeScale().at(seconds[event]));
  }
  stream.nodeCount = 4;
  TemporalGraph graph = TemporalGraph::build(stream);
  // Of the eight entries of node 0, six are before the query.
  constexpr size_t queries = 20000, k = 3;
  std::vector<int32_t> nodes(queries, 0);
  std::vector<Timestamp> times(queries, TimeScale().at(21));
  for (double scale : {0.0, 0.3, 5.0}) {
    Neighbourhood result(queries, k);
    sampleNeighboursByInterval(graph, nodes, times, k, scale, 1, 1,
                               result.view());
    std::vector<double> counts(6), weights(6);
    for (int32_t event : result.events)
      ++counts.at(event);
    // The formula as it is written, by sums from the first entry on.
    double sum = 0, total = 0;
    for (size_t event = 0; event < 6; ++event) {
      double power = std::exp(scale * seconds[event]);
      sum += power;
      weights[event] = std::exp(power / sum);
      total += weights[event];
    }
    for (size_t event = 0; event < 6; ++event) {
      double expected = queries * k * weights[event] / total;
      EXPECT_NEAR(counts[event], expected, 5 * std::sqrt(expected))
          << "scale " << scale << ", event " << event;
    }
  }
}

TEST(NeighbourSampler, NoQueriesAndNoNeighbours) {
  TemporalGraph graph = TemporalGraph::build(test::makeRandomStream(3, 9, 1));
  Neighbourhood none(0, 4), empty(2, 0);
  sampleNeighbours(graph, {}, {}, 4, SamplingPolicy::Recent, 0, 4, none.view());
  std::vector<int32_t> nodes = {0, 1};
  std::vector<Timestamp> times(2, TimeScale().at(100));
  sampleNeighbours(graph, nodes, times, 0, SamplingPolicy::Uniform, 0, 1,
                   empty.view());
  EXPECT_EQ(empty.counts, (std::vector<int32_t>{0, 0}));
}

TEST(NeighbourSampler, TicksGiveExactDifferences) {
  // Nanoseconds since 1970, of which doubles would make one second.
  EventStream stream;
  stream.source = {0, 0, 0};
  stream.destination = {1, 2, 3};
  stream.nodeCount = 4;
  stream.timeScale = TimeScale::ticks(1'000'000'000);
  for (int64_t nanosecond : {1, 2, 1001})
    stream.time.push_back(
        Timestamp::fromKey(1'700'000'000'000'000'000 + nanosecond));
  TemporalGraph graph = TemporalGraph::build(stream);
  Neighbourhood result(1, 2);
  sampleNeighbours(graph, std::vector<int32_t>{0},
                   std::span(&stream.time[2], 1), 2, SamplingPolicy::Recent, 0,
                   1, result.view());
  EXPECT_EQ(result.counts[0], 2);
  EXPECT_EQ(result.nodes, (std::vector<int32_t>{1, 2}));
  EXPECT_EQ(result.timeDeltas, (std::vector<float>{1e-6f, 999e-9f}));
}

} // namespace
