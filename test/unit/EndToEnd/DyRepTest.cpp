//===- DyRepTest.cpp - DyRep and its messages against an oracle -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// models/dyrep.mlir a second time, in double precision: a node has a state and
// one message, and every attention looks at all events for its neighbours.
//
//===----------------------------------------------------------------------===//

#include "StepRun.h"
#include "lib/Reference/Neighbourhood.h"
#include "lib/Reference/Operators.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

using namespace orcinus;
using namespace orcinus::test;
using reference::Array;
using reference::Vector;

namespace {

constexpr int64_t batchSize = 30;
constexpr int32_t neighbours = 3;

class DyRepOracle {
public:
  DyRepOracle(const EventStream &stream, size_t width)
      : nodes(stream.nodeCount), stream(stream) {
    for (Node &node : nodes)
      node.state.assign(width, 0.0);
  }

  /// The state with the message applied, which is the embedding.
  Vector state(int32_t node) const {
    const Node &self = nodes[node];
    if (self.message.empty())
      return self.state;
    Vector input = reference::concatenate(
        {self.message, edgeFeatures(self.event), encodeTime(self.since)});
    Vector next = reference::linear(input, parameter("memory.input"),
                                    parameter("memory.input_bias"));
    Vector kept = reference::linear(self.state, parameter("memory.state"),
                                    parameter("memory.state_bias"));
    for (size_t at = 0; at != next.size(); ++at)
      next[at] = std::tanh(next[at] + kept[at]);
    return next;
  }

  double loss(std::span<const int32_t> events,
              std::span<const int32_t> negatives) const {
    Vector logits(2 * events.size());
    for (size_t each = 0; each != events.size(); ++each) {
      Vector source = state(stream.source[events[each]]);
      int32_t others[] = {stream.destination[events[each]], negatives[each]};
      for (size_t pair : {0, 1})
        logits[pair * events.size() + each] = perceptron(
            reference::concatenate({source, state(others[pair])}), "link")[0];
    }
    return reference::linkLoss(logits);
  }

  /// Each endpoint keeps its state and gets a message: of the latest event that
  /// it was the destination of or, without one, of the latest.
  void takeIn(std::span<const int32_t> events) {
    std::map<int32_t, int32_t> latest;
    for (int32_t event : events)
      latest[stream.source[event]] = event;
    for (int32_t event : events)
      latest[stream.destination[event]] = event;
    std::map<int32_t, Node> after;
    for (auto [node, event] : latest) {
      // A self-loop's other end is itself.
      bool isSource = stream.source[event] == node;
      int32_t other =
          isSource ? stream.destination[event] : stream.source[event];
      Node &next = after[node];
      next.state = state(node);
      next.lastUpdate = nodes[node].message.empty()
                            ? nodes[node].lastUpdate
                            : stream.seconds(nodes[node].event);
      next.event = event;
      next.since = stream.seconds(event) - next.lastUpdate;
      next.message = reference::concatenate(
          {next.state, attended(other, stream.seconds(event))});
    }
    for (auto &[node, next] : after)
      nodes[node] = std::move(next);
  }

  /// [self ‖ other] of the node's message; empty where it has none.
  const Vector &message(int32_t node) const { return nodes[node].message; }

  reference::Parameters parameters;

private:
  struct Node {
    Vector state, message;
    int32_t event = 0;
    double since = 0, lastUpdate = 0;
  };

  Vector attended(int32_t node, double time) const {
    Vector own = state(node);
    Vector asking = reference::concatenate({own, encodeTime(0)});
    std::vector<Vector> keys;
    for (const reference::Neighbour &each :
         reference::recentNeighbours(stream, {}, node, time, neighbours))
      keys.push_back(
          reference::concatenate({state(each.node), edgeFeatures(each.event),
                                  encodeTime(time - each.time)}));
    Vector read = reference::linear(
        reference::attendHeads(
            reference::multiply(asking, parameter("attend.query")), keys,
            parameter("attend.key"), parameter("attend.value")),
        parameter("attend.output"), parameter("attend.output_bias"));
    for (size_t at = 0; at != read.size(); ++at)
      read[at] += asking[at];
    Vector normal = reference::layerNorm(read, parameter("attend.scale"),
                                         parameter("attend.shift"));
    return perceptron(reference::concatenate({normal, own}), "attend");
  }

