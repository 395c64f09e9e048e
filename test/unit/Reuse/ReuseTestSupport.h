//===- ReuseTestSupport.h - Random traces for the reuse tests ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_REUSE_REUSETESTSUPPORT_H
#define ORCINUS_TEST_UNIT_REUSE_REUSETESTSUPPORT_H

#include "orcinus/Graph/EventStream.h"
#include "orcinus/Reuse/AccessTrace.h"

#include <cstdint>
#include <random>
#include <string>
#include <utility>

namespace orcinus::test {

/// Draws that are the same with every standard library.
class Random {
public:
  explicit Random(uint64_t seed) : engine(seed) {}

  /// Uniform in [low, high].
  int32_t between(int32_t low, int32_t high) {
    return low + static_cast<int32_t>(engine() %
                                      static_cast<uint64_t>(high - low + 1));
  }

private:
  std::mt19937_64 engine;
};

/// A trace in which each node is a target, a neighbour or neither in each
/// batch, whatever graph could make it so. Of 100 nodes, `busy` take part.
inline AccessTrace makeRandomTrace(Random &random, int32_t nodes,
                                   int32_t batches, int32_t busy = 60) {
  AccessTrace trace;
  trace.nodeCount = nodes;
  for (int32_t batch = 0; batch < batches; ++batch) {
    int32_t first = random.between(0, nodes - 1);
    for (int32_t step = 0; step < nodes; ++step) {
      int32_t node = (first + step) % nodes;
      int32_t role = random.between(0, 99);
      if (role < busy / 3)
        trace.targets.push_back(node);
      else if (role < busy)
        trace.neighbours.push_back({node, random.between(1, 4), batch});
    }
    trace.targetOffsets.push_back(static_cast<int64_t>(trace.targets.size()));
    trace.neighbourOffsets.push_back(
        static_cast<int64_t>(trace.neighbours.size()));
    trace.inBatchReads.push_back(random.between(0, 5));
  }
  return trace;
}

/// A stream with ties, repeated edges and self-loops.
inline EventStream makeRandomStream(Random &random, int32_t nodes,
                                    int32_t events) {
  EventStream stream;
  stream.nodeCount = nodes;
  double time = 0.0;
  for (int32_t event = 0; event < events; ++event) {
    stream.source.push_back(random.between(0, nodes - 1));
    stream.destination.push_back(random.between(0, nodes - 1));
    time += random.between(0, 2);
    stream.time.push_back(TimeScale().at(time));
  }
  return stream;
}

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_REUSE_REUSETESTSUPPORT_H
