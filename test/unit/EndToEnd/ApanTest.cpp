//===- ApanTest.cpp - APAN and its mails against an oracle ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// APAN (Wang et al. 2021) a second time, in double precision: a mailbox is a
// list, which a new mail is put in front of, and every query is embedded on its
// own.
//
//===----------------------------------------------------------------------===//

#include "StepRun.h"
#include "lib/Reference/Neighbourhood.h"
#include "lib/Reference/Operators.h"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <map>

using namespace orcinus;
using namespace orcinus::test;
using reference::Array;
using reference::Vector;

namespace {

constexpr int64_t batchSize = 30;
constexpr size_t slots = 10;
constexpr int32_t neighbours = 3;

class ApanOracle {
public:
  struct Mail {
    Vector content;
    double time;
  };
  using Boxes = std::vector<std::deque<Mail>>;

  explicit ApanOracle(const EventStream &stream)
      : memory(stream.nodeCount), mails(stream.nodeCount), stream(stream) {}

  Vector embedding(int32_t node, double time) const {
    const Array &positions = parameter("embed.positions");
    Vector state(parameter("embed.result").shape[1], 0.0);
    double since = 0;
    if (!memory[node].empty()) {
      state = memory[node].front().content;
      since = time - memory[node].front().time;
    }
    Vector own = reference::concatenate({state, encodeTime(since)});
    Vector query = reference::linear(own, parameter("embed.query"),
                                     parameter("embed.query_bias"));
    std::vector<Vector> keys;
    for (const Mail &mail : mails[node]) {
      Vector placed = mail.content;
      for (size_t at = 0; at != placed.size(); ++at)
        placed[at] += positions.values[keys.size() * placed.size() + at];
      keys.push_back(
          reference::concatenate({placed, encodeTime(time - mail.time)}));
    }
    Vector attended = reference::attendHeads(
        query, keys, parameter("embed.key"), parameter("embed.value"));
    Vector read = reference::linear(attended, parameter("embed.output"),
                                    parameter("embed.output_bias"));
    Vector normal = reference::layerNorm(reference::concatenate({own, read}),
                                         parameter("embed.scale"),
                                         parameter("embed.shift"));
    return perceptron(normal, "embed");
  }

  double loss(std::span<const int32_t> events,
              std::span<const int32_t> negatives) const {
    Vector logits(2 * events.size());
    for (size_t each = 0; each != events.size(); ++each) {
      double time = stream.seconds(events[each]);
      Vector source = embedding(stream.source[events[each]], time);
      int32_t others[] = {stream.destination[events[each]], negatives[each]};
      for (size_t pair : {0, 1})
        logits[pair * events.size() + each] = perceptron(
            reference::concatenate({source, embedding(others[pair], time)}),
            "link")[0];
    }
    return reference::linkLoss(logits);
  }

  /// Each end of each event sends a mail to itself and to those it met last.
  void deliver(std::span<const int32_t> events) {
    std::map<int32_t, std::vector<Mail>> reaching;
    Boxes next = memory;
    for (int32_t event : events) {
      double time = stream.seconds(event);
      int32_t ends[] = {stream.source[event], stream.destination[event]};
      Vector embeddings[] = {embedding(ends[0], time),
                             embedding(ends[1], time)};
      Vector content = embeddings[0];
      for (size_t at = 0; at != content.size(); ++at)
        content[at] += embeddings[1][at];
      for (int64_t column = 0; column != stream.edgeFeatures.columns; ++column)
        content.push_back(stream.edgeFeatures.row(event)[column]);
      for (size_t end : {0, 1}) {
        next[ends[end]] = {{embeddings[end], time}};
        std::map<int32_t, bool> nodes = {{ends[end], true}};
        for (const reference::Neighbour &each : reference::recentNeighbours(
                 stream, {}, ends[end], time, neighbours))
          nodes[each.node] = true;
        for (auto [node, isReached] : nodes)
          reaching[node].push_back({content, time});
      }
    }
    memory = std::move(next);
    for (auto &[node, sent] : reaching) {
      Mail mean = {Vector(sent[0].content.size(), 0.0), sent.back().time};
      for (const Mail &mail : sent)
        for (size_t at = 0; at != mean.content.size(); ++at)
          mean.content[at] += mail.content[at] / sent.size();
      mails[node].push_front(std::move(mean));
      if (mails[node].size() > slots)
        mails[node].pop_back();
    }
  }

  reference::Parameters parameters;
  Boxes memory, mails;

private:
  const Array &parameter(const std::string &name) const {
    return parameters.at(name);
  }

