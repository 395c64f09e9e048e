//===- TestStreams.h - Event streams for unit tests -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_TESTSTREAMS_H
#define ORCINUS_TEST_UNIT_TESTSTREAMS_H

#include "orcinus/Graph/EventStream.h"

#include <random>
#include <string>

namespace orcinus::test {

/// The times of all events in seconds.
inline std::vector<double> secondsOf(const EventStream &stream) {
  std::vector<double> result;
  for (int64_t event = 0; event < stream.eventCount(); ++event)
    result.push_back(stream.seconds(event));
  return result;
}

/// `events` events between any of `nodes` nodes, self-loops and repetitions
/// included, of which about `tieShare` have the time of the one before.
inline EventStream makeRandomStream(int32_t nodes, int64_t events,
                                    unsigned seed, double tieShare = 0.3) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int32_t> node(0, nodes - 1);
  std::uniform_real_distribution<double> unit(0, 1);
  EventStream stream;
  stream.nodeCount = nodes;
  double time = 0;
  for (int64_t event = 0; event < events; ++event) {
    if (unit(random) >= tieShare)
      time += 0.25 + 10 * unit(random);
    stream.source.push_back(node(random));
    stream.destination.push_back(node(random));
    stream.time.push_back(TimeScale().at(time));
  }
  return stream;
}

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_TESTSTREAMS_H
