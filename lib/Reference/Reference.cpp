//===- Reference.cpp - Slow, obviously right T-GNN models -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Reference/Reference.h"

#include <cassert>
#include <cmath>

using namespace orcinus;
using namespace orcinus::reference;

Model::Model(const ModelOptions &options, Parameters parameters,
             const EventStream &stream, std::vector<uint8_t> visible)
    : parameters(std::move(parameters)), options(options), stream(stream),
      visible(std::move(visible)) {
  resetStates();
}

void Model::resetStates() {
  nodes.assign(stream.nodeCount, {Vector(options.width, 0.0), 0, {}});
}

const Array &Model::parameter(const std::string &name) const {
  auto found = parameters.find(name);
  assert(found != parameters.end() && "the model needs this parameter");
  return found->second;
}

Vector Model::encodeTime(double timeDelta) const {
  Vector result;
  if (options.learnedTimeEncoding) {
    const Vector &frequency = parameter("time.frequency").values;
    const Vector &phase = parameter("time.phase").values;
    for (size_t i = 0; i < frequency.size(); ++i)
      result.push_back(std::cos(frequency[i] * timeDelta + phase[i]));
    return result;
  }
  for (int32_t i = 0; i < options.width; ++i) {
    double frequency =
        options.width == 1 ? 1 : std::pow(10, -9.0 * i / (options.width - 1));
    double angle = frequency * timeDelta;
    if (options.singlePrecisionPhase)
      angle = static_cast<float>(frequency) * static_cast<float>(timeDelta);
    result.push_back(std::cos(angle));
  }
  return result;
}

Vector Model::edgeFeatures(int32_t event) const {
  const FeatureMatrix &features = stream.edgeFeatures;
  if (features.columns == 0)
    return {};
  const float *row = features.row(event);
  return Vector(row, row + features.columns);
}

// (4), after (1) of a training step: s' = UPDATE(s, message).
Vector Model::updatedState(int32_t node) const {
  const Node &self = nodes[node];
  if (!self.pending)
    return self.state;
  Vector message =
      concatenate({self.pending->states, edgeFeatures(self.pending->event),
                   encodeTime(self.pending->timeDelta)});
  return gatedRecurrentUnit(message, self.state, parameter("memory.input"),
                            parameter("memory.input_bias"),
                            parameter("memory.state"),
                            parameter("memory.state_bias"));
}

Vector Model::initialEmbedding(int32_t node) const {
  if (options.nodeState)
    return updatedState(node);
  const FeatureMatrix &features = stream.nodeFeatures;
  if (features.columns == 0)
    return Vector(options.width, 0.0);
  const float *row = features.row(node);
  return Vector(row, row + features.columns);
}

// (2): multi-head attention over the neighbours; zero without any.
std::vector<Neighbour> Model::neighbours(int32_t node, double time) const {
  return recentNeighbours(stream, visible, node, time, options.neighbours);
}

Vector Model::attention(
    int32_t layer, const Vector &self, int32_t node, double time,
    const std::function<Vector(const Neighbour &)> &embedNeighbour) const {
  std::string prefix = "embed" + std::to_string(layer) + ".";
  const Array &key = parameter(prefix + "key");
  const Array &value = parameter(prefix + "value");
  const Array &output = parameter(prefix + "output");

  std::vector<Neighbour> sampled = neighbours(node, time);
  if (sampled.empty())
    return Vector(output.shape[1], 0.0);

  std::vector<Vector> inputs;
  for (const Neighbour &neighbour : sampled)
    inputs.push_back(
        concatenate({embedNeighbour(neighbour), edgeFeatures(neighbour.event),
                     encodeTime(time - neighbour.time)}));

  Vector query =
      linear(concatenate({self, encodeTime(0)}), parameter(prefix + "query"),
             parameter(prefix + "query_bias"));
  Vector attended = attendHeads(query, inputs, key, value);
  return linear(attended, output, parameter(prefix + "output_bias"));
}

