//===- EventStream.h - A stream of timestamped edges ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_GRAPH_EVENTSTREAM_H
#define ORCINUS_GRAPH_EVENTSTREAM_H

#include "orcinus/Support/Status.h"

#include <cstdint>
#include <string>
#include <vector>

namespace orcinus {

/// A dense row-major matrix of features, `rows` × `columns` floats.
struct FeatureMatrix {
  int64_t rows = 0;
  int64_t columns = 0;
  std::vector<float> values;

  const float *row(int64_t index) const {
    return values.data() + index * columns;
  }
};

/// A continuous-time dynamic graph: events (source, destination, time) sorted
/// by time; events of equal time keep the order of the input (Orca, section 2).
///
/// Node ids are dense, 0 ≤ id < nodeCount. `externalIds[id]` is the id that
/// the input used; it is empty where the two are equal.
struct EventStream {
  std::vector<int32_t> source;
  std::vector<int32_t> destination;
  /// Timestamps in the input's own unit, non-negative and non-decreasing.
  std::vector<double> time;
  int32_t nodeCount = 0;
  std::vector<int64_t> externalIds;
  /// One row an event, or no column at all.
  FeatureMatrix edgeFeatures;
  /// One row a node, or no column at all.
  FeatureMatrix nodeFeatures;

  int64_t eventCount() const { return static_cast<int64_t>(time.size()); }
};

} // namespace orcinus

#endif // ORCINUS_GRAPH_EVENTSTREAM_H
