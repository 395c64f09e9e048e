//===- PairModels.cpp - Slow models that score pairs ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Reference/PairModels.h"

#include <algorithm>
#include <cassert>
#include <cmath>

using namespace orcinus;
using namespace orcinus::reference;

//===----------------------------------------------------------------------===//
// What the models have in common
//===----------------------------------------------------------------------===//

static Vector sumOf(Vector left, const Vector &right) {
  for (size_t at = 0; at < left.size(); ++at)
    left[at] += right[at];
  return left;
}

double PairModel::loss(const Batch &batch) const {
  Vector logits;
  auto score = [&](size_t each, int32_t destination) {
    int32_t event = batch.events[each];
    logits.push_back(
        logit(stream.source[event], destination, stream.seconds(event)));
  };
  for (size_t each = 0; each < batch.events.size(); ++each)
    score(each, stream.destination[batch.events[each]]);
  for (size_t each = 0; each < batch.events.size(); ++each)
    score(each, batch.negatives[each]);
  return linkLoss(logits);
}

double PairModel::numericGradient(const Batch &batch, const std::string &name,
                                  int64_t index) {
  constexpr double step = 1e-5;
  double &value = parameters[name].values[index];
  double original = value;
  value = original + step;
  double above = loss(batch);
  value = original - step;
  double below = loss(batch);
  value = original;
  return (above - below) / (2 * step);
}

const Array &PairModel::parameter(const std::string &name) const {
  auto found = parameters.find(name);
  assert(found != parameters.end() && "the model needs this parameter");
  return found->second;
}

Vector PairModel::map(const Vector &x, const std::string &name) const {
  return linear(x, parameter(name), parameter(name + "_bias"));
}

Vector PairModel::encodeTime(double timeDelta) const {
  const Vector &frequencies = parameter("time.frequencies").values;
  Vector result = parameter("time.phases").values;
  for (size_t at = 0; at < result.size(); ++at)
    result[at] = std::cos(frequencies[at] * timeDelta + result[at]);
  return result;
}

static Vector rowOf(const FeatureMatrix &features, int32_t row) {
  if (features.columns == 0)
    return {};
  const float *begin = features.row(row);
  return Vector(begin, begin + features.columns);
}

Vector PairModel::nodeFeatures(int32_t node) const {
  return rowOf(stream.nodeFeatures, node);
}

Vector PairModel::edgeFeatures(int32_t event) const {
  return rowOf(stream.edgeFeatures, event);
}

/// Rows [begin, begin + count) of a matrix.
static Array rowsOf(const Array &matrix, int64_t begin, int64_t count) {
  int64_t columns = matrix.shape[1];
  auto first = matrix.values.begin() + begin * columns;
  return Array::matrix(count, columns, Vector(first, first + count * columns));
}

PairModel::Rows PairModel::attend(const Rows &queries, const Rows &keys,
                                  const std::string &prefix,
                                  int64_t heads) const {
  const Array &all = parameter(prefix + "attention");
  int64_t width = all.shape[1], share = width / heads;
  Array queryWeight = rowsOf(all, 0, width),
        keyWeight = rowsOf(all, width, width),
        valueWeight = rowsOf(all, 2 * width, width);
  Rows keyRows, valueRows, result;
  for (const Vector &key : keys) {
    keyRows.push_back(multiply(key, keyWeight));
    valueRows.push_back(
        linear(key, valueWeight, parameter(prefix + "value_bias")));
  }
  for (const Vector &row : queries) {
    Vector query = linear(row, queryWeight, parameter(prefix + "query_bias"));
    Vector attended(width);
    for (int64_t head = 0; head < heads; ++head) {
      Vector scores;
      for (const Vector &key : keyRows) {
        double score = 0;
        for (int64_t at = head * share; at < (head + 1) * share; ++at)
          score += query[at] * key[at];
        scores.push_back(score / std::sqrt(static_cast<double>(share)));
      }
      Vector weights = softmax(scores);
      for (size_t key = 0; key < weights.size(); ++key)
        for (int64_t at = head * share; at < (head + 1) * share; ++at)
          attended[at] += weights[key] * valueRows[key][at];
    }
    result.push_back(map(attended, prefix + "output"));
  }
  return result;
}

PairModel::Rows PairModel::transform(const Rows &queries, const Rows &keys,
                                     const std::string &prefix,
                                     int64_t heads) const {
  Rows attended = attend(queries, keys, prefix, heads), result;
  for (size_t row = 0; row < queries.size(); ++row) {
    Vector between = layerNorm(sumOf(queries[row], attended[row]),
                               parameter(prefix + "attention_scale"),
                               parameter(prefix + "attention_shift"));
    Vector change =
        map(relu(map(between, prefix + "hidden")), prefix + "result");
    result.push_back(layerNorm(sumOf(between, change),
                               parameter(prefix + "result_scale"),
                               parameter(prefix + "result_shift")));
  }
  return result;
}

double PairModel::decode(const Vector &source,
                         const Vector &destination) const {
  return map(relu(map(concatenate({source, destination}), "link.hidden")),
             "link.result")[0];
}

