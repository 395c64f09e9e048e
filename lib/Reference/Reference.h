//===- Reference.h - Slow, obviously right T-GNN models ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The oracle that compiled models are tested against: equations (1) to (5) of
// Orca, section 1, in double precision. Every query recurses on its own;
// nothing is deduplicated, batched or cached. It shares no code with the
// sampler, the compiler or the runtime.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REFERENCE_REFERENCE_H
#define ORCINUS_REFERENCE_REFERENCE_H

#include "lib/Reference/Neighbourhood.h"
#include "lib/Reference/Operators.h"
#include "orcinus/Graph/EventStream.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace orcinus::reference {

/// At which time a neighbour is embedded: the query's, or its event's.
enum class NeighbourTime { Query, Event };

/// Which model is computed.
///
/// Parameters, by name; x · W throughout, H heads, D the time width:
///   embedL.query [h + D, Q], embedL.query_bias, embedL.key and embedL.value
///   [H, h + E + D, Q / H], embedL.output, embedL.output_bias, embedL.hidden,
///   embedL.hidden_bias, embedL.result, embedL.result_bias, for L = 1, 2, …;
///   with `layerNorm` embedL.scale and embedL.shift;
///   with `nodeState` memory.input, memory.input_bias, memory.state,
///   memory.state_bias; with `learnedTimeEncoding` time.frequency and
///   time.phase; link.hidden, link.hidden_bias, link.result, link.result_bias.
struct ModelOptions {
  int32_t layers = 2;
  int32_t neighbours = 10;
  /// Of the node state, of h^0 where there are no node features, and of the
  /// fixed time encoding.
  int32_t width = 100;
  NeighbourTime neighbourTime = NeighbourTime::Query;
  /// h^0 is a node state, updated by a GRU after events; else h^0 is the
  /// node's features, or zeros.
  bool nodeState = true;
  bool layerNorm = true;
  /// φ(x) = cos(w x + b) with parameters w and b; else w_d = 10^(-9 d/(D-1)),
  /// b = 0, fixed.
  bool learnedTimeEncoding = false;
  /// Whether the fixed encoding rounds x, w and w x to single precision, as
  /// compiled programs do. Of a product above 2^24 single precision keeps less
  /// than a radian: without this the first components cannot be compared.
  bool singlePrecisionPhase = true;

  /// The instance of Orca's measurements.
  static ModelOptions tgn() { return {}; }
  /// Xu et al., "Inductive Representation Learning on Temporal Graphs" (2020).
  static ModelOptions tgat() {
    ModelOptions options;
    options.neighbourTime = NeighbourTime::Event;
    options.nodeState = false;
    options.layerNorm = false;
    options.learnedTimeEncoding = true;
    return options;
  }
};

using Parameters = std::map<std::string, Array>;

/// Events, in order, with one negative destination each.
struct Batch {
  std::vector<int32_t> events;
  std::vector<int32_t> negatives;
};

/// A model with its parameters and node states over one event stream.
class Model {
public:
  Parameters parameters;
  const ModelOptions options;
  const EventStream &stream;

  /// Samples among the events with a true `visible[event]`, or among all
  /// where `visible` is empty. Keeps a reference to `stream`.
  Model(const ModelOptions &options, Parameters parameters,
        const EventStream &stream, std::vector<uint8_t> visible = {});

  /// h^L of (node, time) (eq. 1 to 4), pending messages applied.
  Vector embedding(int32_t node, double time) const;

  /// The same of any layer, from 0.
  Vector embedding(int32_t layer, int32_t node, double time) const;

  /// The neighbours that a query reads.
  std::vector<Neighbour> neighbours(int32_t node, double time) const;

  /// One application of a layer (eq. 2 and 3) to a query whose own embedding
  /// of the layer below is `self`, with `embedNeighbour` for its neighbours'.
  Vector
  apply(int32_t layer, const Vector &self, int32_t node, double time,
        const std::function<Vector(const Neighbour &)> &embedNeighbour) const;

  /// The logits of the batch's events, then of their negatives; changes
  /// nothing.
  Vector logits(const Batch &batch) const;

  /// The mean binary cross-entropy of `logits`; changes nothing.
  double loss(const Batch &batch) const;

  /// The same with h^L of (node, time) as `embed` says.
  double loss(const Batch &batch,
              const std::function<Vector(int32_t, double)> &embed) const;

  /// Applies the endpoints' pending messages and leaves them new ones from the
  /// batch's events (eq. 5; steps 3 and 4 of a training step).
  void commit(const Batch &batch);

  /// The node's state with its pending message applied, if there is one.
  Vector updatedState(int32_t node) const;

  /// The node's state without its pending message.
  const Vector &state(int32_t node) const { return nodes[node].state; }

  /// Zero states, no messages: the start of an epoch.
  void resetStates();

private:
  /// What waits for a node's next update: detached from the parameters.
  struct Message {
    Vector states;
    int32_t event;
    double time;
    double timeDelta;
  };

  struct Node {
    Vector state;
    double lastUpdate = 0;
    std::optional<Message> pending;
  };

  const Array &parameter(const std::string &name) const;
  Vector encodeTime(double timeDelta) const;
  Vector edgeFeatures(int32_t event) const;
  Vector initialEmbedding(int32_t node) const;
  Vector attention(
      int32_t layer, const Vector &self, int32_t node, double time,
      const std::function<Vector(const Neighbour &)> &embedNeighbour) const;
  Vector logits(const Batch &batch,
                const std::function<Vector(int32_t, double)> &embed) const;
  double score(const Vector &source, const Vector &destination) const;

  std::vector<uint8_t> visible;
  std::vector<Node> nodes;
};

/// ∂ loss(batch) / ∂ parameter[name][index] by central differences. States
/// and messages stay as they are: they carry no gradient between batches.
double numericGradient(Model model, const Batch &batch, const std::string &name,
                       int64_t index, double step = 1e-5);

} // namespace orcinus::reference

#endif // ORCINUS_REFERENCE_REFERENCE_H