  Vector encodeTime(double delta) const {
    return reference::encodeTimeRounded(delta, parameter("time.frequencies"),
                                        parameter("time.phases"));
  }

  Vector perceptron(const Vector &x, const std::string &name) const {
    Vector hidden = reference::relu(reference::linear(
        x, parameter(name + ".hidden"), parameter(name + ".hidden_bias")));
    return reference::linear(hidden, parameter(name + ".result"),
                             parameter(name + ".result_bias"));
  }

  const EventStream &stream;
};

class ApanTest : public testing::Test {
protected:
  ApanTest() {
    CompileOptions options = smallModel("apan", 0, *stream);
    options.functions = {"train", "gradient", "apply", "evaluate", "advance"};
    options.threads = 1;
    run.emplace(stream, compileForTest(options));
    // With zeros, the new nodes' activations lie at the kink of relu.
    for (FloatArray &each : run->state.parameters)
      if (each.name().ends_with("_bias"))
        for (float &value : each.values())
          value += 0.01f + 0.003f * (&value - each.values().data());
    takeParameters();
  }

  void takeParameters() { oracle.parameters = run->parameters(); }

  double expectedLoss(int64_t first) const {
    return oracle.loss(eventsOf(first), run->negativesOf(first, batchSize));
  }
  std::span<const int32_t> eventsOf(int64_t first) const {
    return std::span(run->all).subspan(first, batchSize);
  }

  /// That the arrays of mailbox `number` hold what the oracle's lists do.
  void expectMails(size_t number, const std::string &binding,
                   const ApanOracle::Boxes &expected) {
    const Mailbox &mailbox = run->state.index.mailboxes[number];
    FloatArray *array = run->state.find(BindingKind::Mail, binding);
    ASSERT_NE(array, nullptr);
    int64_t width = array->shape()[2];
    for (int32_t node = 0; node != stream->nodeCount; ++node) {
      const auto &box = expected[node];
      ASSERT_EQ(mailbox.count(node), std::ssize(box)) << node;
      for (int32_t place = 0; place != mailbox.count(node); ++place) {
        int32_t row = mailbox.row(node, place);
        EXPECT_EQ(stream->timeScale.seconds(mailbox.sent(row)),
                  box[place].time);
        for (int64_t at = 0; at != width; ++at)
          ASSERT_NEAR(array->values()[row * width + at], box[place].content[at],
                      1e-4)
              << binding << " of node " << node << ", place " << place;
      }
    }
  }

  std::shared_ptr<const EventStream> stream = smallStream(5, 0, 41);
  std::optional<StepRun> run;
  ApanOracle oracle{*stream};
};

TEST_F(ApanTest, LossesAndMailsAreTheOracles) {
  for (int64_t step = 0; step != 8; ++step) {
    int64_t first = step * batchSize;
    takeParameters();
    double expected = expectedLoss(first);
    run->run("train", first, batchSize, step + 1);
    EXPECT_NEAR(run->loss, expected, 3e-5 * std::max(1.0, expected))
        << "step " << step;
    oracle.deliver(eventsOf(first));
    expectMails(0, "memory", oracle.memory);
    expectMails(1, "mails", oracle.mails);
  }
}

TEST_F(ApanTest, GradientsAreTheOraclesDifferences) {
  for (int64_t step = 0; step != 4; ++step) {
    run->run("evaluate", step * batchSize, batchSize, 1);
    oracle.deliver(eventsOf(step * batchSize));
  }
  int64_t first = 4 * batchSize;
  run->run("gradient", first, batchSize, 1);
  int64_t larger = 0;
  for (FloatArray &gradient : run->state.gradients) {
    Array &array = oracle.parameters.at(gradient.name());
    int64_t size = static_cast<int64_t>(array.values.size());
    for (int64_t index : {int64_t(0), size / 3, size / 2, size - 1}) {
      double value = array.values[index];
      constexpr double step = 1e-6;
      auto lossAt = [&](double changed) {
        array.values[index] = changed;
        return expectedLoss(first);
      };
      double expected =
          (lossAt(value + step) - lossAt(value - step)) / (2 * step);
      array.values[index] = value;
      EXPECT_NEAR(gradient.values()[index], expected,
                  2e-4 * std::max(0.02, std::abs(expected)))
          << gradient.name() << " [" << index << "]";
      larger += std::abs(expected) > 1e-3;
    }
  }
  EXPECT_GT(larger, 12);
}

TEST_F(ApanTest, AdvancingLeavesWhatEvaluationLeaves) {
  run->expectAdvancesAsItEvaluates(6, batchSize);
}

} // namespace
