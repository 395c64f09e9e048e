//===- TestStreams.h - Event streams for unit tests -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_TESTSTREAMS_H
#define ORCINUS_TEST_UNIT_TESTSTREAMS_H

#include "orcinus/Graph/EventStream.h"

#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>

namespace orcinus::test {

/// The path of the real data set `name`; the environment variable
/// ORCINUS_TEST_DATA names another folder than the one configured.
inline std::string dataPath(const std::string &name) {
  const char *folder = std::getenv("ORCINUS_TEST_DATA");
  return std::string(folder ? folder : ORCINUS_TEST_DATA) + "/" + name;
}

/// Skips the running test, and says so, where a real data set is not there.
#define ORCINUS_REQUIRE_DATA(name)                                             \
  if (!std::filesystem::exists(orcinus::test::dataPath(name)))                 \
  GTEST_SKIP() << "no " << orcinus::test::dataPath(name)                       \
               << "; set ORCINUS_TEST_DATA to the folder that holds it"

/// The times of all events in seconds.
inline std::vector<double> secondsOf(const EventStream &stream) {
  std::vector<double> result;
  for (int64_t event = 0; event < stream.eventCount(); ++event)
    result.push_back(stream.seconds(event));
  return result;
}

/// The timestamps of a stream that counts in seconds.
inline std::vector<Timestamp> timestampsOf(std::span<const double> seconds) {
  EventStream stream;
  stream.setSeconds(seconds);
  return stream.time;
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
