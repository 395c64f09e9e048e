//===- StepTablesTesting.h - Streams and tables of tests --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEST_UNIT_RUNTIME_STEPTABLESTESTING_H
#define TEST_UNIT_RUNTIME_STEPTABLESTESTING_H

#include "orcinus/Graph/EventStream.h"
#include "runtime/Prepare/StepTables.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace orcinus::test {

/// With ties, self-loops and repeated pairs; less than `gap` seconds lie
/// between two events.
inline EventStream randomEvents(std::mt19937 &random, int32_t nodes, int events,
                                int gap) {
  EventStream stream;
  stream.nodeCount = nodes;
  double time = 100;
  for (int event = 0; event != events; ++event) {
    time += random() % gap;
    stream.time.push_back(stream.timeScale.at(time));
    stream.source.push_back(random() % nodes);
    stream.destination.push_back(random() % 9 == 0 ? stream.source.back()
                                                   : random() % nodes);
  }
  return stream;
}

/// A table's values; a failure of the test where it was not made.
template <typename T>
std::vector<T> column(const StepTables &tables, int32_t handle,
                      Component component) {
  const Table *table = tables.find(handle, component);
  EXPECT_NE(table, nullptr) << handle << "." << component.name();
  if (!table)
    return {};
  auto values = table->values<T>();
  return {values.begin(), values.end()};
}

} // namespace orcinus::test

#endif // TEST_UNIT_RUNTIME_STEPTABLESTESTING_H