//===----------------------------------------------------------------------===//
// TCL
//===----------------------------------------------------------------------===//

/// x · Wᵀ, as PyTorch keeps a matrix.
static Vector multiplyTransposed(const Vector &x, const Array &weight) {
  Vector result(weight.shape[0]);
  for (size_t row = 0; row < result.size(); ++row)
    for (size_t at = 0; at < x.size(); ++at)
      result[row] += x[at] * weight.values[row * x.size() + at];
  return result;
}

PairModel::Rows Tcl::tokens(int32_t node, double time) const {
  const Array &places = parameter("tokens.places");
  auto token = [&](int64_t place, const Vector &features, const Vector &event,
                   double timeDelta) {
    Vector result = rowsOf(places, place, 1).values;
    for (const char *kind : {"node", "edge", "time"})
      result = sumOf(result,
                     parameter("tokens." + std::string(kind) + "_bias").values);
    // The model's text has a column of zeros behind.
    Vector zero(1);
    result = sumOf(result, multiplyTransposed(concatenate({features, zero}),
                                              parameter("tokens.node")));
    result = sumOf(result, multiplyTransposed(concatenate({event, zero}),
                                              parameter("tokens.edge")));
    return sumOf(result, multiplyTransposed(encodeTime(timeDelta),
                                            parameter("tokens.time")));
  };
  Vector noEvent(stream.edgeFeatures.columns);
  Rows rows{token(0, nodeFeatures(node), noEvent, 0)};
  std::vector<Neighbour> near = neighboursOf(node, time);
  std::reverse(near.begin(), near.end());
  for (const Neighbour &neighbour : near)
    rows.push_back(token(static_cast<int64_t>(rows.size()),
                         nodeFeatures(neighbour.node),
                         edgeFeatures(neighbour.event), time - neighbour.time));
  return rows;
}

double Tcl::logit(int32_t source, int32_t destination, double time) const {
  Rows left = tokens(source, time), right = tokens(destination, time);
  for (const char *prefix : {"layer1.", "layer2."}) {
    auto block = [&](const Rows &queries, const Rows &keys) {
      return transform(queries, keys, prefix, /*heads=*/2);
    };
    Rows leftWithin = block(left, left), rightWithin = block(right, right);
    left = block(leftWithin, rightWithin);
    right = block(rightWithin, leftWithin);
  }
  auto summary = [&](const Vector &own) {
    return linear(own, parameter("summary.weight"), parameter("summary.bias"));
  };
  return decode(summary(left[0]), summary(right[0]));
}

//===----------------------------------------------------------------------===//
// CAWN
//===----------------------------------------------------------------------===//

/// Whether it is the walks' first node, and its share of their second ones.
Vector Cawn::shares(int32_t node, const Walks &walks) const {
  auto met = static_cast<double>(
      std::ranges::count(walks.ends, node, &Neighbour::node));
  return {static_cast<double>(walks.node == node), met / neighbours};
}

Vector Cawn::position(int32_t node, const Walks &own,
                      const Walks &other) const {
  auto perceptron = [&](const Walks &walks) {
    return map(relu(map(shares(node, walks), "position.hidden")),
               "position.result");
  };
  return sumOf(perceptron(own), perceptron(other));
}

void Cawn::step(const Vector &x, const std::string &prefix, Vector &state,
                Vector &cell) const {
  auto sigmoid = [](double value) { return 1 / (1 + std::exp(-value)); };
  Vector gates = sumOf(map(x, prefix + "input"), map(state, prefix + "state"));
  size_t width = state.size();
  for (size_t at = 0; at < width; ++at) {
    double input = sigmoid(gates[at]), forget = sigmoid(gates[width + at]),
           candidate = std::tanh(gates[2 * width + at]),
           output = sigmoid(gates[3 * width + at]);
    cell[at] = forget * cell[at] + input * candidate;
    state[at] = output * std::tanh(cell[at]);
  }
}

Vector Cawn::encodeWalk(const Rows &nodes, const std::string &prefix) const {
  size_t width = parameter(prefix + "start").values.size();
  Vector forward(width), forwardCell(width), backward(width),
      backwardCell(width);
  for (const Vector &node : nodes)
    step(node, prefix + "forward.", forward, forwardCell);
  step(nodes.back(), prefix + "backward.", backward, backwardCell);
  return concatenate({forward, backward});
}

