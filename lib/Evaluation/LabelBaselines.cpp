//===- LabelBaselines.cpp - Labels predicted by rules ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Evaluation/LabelBaselines.h"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <utility>

using namespace orcinus;

namespace {

/// Predicts a label by what it has seen; nothing where it knows nothing.
class LabelRule {
public:
  explicit LabelRule(const char *name, const LabelSet &labels)
      : name(name), figures(labels) {}
  virtual ~LabelRule() = default;

  /// Of what comes before a prediction, in order: a label that may be known,
  /// whether it is training's, and an event.
  virtual void see(int64_t label, bool ofTraining) {}
  virtual void seeEvent(int32_t event) {}
  /// Writes the prediction of a label and returns whether there is one.
  virtual bool predict(int64_t label, std::span<float> result) = 0;

  const char *name;
  LabelMetricsCollector figures;
};

/// Turns what a label says into a prediction: of two classes a logit.
void predictAs(const LabelSet &labels, int64_t label, std::span<float> result) {
  labels.values(label, result);
  if (labels.isBinary())
    result[0] = 2 * result[0] - 1;
}

/// The most frequent class, or the mean.
class MajorityRule : public LabelRule {
public:
  MajorityRule(const LabelSet &labels, const LabelTest &test)
      : LabelRule("majority_", labels), labels(labels),
        sums(std::max<size_t>(labels.classes.size(), 1)) {
    auto [first, end] = labels.ofEvents(0, test.trainEnd);
    for (int64_t label = first; label != end; ++label)
      if (test.hiddenNodes.empty() ||
          !test.hiddenNodes[labels.places[label].node])
        add(label);
  }

  bool predict(int64_t, std::span<float> result) override {
    double whole = static_cast<double>(std::max<int64_t>(count, 1));
    if (labels.kind() != LabelKind::Classes) {
      for (size_t column = 0; column != result.size(); ++column)
        result[column] = static_cast<float>(sums[column] / whole);
      return true;
    }
    auto largest = std::ranges::max_element(sums) - sums.begin();
    std::ranges::fill(result, 0.0f);
    if (labels.isBinary())
      result[0] = largest == 1 ? 1.0f : -1.0f;
    else
      result[largest] = 1;
    return true;
  }

private:
  void add(int64_t label) {
    ++count;
    for (LabelEntry entry : labels.entriesOf(label))
      sums[entry.column] += entry.value;
  }

  const LabelSet &labels;
  std::vector<double> sums;
  int64_t count = 0;
};

/// The node's last label.
class LastRule : public LabelRule {
public:
  LastRule(const EventStream &stream, const LabelSet &labels)
      : LabelRule("last_", labels), labels(labels), last(stream.nodeCount, -1) {
  }

  void see(int64_t label, bool) override {
    last[labels.places[label].node] = label;
  }

  bool predict(int64_t label, std::span<float> result) override {
    int64_t known = last[labels.places[label].node];
    if (known >= 0)
      predictAs(labels, known, result);
    return known >= 0;
  }

private:
  const LabelSet &labels;
  std::vector<int64_t> last;
};

/// A moving average over the node's labels.
class AverageRule : public LabelRule {
public:
  AverageRule(const EventStream &stream, const LabelSet &labels)
      : LabelRule("average_", labels), labels(labels),
        ofNode(stream.nodeCount) {}

  void see(int64_t label, bool) override {
    constexpr float window = 7;
    std::vector<float> &average = ofNode[labels.places[label].node];
    if (average.empty()) {
      average.resize(labels.classes.size());
      return labels.values(label, average);
    }
    for (float &value : average)
      value *= (window - 1) / window;
    for (LabelEntry entry : labels.entriesOf(label))
      average[entry.column] += entry.value / window;
  }

  bool predict(int64_t label, std::span<float> result) override {
    const std::vector<float> &average = ofNode[labels.places[label].node];
    if (!average.empty())
      std::ranges::copy(average, result.begin());
    return !average.empty();
  }

private:
  const LabelSet &labels;
  std::vector<std::vector<float>> ofNode;
};

/// The class of the most frequent neighbour.
class ContactRule : public LabelRule {
public:
  ContactRule(const EventStream &stream, const LabelSet &labels)
      : LabelRule("contact_", labels), stream(stream), labels(labels),
        known(stream.nodeCount, -1), best(stream.nodeCount),
        contacts(stream.nodeCount) {}

