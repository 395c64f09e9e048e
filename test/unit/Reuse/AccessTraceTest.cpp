//===- AccessTraceTest.cpp - Traces against naive sampling ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/AccessTrace.h"

#include "ReuseTestSupport.h"
#include "orcinus/Sampling/NeighbourSampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace orcinus;
using namespace orcinus::test;

namespace {

struct Case {
  EventStream stream;
  std::vector<int32_t> events;
  std::vector<uint8_t> isTrained;
  TemporalGraph graph;
  int64_t batchSize;
  int32_t k;
  NeighbourTime neighbourTime;
  bool separate;

  AccessTrace build() const {
    return buildAccessTrace(stream, graph, events, batchSize, k, neighbourTime,
                            separate);
  }

  /// Embeddings keyed by event are those of targets, whatever is asked for.
  bool hasTargets() const {
    return !separate || neighbourTime == NeighbourTime::Event;
  }

  /// What a cache calls the embedding of `node` that is met by `event`.
  int32_t keyOf(int32_t event, int32_t node) const {
    if (neighbourTime == NeighbourTime::Query)
      return node;
    return stream.source[event] == node ? 2 * event : 2 * event + 1;
  }
};

/// The keys of the k most recent neighbours of `node` strictly before the time
/// of `event` among the trained events, by looking at all of them (eq. 1).
std::vector<int32_t> sampleNaively(const Case &input, int32_t node,
                                   int32_t event) {
  const EventStream &stream = input.stream;
  std::vector<int32_t> found;
  for (int32_t past = 0; past < stream.eventCount(); ++past) {
    if (!input.isTrained[past] || stream.time[past] >= stream.time[event])
      continue;
    if (stream.source[past] == node)
      found.push_back(input.keyOf(past, stream.destination[past]));
    if (stream.destination[past] == node)
      found.push_back(input.keyOf(past, stream.source[past]));
  }
  if (static_cast<int32_t>(found.size()) > input.k)
    found.erase(found.begin(), found.end() - input.k);
  return found;
}

/// Of one batch: all queries (node, event) and what they read.
struct NaiveBatch {
  std::vector<std::pair<int32_t, int32_t>> queries;
  std::set<int32_t> targets;
  int64_t inBatchReads = 0;
  std::map<int32_t, NeighbourReads> outOfBatch;
};

void readNaively(const Case &input, NaiveBatch &batch) {
  for (auto [node, event] : batch.queries)
    for (int32_t neighbour : sampleNaively(input, node, event)) {
      if (batch.targets.contains(neighbour)) {
        ++batch.inBatchReads;
        continue;
      }
      NeighbourReads &reads = batch.outOfBatch[neighbour];
      reads.node = neighbour;
      ++reads.reads;
      reads.lastReader = std::max(reads.lastReader, event);
    }
}

void expectBatch(const AccessTrace &trace, int64_t batch,
                 const NaiveBatch &naive) {
  auto targets = trace.batchTargets(batch);
  EXPECT_EQ(targets.size(), naive.targets.size());
  EXPECT_EQ(std::set<int32_t>(targets.begin(), targets.end()), naive.targets);
  EXPECT_EQ(trace.inBatchReads[batch], naive.inBatchReads);
  auto neighbours = trace.batchNeighbours(batch);
  EXPECT_EQ(neighbours.size(), naive.outOfBatch.size());
  for (const NeighbourReads &read : neighbours) {
    auto position = naive.outOfBatch.find(read.node);
    ASSERT_NE(position, naive.outOfBatch.end());
    EXPECT_EQ(read, position->second);
  }
}

Case makeCase(Random &random, int32_t nodes, int32_t events) {
  Case result;
  result.stream = makeRandomStream(random, nodes, events);
  result.isTrained.resize(result.stream.eventCount());
  for (int32_t event = 0; event < result.stream.eventCount(); ++event)
    if (random.between(0, 9) > 0) {
      result.events.push_back(event);
      result.isTrained[event] = 1;
    }
  result.graph = TemporalGraph::build(result.stream, result.isTrained);
  result.batchSize = random.between(1, 9);
  result.k = random.between(1, 5);
  result.neighbourTime =
      random.between(0, 1) ? NeighbourTime::Event : NeighbourTime::Query;
  result.separate = random.between(0, 2) == 0;
  return result;
}

Case makeCase(Random &random) {
  int32_t nodes = random.between(1, 15);
  return makeCase(random, nodes, random.between(1, 80));
}

/// The batch number `batch` of the top trace.
NaiveBatch makeNaiveBatch(const Case &input, int64_t batch) {
  NaiveBatch naive;
  int64_t begin = batch * input.batchSize;
  int64_t end = std::min<int64_t>(begin + input.batchSize,
                                  static_cast<int64_t>(input.events.size()));
  for (int64_t index = begin; index < end; ++index) {
    int32_t event = input.events[index];
    for (int32_t node :
         {input.stream.source[event], input.stream.destination[event]}) {
      naive.queries.emplace_back(node, event);
      if (input.hasTargets())
        naive.targets.insert(input.keyOf(event, node));
    }
  }
  return naive;
}

} // namespace

