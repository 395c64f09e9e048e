//===- LabelMetricsTest.cpp - Figures of predicted labels -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Metrics/LabelMetrics.h"

#include "orcinus/Metrics/LinkMetrics.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>

using namespace orcinus;

namespace {

using Row = std::vector<float>;

/// Labels of one entry each, label i at time times[i].
LabelSet labelsOf(Task task, std::vector<std::string> classes,
                  const std::vector<LabelEntry> &entries,
                  const std::vector<double> &times = {}) {
  LabelSet labels;
  labels.task = task;
  labels.classes = std::move(classes);
  for (size_t label = 0; label != entries.size(); ++label) {
    LabelPlace place;
    if (!times.empty())
      place.time = TimeScale().at(times[label]);
    labels.add(place, entries[label]);
  }
  return labels;
}

std::map<std::string, double> figuresOf(const LabelSet &labels,
                                        const std::vector<Row> &predictions) {
  LabelMetricsCollector collector(labels);
  for (size_t label = 0; label != predictions.size(); ++label)
    collector.add(label, predictions[label]);
  EXPECT_EQ(collector.count(), std::ssize(predictions));
  std::map<std::string, double> figures;
  for (const Figure &figure : collector.result())
    figures[figure.name] = figure.value;
  return figures;
}

TEST(LabelMetrics, OfTwoClasses) {
  LabelSet labels =
      labelsOf(Task::NodeClassification, {"no", "yes"}, {{0}, {1}, {1}, {0}});
  auto figures = figuresOf(labels, {{-1}, {2}, {-3}, {0}});
  EXPECT_EQ(figures["accuracy"], 0.75);
  // Pairs (yes, no): 2 is above both, -3 above none.
  EXPECT_EQ(figures["auc"], 0.5);
  EXPECT_EQ(figures["ap"], 0.5 * 1 + 0.5 * 2 / 4);
  EXPECT_EQ(LabelMetricsCollector(labels).result().front().name, "auc");
}

TEST(LabelMetrics, OfMoreClasses) {
  LabelSet labels = labelsOf(Task::NodeClassification, {"a", "b", "c", "d"},
                             {{0}, {0}, {1}, {2}});
  auto figures = figuresOf(
      labels, {{3, 1, 1, 0}, {0, 2, 1, 0}, {0, 2, 1, 0}, {5, 2, 1, 0}});
  EXPECT_EQ(figures["accuracy"], 0.5);
  // a: 1 of 2 occurring and 2 predicted, b: 1 of 1 and 2, c: 0 of 1 and 0; d
  // neither occurs nor is predicted.
  EXPECT_DOUBLE_EQ(figures["f1"], (2 * 1 / 4.0 + 2 * 1 / 3.0 + 0) / 3);
}

TEST(LabelMetrics, OfNumbers) {
  LabelSet labels =
      labelsOf(Task::EdgeRegression, {}, {{0, 1}, {0, 2}, {0, 6}});
  auto figures = figuresOf(labels, {{1}, {3}, {4}});
  EXPECT_DOUBLE_EQ(figures["rmse"], std::sqrt(5 / 3.0));
  EXPECT_DOUBLE_EQ(figures["mae"], 1);
  EXPECT_DOUBLE_EQ(figures["r2"], 1 - 5 / 14.0);
  EXPECT_FALSE(LabelMetricsCollector::isLargerBetter(labels));
  // Far from zero, squares lose nothing.
  labels = labelsOf(Task::EdgeRegression, {}, {{0, 4e6}, {0, 4e6 + 1}});
  EXPECT_DOUBLE_EQ(figuresOf(labels, {{4e6}, {4e6}})["r2"], 1 - 1 / 0.5);
}

TEST(LabelMetrics, OfSharesAreMeansOverTimes) {
  LabelSet labels = labelsOf(Task::NodeProperty, {"a", "b", "c"},
                             {{0, 2}, {1, 1}, {2, 1}, {2, 1}}, {1, 1, 1, 5});
  std::vector<Row> predictions = {{3, 2, 1}, {3, 2, 1}, {3, 2, 1}, {1, 2, 3}};
  double second = 1 / std::log2(3.0), third = 1 / std::log2(4.0);
  EXPECT_DOUBLE_EQ(figuresOf(labels, predictions)["ndcg10"],
                   ((1 + second + third) / 3 + 1) / 2);
}

TEST(LabelMetrics, OfNothingAreNoNumbers) {
  for (Task task :
       {Task::NodeClassification, Task::NodeProperty, Task::NodeRegression}) {
    LabelSet labels = labelsOf(task, {"a", "b", "c"}, {});
    for (auto [name, value] : figuresOf(labels, {}))
      EXPECT_TRUE(std::isnan(value)) << name;
  }
}

} // namespace