  const Array &parameter(const std::string &name) const {
    return parameters.at(name);
  }

  Vector encodeTime(double delta) const {
    return reference::encodeTimeRounded(delta, parameter("time.frequencies"),
                                        parameter("time.phases"));
  }

  Vector edgeFeatures(int32_t event) const {
    const float *row = stream.edgeFeatures.row(event);
    return Vector(row, row + stream.edgeFeatures.columns);
  }

  Vector perceptron(const Vector &x, const std::string &name) const {
    Vector hidden = reference::relu(reference::linear(
        x, parameter(name + ".hidden"), parameter(name + ".hidden_bias")));
    return reference::linear(hidden, parameter(name + ".result"),
                             parameter(name + ".result_bias"));
  }

  std::vector<Node> nodes;
  const EventStream &stream;
};

class DyRepTest : public testing::Test {
protected:
  DyRepTest() {
    CompileOptions options = smallModel("dyrep", 0, *stream);
    options.functions = {"train", "evaluate", "advance"};
    options.threads = 1;
    run.emplace(stream, compileForTest(options));
    takeParameters();
  }

  void takeParameters() { oracle.parameters = run->parameters(); }

  std::span<const int32_t> eventsOf(int64_t first) const {
    return std::span(run->all).subspan(first, batchSize);
  }

  std::shared_ptr<const EventStream> stream = smallStream(5, 0, 43);
  std::optional<StepRun> run;
  DyRepOracle oracle{*stream, 8};
};

TEST_F(DyRepTest, LossesAndMessagesAreTheOracles) {
  FloatArray *messages = run->state.find(BindingKind::Message, "memory");
  ASSERT_NE(messages, nullptr);
  int64_t compared = 0;
  for (int64_t step = 0; step != 8; ++step) {
    int64_t first = step * batchSize;
    takeParameters();
    double expected =
        oracle.loss(eventsOf(first), run->negativesOf(first, batchSize));
    // Messages are made of embeddings by the parameters before the step.
    oracle.takeIn(eventsOf(first));
    run->run("train", first, batchSize, step + 1);
    EXPECT_NEAR(run->loss, expected, 3e-5 * std::max(1.0, expected))
        << "step " << step;
    for (int32_t node = 0; node != stream->nodeCount; ++node) {
      const Vector &message = oracle.message(node);
      for (size_t at = 0; at != message.size(); ++at)
        ASSERT_NEAR(messages->values()[node * message.size() + at], message[at],
                    2e-4)
            << "step " << step << ", node " << node << ", place " << at;
      compared += std::ssize(message);
    }
  }
  EXPECT_GT(compared, 1000);
}

// The loss does not reach what messages are made of, were they trained, too.
TEST_F(DyRepTest, AttentionKeepsItsFirstValues) {
  CompileOptions options = smallModel("dyrep", 0, *stream);
  options.modelText = builtinTextWith("dyrep", {});
  for (size_t at;
       (at = options.modelText.find(" fixed :")) != std::string::npos;)
    options.modelText.erase(at, 6);
  options.functions = {"train", "evaluate", "advance"};
  options.threads = 1;
  StepRun trained(stream, compileForTest(options));
  std::map<std::string, std::vector<float>> before;
  for (const FloatArray &each : trained.state.parameters)
    before[each.name()] = {each.values().begin(), each.values().end()};
  for (int64_t step = 0; step != 3; ++step)
    trained.run("train", step * batchSize, batchSize, step + 1);
  for (const FloatArray &each : trained.state.parameters) {
    bool isKept =
        each.name().starts_with("attend.") || each.name().starts_with("time.");
    EXPECT_EQ(std::ranges::equal(each.values(), before[each.name()]), isKept)
        << each.name();
  }
}

TEST_F(DyRepTest, AdvancingLeavesWhatEvaluationLeaves) {
  run->expectAdvancesAsItEvaluates(6, batchSize);
}

} // namespace
