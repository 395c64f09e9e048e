//===- EventStream.h - A stream of timestamped edges ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_GRAPH_EVENTSTREAM_H
#define ORCINUS_GRAPH_EVENTSTREAM_H

#include "orcinus/Graph/Column.h"
#include "orcinus/Graph/Timestamp.h"
#include "orcinus/Support/Status.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace orcinus {

/// A dense row-major matrix of features, `rows` × `columns` floats.
struct FeatureMatrix {
  int64_t rows = 0;
  int64_t columns = 0;
  Column<float> values;

  const float *row(int64_t index) const {
    return values.data() + index * columns;
  }
};

/// A column of labels, one an event: each text that occurs has a number, in the
/// order of first occurrence.
struct LabelColumn {
  std::string name;
  std::vector<std::string> texts;
  /// By event; -1 where the event has no label.
  std::vector<int32_t> codes;
};

/// A continuous-time dynamic graph: events (source, destination, time) sorted
/// by time; events of equal time keep the order of the input (Orca, section 2).
///
/// Node ids are dense, 0 ≤ id < nodeCount. What the input called a node is
/// `externalNames[id]` where its ids are text, else `externalIds[id]`; both are
/// empty where its ids are the dense ones. `nodeName` has it in either case.
struct EventStream {
  Column<int32_t> source;
  Column<int32_t> destination;
  /// Non-negative and non-decreasing, to be read with `timeScale`.
  Column<Timestamp> time;
  TimeScale timeScale;
  int32_t nodeCount = 0;
  std::vector<int64_t> externalIds;
  std::vector<std::string> externalNames;
  /// One row an event, or no column at all.
  FeatureMatrix edgeFeatures;
  /// One row a node, or no column at all.
  FeatureMatrix nodeFeatures;
  /// Those that LoadOptions::labels asked for.
  std::vector<LabelColumn> labels;

  int64_t eventCount() const { return static_cast<int64_t>(time.size()); }

  /// The time of an event in seconds, in double precision.
  double seconds(int64_t event) const {
    return timeScale.seconds(time[static_cast<size_t>(event)]);
  }

  /// Makes `values` the times, as doubles of seconds.
  void setSeconds(std::span<const double> values);

  /// What the input called node `node`.
  std::string nodeName(int32_t node) const;
};

} // namespace orcinus

#endif // ORCINUS_GRAPH_EVENTSTREAM_H
