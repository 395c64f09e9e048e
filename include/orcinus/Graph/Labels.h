//===- Labels.h - What is known of nodes and events -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_GRAPH_LABELS_H
#define ORCINUS_GRAPH_LABELS_H

#include "orcinus/Graph/EventStream.h"
#include "orcinus/Support/Status.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// What a model learns by: whether pairs meet, or labels. The label of a node
/// is one of several classes, a number, or a share of each class (TGB's node
/// property prediction), at a time; that of an event a class or a number.
enum class Task : uint8_t {
  LinkPrediction,
  NodeClassification,
  NodeRegression,
  NodeProperty,
  EdgeClassification,
  EdgeRegression,
};

/// Their names, in order.
inline constexpr std::array<std::string_view, 6> taskNames{
    "link-prediction", "node-classification", "node-regression",
    "node-property",   "edge-classification", "edge-regression"};

constexpr std::string_view taskName(Task task) {
  return taskNames[static_cast<size_t>(task)];
}

/// The task of that name. Errors: none of taskNames.
StatusOr<Task> parseTask(std::string_view name);

/// The same of an option, which is link prediction where it is not given.
inline StatusOr<Task> taskOfOption(const std::optional<std::string> &name) {
  return name ? parseTask(*name) : StatusOr<Task>(Task::LinkPrediction);
}

/// Whether the labels of `task` are of events.
constexpr bool isOfEvents(Task task) {
  return task == Task::EdgeClassification || task == Task::EdgeRegression;
}

/// What a label says.
enum class LabelKind : uint8_t {
  /// One of several classes.
  Classes,
  /// A number.
  Numbers,
  /// A weight for each class.
  Shares,
};

/// Of a task that has labels.
constexpr LabelKind labelKindOf(Task task) {
  if (task == Task::NodeProperty)
    return LabelKind::Shares;
  bool isNumber = task == Task::NodeRegression || task == Task::EdgeRegression;
  return isNumber ? LabelKind::Numbers : LabelKind::Classes;
}

/// Whose label it is.
enum class LabelOf : uint8_t {
  /// The event's source, at the event's time; of labels of events, the event.
  Source,
  /// The event's destination, at the event's time.
  Destination,
  /// A node, at a time of its own.
  Node,
};

/// A label, without what it says.
struct LabelPlace {
  Timestamp time;
  int32_t node = 0;
  /// The event with which it is asked for: its own, or the first one that is
  /// not before its time, or the last one of all.
  int32_t event = 0;
  LabelOf of = LabelOf::Node;
};

/// One class of a label.
struct LabelEntry {
  int32_t column = 0;
  float value = 1;
};

/// Labels of one stream, in the order of the events that they are asked with,
/// those with one event in the order of the input.
struct LabelSet {
  Task task = Task::NodeClassification;
  /// What the input called the classes: numbers in ascending order, or texts in
  /// alphabetical order; empty for numbers.
  std::vector<std::string> classes;
  std::vector<LabelPlace> places;
  /// What label i says: entries [offsets[i], offsets[i + 1]).
  std::vector<int64_t> offsets{0};
  std::vector<LabelEntry> entries;

  /// Adds a label that says `said`.
  void add(const LabelPlace &place, std::span<const LabelEntry> said) {
    places.push_back(place);
    entries.insert(entries.end(), said.begin(), said.end());
    offsets.push_back(std::ssize(entries));
  }
  void add(const LabelPlace &place, LabelEntry said) {
    add(place, std::span(&said, 1));
  }

  int64_t size() const { return std::ssize(places); }
  LabelKind kind() const { return labelKindOf(task); }
  bool isBinary() const {
    return kind() == LabelKind::Classes && classes.size() == 2;
  }
  /// The numbers of a label: one where it is a number or one of two classes,
  /// which is then 1 for the second.
  int64_t columns() const {
    return kind() == LabelKind::Numbers || isBinary() ? 1 : std::ssize(classes);
  }
  std::span<const LabelEntry> entriesOf(int64_t label) const {
    return std::span(entries).subspan(offsets[label],
                                      offsets[label + 1] - offsets[label]);
  }
  /// Writes the numbers of a label: columns().
  void values(int64_t label, std::span<float> result) const;
  /// The labels of the events [first, end).
  std::pair<int64_t, int64_t> ofEvents(int32_t first, int32_t end) const;
};

/// The labels in `stream.labels`: of events one column, of nodes one, of the
/// sources, or two, of the sources and of the destinations. Errors: no or too
/// many columns, a number that is none, classes of which there is one alone,
/// node-property.
StatusOr<LabelSet> labelsOfStream(const EventStream &stream, Task task);

/// The labels of nodes in the csv `path`, whose header names the columns node
/// and label (or class, weight), a time, in `timeUnit` as of LoadOptions, and,
/// of node-property, a weight: rows of one node and time are then one label.
/// Without a time each node has one label, which is asked for at each of its
/// events. Errors: with the line, what is missing or wrong, a node that the
/// stream does not have, times that descend.
StatusOr<LabelSet> readLabels(const EventStream &stream,
                              const std::string &path, Task task,
                              const std::string &timeUnit);

} // namespace orcinus

#endif // ORCINUS_GRAPH_LABELS_H