TEST(AccessTrace, AgreesWithNaiveSampling) {
  for (int32_t seed = 0; seed < 150; ++seed) {
    Random random(seed);
    Case input = makeCase(random);
    AccessTrace trace = input.build();
    int64_t events = static_cast<int64_t>(input.events.size());
    ASSERT_EQ(trace.batchCount(),
              (events + input.batchSize - 1) / input.batchSize);
    for (int64_t batch = 0; batch < trace.batchCount(); ++batch) {
      NaiveBatch naive = makeNaiveBatch(input, batch);
      readNaively(input, naive);
      expectBatch(trace, batch, naive);
    }
  }
}

TEST(AccessTrace, LargeBatchesAgreeWithNaiveSampling) {
  Random random(1);
  Case input = makeCase(random, 5000, 4000);
  input.batchSize = 1500;
  AccessTrace trace = input.build();
  for (int64_t batch = 0; batch < trace.batchCount(); ++batch) {
    NaiveBatch naive = makeNaiveBatch(input, batch);
    readNaively(input, naive);
    expectBatch(trace, batch, naive);
  }
}

/// What training will sample is what was planned.
TEST(AccessTrace, AgreesWithTheSampler) {
  for (int32_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    Case input = makeCase(random);
    AccessTrace trace = input.build();
    for (int64_t batch = 0; batch < trace.batchCount(); ++batch) {
      std::vector<int32_t> nodes;
      std::vector<Timestamp> times;
      for (auto [node, event] : makeNaiveBatch(input, batch).queries) {
        nodes.push_back(node);
        times.push_back(input.stream.time[event]);
      }
      size_t entries = nodes.size() * static_cast<size_t>(input.k);
      std::vector<int32_t> sampled(entries), events(entries);
      std::vector<Timestamp> eventTimes(entries);
      std::vector<float> deltas(entries);
      std::vector<int32_t> counts(nodes.size());
      sampleNeighbours(input.graph, nodes, times, input.k,
                       SamplingPolicy::Recent, 0, 1,
                       {sampled, events, eventTimes, deltas, counts});
      std::map<int32_t, int32_t> reads;
      for (size_t query = 0; query < nodes.size(); ++query)
        for (int32_t index = 0; index < counts[query]; ++index) {
          size_t flat =
              query * static_cast<size_t>(input.k) + static_cast<size_t>(index);
          ++reads[input.keyOf(events[flat], sampled[flat])];
        }
      int64_t inBatchReads = 0;
      for (int32_t target : trace.batchTargets(batch)) {
        inBatchReads += reads[target];
        reads.erase(target);
      }
      EXPECT_EQ(trace.inBatchReads[batch], inBatchReads);
      EXPECT_EQ(trace.batchNeighbours(batch).size(), reads.size());
      for (const NeighbourReads &read : trace.batchNeighbours(batch))
        EXPECT_EQ(read.reads, reads[read.node]);
    }
  }
}

TEST(AccessTrace, LowerTraceFollowsTheRecursion) {
  for (int32_t seed = 0; seed < 150; ++seed) {
    Random random(seed);
    Case input = makeCase(random);
    AccessTrace upper = input.build();
    std::vector<uint8_t> recomputed(upper.neighbours.size());
    for (uint8_t &flag : recomputed)
      flag = random.between(0, 1);
    AccessTrace lower =
        buildLowerAccessTrace(input.stream, input.graph, upper, recomputed,
                              input.k, input.neighbourTime, input.separate);
    ASSERT_EQ(lower.batchCount(), upper.batchCount());
    for (int64_t batch = 0; batch < upper.batchCount(); ++batch) {
      // B' = B ∪ U, each recomputed node a query at its last reader's time, or
      // at its event's.
      NaiveBatch naive = makeNaiveBatch(input, batch);
      for (int64_t index = upper.neighbourOffsets[batch];
           index < upper.neighbourOffsets[batch + 1]; ++index)
        if (recomputed[index]) {
          const NeighbourReads &read = upper.neighbours[index];
          bool byEvent = input.neighbourTime == NeighbourTime::Event;
          int32_t event = byEvent ? read.node / 2 : read.lastReader;
          int32_t node = !byEvent        ? read.node
                         : read.node % 2 ? input.stream.destination[event]
                                         : input.stream.source[event];
          naive.queries.emplace_back(node, event);
          if (input.hasTargets())
            naive.targets.insert(read.node);
        }
      readNaively(input, naive);
      expectBatch(lower, batch, naive);
    }
  }
}

TEST(AccessTrace, NoEventGivesNoBatch) {
  EventStream stream;
  stream.nodeCount = 3;
  TemporalGraph graph = TemporalGraph::build(stream);
  AccessTrace trace = buildAccessTrace(stream, graph, {}, 200, 10);
  EXPECT_EQ(trace.batchCount(), 0);
}