Vector Cawn::embed(const Walks &own, const Walks &other, double time) const {
  // The model's text has a column of zeros behind.
  Vector zero(1);
  auto input = [&](int32_t node, double timeDelta, const Vector &event,
                   const Vector &code) {
    return concatenate(
        {nodeFeatures(node), encodeTime(timeDelta), event, zero, code});
  };
  Vector noEvent(stream.edgeFeatures.columns);
  Vector ownCode = position(own.node, own, other);
  Vector first = input(own.node, 0, noEvent, ownCode);
  Rows walks;
  for (int32_t walk = 0; walk < neighbours; ++walk) {
    Rows features{first}, codes{ownCode};
    if (walk < std::ssize(own.ends)) {
      const Neighbour &end = own.ends[walk];
      codes.push_back(position(end.node, own, other));
      features.push_back(input(end.node, time - end.time,
                               edgeFeatures(end.event), codes.back()));
    }
    Vector both = concatenate(
        {encodeWalk(features, "features."), encodeWalk(codes, "positions.")});
    walks.push_back(
        linear(both, parameter("combine.weight"), parameter("combine.bias")));
  }
  Vector mean(parameter("combine.bias").values.size());
  for (const Vector &row : transform(walks, walks, "block.", /*heads=*/2))
    for (size_t at = 0; at < row.size(); ++at)
      mean[at] += row[at] / neighbours;
  return linear(mean, parameter("summary.weight"), parameter("summary.bias"));
}

double Cawn::logit(int32_t source, int32_t destination, double time) const {
  Walks left{source, neighboursOf(source, time)},
      right{destination, neighboursOf(destination, time)};
  return decode(embed(left, right, time), embed(right, left, time));
}

//===----------------------------------------------------------------------===//
// DyGFormer
//===----------------------------------------------------------------------===//

std::vector<Neighbour> DyGFormer::sequence(int32_t node, double time) const {
  std::vector<Neighbour> result = neighboursOf(node, time);
  result.insert(result.begin(), {node, /*event=*/-1, time});
  return result;
}

Vector DyGFormer::occurrence(double ownCount, double otherCount) const {
  auto perceptron = [&](double count) {
    return map(relu(map({count}, "occurrence.hidden")), "occurrence.result");
  };
  return sumOf(perceptron(ownCount), perceptron(otherCount));
}

static double countOf(const std::vector<Neighbour> &sequence, int32_t node) {
  return static_cast<double>(
      std::ranges::count(sequence, node, &Neighbour::node));
}

PairModel::Rows DyGFormer::tokens(const std::vector<Neighbour> &own,
                                  const std::vector<Neighbour> &other,
                                  double time) const {
  Rows result;
  for (int32_t at = 0; at < patches; ++at) {
    Vector nodes, events, times, occurrences;
    for (int32_t place = at * patch; place < (at + 1) * patch; ++place) {
      Vector node(stream.nodeFeatures.columns);
      Vector event(stream.edgeFeatures.columns);
      Vector encoded(parameter("time.phases").values.size());
      double ownCount = 0, otherCount = 0;
      if (place < static_cast<int32_t>(own.size())) {
        const Neighbour &there = own[place];
        node = nodeFeatures(there.node);
        if (place > 0)
          event = edgeFeatures(there.event);
        encoded = encodeTime(time - there.time);
        ownCount = countOf(own, there.node);
        otherCount = countOf(other, there.node);
      }
      // The model's text has a column of zeros behind.
      Vector zero(1);
      nodes = concatenate({nodes, node, zero});
      events = concatenate({events, event, zero});
      times = concatenate({times, encoded});
      occurrences =
          concatenate({occurrences, occurrence(ownCount, otherCount)});
    }
    result.push_back(concatenate(
        {map(nodes, "tokens.node"), map(events, "tokens.edge"),
         map(times, "tokens.time"), map(occurrences, "tokens.occurrence")}));
  }
  return result;
}

static Vector gelu(Vector x) {
  for (double &value : x)
    value *= (1 + std::erf(value / std::sqrt(2.0))) / 2;
  return x;
}

PairModel::Rows DyGFormer::block(const Rows &rows,
                                 const std::string &prefix) const {
  auto normal = [&](const Vector &row, const std::string &name) {
    return layerNorm(row, parameter(prefix + name + "_scale"),
                     parameter(prefix + name + "_shift"));
  };
  Rows normalised, result;
  for (const Vector &row : rows)
    normalised.push_back(normal(row, "attention"));
  Rows attended = attend(normalised, normalised, prefix, /*heads=*/2);
  for (size_t row = 0; row < rows.size(); ++row) {
    Vector between = sumOf(rows[row], attended[row]);
    Vector hidden = gelu(map(normal(between, "result"), prefix + "hidden"));
    result.push_back(sumOf(between, map(hidden, prefix + "result")));
  }
  return result;
}

Vector DyGFormer::summary(std::span<const Vector> rows) const {
  Vector mean(rows[0].size());
  for (const Vector &row : rows)
    for (size_t at = 0; at < row.size(); ++at)
      mean[at] += row[at] / static_cast<double>(rows.size());
  return linear(mean, parameter("summary.weight"), parameter("summary.bias"));
}

double DyGFormer::logit(int32_t source, int32_t destination,
                        double time) const {
  std::vector<Neighbour> left = sequence(source, time),
                         right = sequence(destination, time);
  Rows rows = tokens(left, right, time);
  for (const Vector &row : tokens(right, left, time))
    rows.push_back(row);
  for (const char *prefix : {"layer1.", "layer2."})
    rows = block(rows, prefix);
  std::span<const Vector> all = rows;
  return decode(summary(all.first(patches)), summary(all.last(patches)));
}
