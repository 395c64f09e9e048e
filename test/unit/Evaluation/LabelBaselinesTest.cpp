//===- LabelBaselinesTest.cpp - Labels predicted by rules -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Evaluation/LabelBaselines.h"

#include <gtest/gtest.h>
#include <map>
#include <random>

using namespace orcinus;

namespace {

using Figures = std::map<std::string, double>;

Figures figuresOf(const EventStream &stream, const LabelSet &labels,
                  const LabelTest &test) {
  Figures figures;
  for (const Figure &figure : testLabelRules(stream, labels, test))
    figures[figure.name] = figure.value;
  return figures;
}

/// Events of random pairs of `nodes` nodes, a second apart but for ties.
EventStream randomStream(int32_t nodes, int32_t events, unsigned seed) {
  std::mt19937 random(seed);
  EventStream stream;
  stream.nodeCount = nodes;
  double time = 0;
  for (int32_t event = 0; event != events; ++event) {
    time += random() % 3 != 0;
    stream.source.push_back(static_cast<int32_t>(random() % nodes));
    stream.destination.push_back(static_cast<int32_t>(random() % nodes));
    stream.time.push_back(stream.timeScale.at(time));
  }
  return stream;
}

/// A label of each event's source, of `classes` classes.
LabelSet randomLabels(const EventStream &stream, int32_t classes,
                      unsigned seed) {
  std::mt19937 random(seed);
  LabelSet labels;
  for (int32_t each = 0; each != classes; ++each)
    labels.classes.push_back(std::to_string(each));
  for (int32_t event = 0; event != stream.eventCount(); ++event)
    labels.add(
        {stream.time[event], stream.source[event], event, LabelOf::Source},
        LabelEntry{static_cast<int32_t>(random() % classes), 1});
  return labels;
}

/// The accuracy of what `predict` says of each tested label, by brute force.
template <typename Predict>
double accuracyOf(const LabelSet &labels, const LabelTest &test,
                  Predict predict) {
  double right = 0, count = 0;
  for (int32_t event = test.first; event != test.end; ++event) {
    if (test.hiddenOnly && !test.hiddenNodes[labels.places[event].node])
      continue;
    right += predict(event) == labels.entries[event].column;
    ++count;
  }
  return right / count;
}

int32_t majorityOf(const LabelSet &labels, const LabelTest &test) {
  std::vector<int> counts(labels.classes.size());
  for (int32_t event = 0; event != test.trainEnd; ++event)
    if (test.hiddenNodes.empty() ||
        !test.hiddenNodes[labels.places[event].node])
      ++counts[labels.entries[event].column];
  return std::ranges::max_element(counts) - counts.begin();
}

TEST(LabelRules, AreWhatTheySay) {
  for (unsigned seed : {1u, 2u, 3u}) {
    EventStream stream = randomStream(12, 400, seed);
    LabelSet labels = randomLabels(stream, 3, seed + 10);
    std::vector<uint8_t> hidden(12, 0);
    hidden[3] = hidden[7] = 1;
    for (bool hiddenOnly : {false, true}) {
      LabelTest test{250, 300, 400, hidden, hiddenOnly};
      Figures figures = figuresOf(stream, labels, test);
      int32_t majority = majorityOf(labels, test);
      auto lastOf = [&](int32_t node, Timestamp before, int32_t end) {
        for (int32_t event = end; event-- > 0;)
          if (stream.time[event] < before && stream.source[event] == node &&
              !hidden[node])
            return labels.entries[event].column;
        return -1;
      };
      EXPECT_DOUBLE_EQ(
          figures["majority_accuracy"],
          accuracyOf(labels, test, [&](int32_t) { return majority; }));
      EXPECT_DOUBLE_EQ(figures["last_accuracy"],
                       accuracyOf(labels, test, [&](int32_t event) {
                         int32_t last = lastOf(stream.source[event],
                                               stream.time[event], 400);
                         return last < 0 ? majority : last;
                       }));
      EXPECT_DOUBLE_EQ(
          figures["contact_accuracy"],
          accuracyOf(labels, test, [&](int32_t asked) {
            int32_t node = stream.source[asked];
            std::map<int32_t, std::pair<int, int32_t>> met;
            for (int32_t event = 0; event != 400; ++event) {
              if (stream.time[event] >= stream.time[asked])
                break;
              int32_t source = stream.source[event];
              int32_t destination = stream.destination[event];
              for (auto [one, other] : {std::pair(source, destination),
                                        std::pair(destination, source)})
                if (one == node)
                  met[other] = {met[other].first + 1, event};
            }
            std::pair<int, int32_t> best{0, -1};
            int32_t answer = majority;
            for (auto [other, count] : met) {
              int32_t known = lastOf(other, stream.time[asked], test.trainEnd);
              if (known >= 0 && best < count) {
                best = count;
                answer = known;
              }
            }
            return answer;
          }));
    }
  }
}

TEST(LabelRules, OfSharesAndNumbers) {
  EventStream stream = randomStream(2, 4, 1);
  LabelSet labels;
  labels.task = Task::NodeProperty;
  labels.classes = {"a", "b"};
  // Of node 0 all of a, then all of b; then of both all of b.
  auto add = [&](double time, int32_t node, int32_t event, LabelEntry entry) {
    labels.add({stream.timeScale.at(time), node, event, LabelOf::Node}, entry);
  };
  add(-3, 0, 0, {0, 1});
  add(-2, 0, 0, {1, 1});
  add(-1, 0, 0, {1, 1});
  Figures figures = figuresOf(stream, labels, {0, 0, 1, {}, false});
  double second = 1 / std::log2(3.0);
  // Nothing is known at first: the mean of no label is a tie.
  double tie = (1 + second) / 2;
  EXPECT_NEAR(figures["last_ndcg10"], (tie + second + 1) / 3, 1e-6);
  // The average begins with a, of which 6/7 are left.
  EXPECT_NEAR(figures["average_ndcg10"], (tie + second + second) / 3, 1e-6);
  EXPECT_FALSE(figures.contains("contact_ndcg10"));

  LabelSet numbers = randomLabels(stream, 1, 1);
  numbers.task = Task::EdgeRegression;
  for (size_t event = 0; event != 4; ++event)
    numbers.entries[event] = {0, static_cast<float>(event)};
  figures = figuresOf(stream, numbers, {2, 2, 4, {}, false});
  EXPECT_EQ(figures.size(), 3);
  EXPECT_DOUBLE_EQ(figures["majority_mae"], 2);
}

} // namespace