// (3): COMBINE(h, g) = LayerNorm(MLP([g ‖ h])).
Vector Model::embedding(int32_t layer, int32_t node, double time) const {
  if (layer == 0)
    return initialEmbedding(node);
  bool atQuery = options.neighbourTime == NeighbourTime::Query;
  return apply(layer, embedding(layer - 1, node, time), node, time,
               [&](const Neighbour &neighbour) {
                 return embedding(layer - 1, neighbour.node,
                                  atQuery ? time : neighbour.time);
               });
}

Vector Model::apply(
    int32_t layer, const Vector &self, int32_t node, double time,
    const std::function<Vector(const Neighbour &)> &embedNeighbour) const {
  std::string prefix = "embed" + std::to_string(layer) + ".";
  Vector aggregated = attention(layer, self, node, time, embedNeighbour);
  Vector hidden =
      relu(linear(concatenate({aggregated, self}), parameter(prefix + "hidden"),
                  parameter(prefix + "hidden_bias")));
  Vector result = linear(hidden, parameter(prefix + "result"),
                         parameter(prefix + "result_bias"));
  if (!options.layerNorm)
    return result;
  return layerNorm(result, parameter(prefix + "scale"),
                   parameter(prefix + "shift"));
}

Vector Model::embedding(int32_t node, double time) const {
  return embedding(options.layers, node, time);
}

double Model::score(const Vector &source, const Vector &destination) const {
  Vector hidden =
      relu(linear(concatenate({source, destination}), parameter("link.hidden"),
                  parameter("link.hidden_bias")));
  return linear(hidden, parameter("link.result"),
                parameter("link.result_bias"))[0];
}

Vector
Model::logits(const Batch &batch,
              const std::function<Vector(int32_t, double)> &embed) const {
  assert(batch.events.size() == batch.negatives.size());
  Vector result(2 * batch.events.size());
  for (size_t i = 0; i < batch.events.size(); ++i) {
    int32_t event = batch.events[i];
    double time = stream.seconds(event);
    Vector source = embed(stream.source[event], time);
    Vector destination = embed(stream.destination[event], time);
    Vector negative = embed(batch.negatives[i], time);
    result[i] = score(source, destination);
    result[batch.events.size() + i] = score(source, negative);
  }
  return result;
}

Vector Model::logits(const Batch &batch) const {
  return logits(
      batch, [&](int32_t node, double time) { return embedding(node, time); });
}

double Model::loss(const Batch &batch) const { return linkLoss(logits(batch)); }

double Model::loss(const Batch &batch,
                   const std::function<Vector(int32_t, double)> &embed) const {
  return linkLoss(logits(batch, embed));
}

void Model::commit(const Batch &batch) {
  if (!options.nodeState)
    return;
  // (3) of a training step. All endpoints first: a message holds both states.
  for (int32_t event : batch.events) {
    for (int32_t endpoint : {stream.source[event], stream.destination[event]}) {
      Node &node = nodes[endpoint];
      if (!node.pending)
        continue;
      node.state = updatedState(endpoint);
      node.lastUpdate = node.pending->time;
      node.pending.reset();
    }
  }
  // (4). Later events overwrite earlier ones: the latest wins.
  for (int32_t event : batch.events) {
    int32_t source = stream.source[event];
    int32_t destination = stream.destination[event];
    double time = stream.seconds(event);
    auto leave = [&](Node &self, const Node &other) {
      self.pending = Message{concatenate({self.state, other.state}), event,
                             time, time - self.lastUpdate};
    };
    leave(nodes[source], nodes[destination]);
    leave(nodes[destination], nodes[source]);
  }
}

double reference::numericGradient(Model model, const Batch &batch,
                                  const std::string &name, int64_t index,
                                  double step) {
  double &value = model.parameters.at(name).values.at(index);
  double original = value;
  value = original + step;
  double above = model.loss(batch);
  value = original - step;
  double below = model.loss(batch);
  return (above - below) / (2 * step);
}