  void see(int64_t label, bool ofTraining) override {
    if (!ofTraining)
      return;
    int32_t node = labels.places[label].node;
    bool isNew = known[node] < 0;
    known[node] = label;
    // Whom it was met by may now take it.
    if (isNew)
      for (const auto &[other, contact] : contacts[node])
        best[other] = std::max(best[other], Best{contact, node});
  }

  void seeEvent(int32_t event) override {
    int32_t source = stream.source[event];
    int32_t destination = stream.destination[event];
    for (auto [node, other] :
         {std::pair(source, destination), std::pair(destination, source)}) {
      Contact &contact = contacts[node][other];
      ++contact.count;
      contact.event = event;
      if (known[other] >= 0)
        best[node] = std::max(best[node], Best{contact, other});
    }
  }

  bool predict(int64_t label, std::span<float> result) override {
    int32_t other = best[labels.places[label].node].other;
    if (other >= 0)
      predictAs(labels, known[other], result);
    return other >= 0;
  }

private:
  /// How often a neighbour was met, and last in which event.
  struct Contact {
    int64_t count = 0;
    int32_t event = -1;
    friend auto operator<=>(const Contact &, const Contact &) = default;
  };
  /// The most frequent one whose class is known.
  struct Best {
    Contact contact;
    int32_t other = -1;
    friend auto operator<=>(const Best &, const Best &) = default;
  };

  const EventStream &stream;
  const LabelSet &labels;
  std::vector<int64_t> known;
  std::vector<Best> best;
  std::vector<std::unordered_map<int32_t, Contact>> contacts;
};

/// Shows rules what comes before each label that is tested.
class RuleTest {
public:
  RuleTest(const EventStream &stream, const LabelSet &labels,
           const LabelTest &test)
      : stream(stream), labels(labels), test(test), majority(labels, test),
        prediction(static_cast<size_t>(labels.columns())) {}

  std::vector<Figure> run() {
    if (!isOfEvents(labels.task))
      addRulesOfNodes();
    auto [first, end] = labels.ofEvents(test.first, test.end);
    for (int64_t label = first; label != end; ++label) {
      if (test.hiddenOnly && !isHidden(label))
        continue;
      showAllBefore(labels.places[label].time);
      ask(label);
    }
    std::vector<Figure> result;
    append(majority, result);
    for (const std::unique_ptr<LabelRule> &rule : rules)
      append(*rule, result);
    return result;
  }

private:
  void addRulesOfNodes() {
    rules.push_back(std::make_unique<LastRule>(stream, labels));
    if (labels.kind() == LabelKind::Shares)
      rules.push_back(std::make_unique<AverageRule>(stream, labels));
    if (labels.kind() == LabelKind::Classes)
      rules.push_back(std::make_unique<ContactRule>(stream, labels));
  }

  bool isHidden(int64_t label) const {
    return !test.hiddenNodes.empty() &&
           test.hiddenNodes[labels.places[label].node];
  }

  /// Labels of one event are in the order of time, for its own have its time
  /// and others none that is later.
  void showAllBefore(Timestamp time) {
    for (; nextEvent != stream.eventCount() && stream.time[nextEvent] < time;
         ++nextEvent)
      for (const std::unique_ptr<LabelRule> &rule : rules)
        rule->seeEvent(nextEvent);
    for (; nextLabel != labels.size() && labels.places[nextLabel].time < time;
         ++nextLabel)
      if (!isHidden(nextLabel))
        for (const std::unique_ptr<LabelRule> &rule : rules)
          rule->see(nextLabel, labels.places[nextLabel].event < test.trainEnd);
  }

  void ask(int64_t label) {
    majority.predict(label, prediction);
    majority.figures.add(label, prediction);
    for (const std::unique_ptr<LabelRule> &rule : rules) {
      majority.predict(label, prediction);
      rule->predict(label, prediction);
      rule->figures.add(label, prediction);
    }
  }

  static void append(const LabelRule &rule, std::vector<Figure> &result) {
    for (const Figure &figure : rule.figures.result())
      result.push_back({rule.name + figure.name, figure.value});
  }

  const EventStream &stream;
  const LabelSet &labels;
  const LabelTest &test;
  MajorityRule majority;
  std::vector<std::unique_ptr<LabelRule>> rules;
  std::vector<float> prediction;
  int32_t nextEvent = 0;
  int64_t nextLabel = 0;
};

} // namespace

std::vector<Figure> orcinus::testLabelRules(const EventStream &stream,
                                            const LabelSet &labels,
                                            const LabelTest &test) {
  return RuleTest(stream, labels, test).run();
}
