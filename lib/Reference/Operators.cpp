//===- Operators.cpp - Dense operators in double precision ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Reference/Operators.h"

#include <algorithm>
#include <cassert>
#include <cmath>

using namespace orcinus::reference;

static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

Array Array::vector(Vector values) {
  return {{static_cast<int64_t>(values.size())}, std::move(values)};
}

Array Array::matrix(int64_t rows, int64_t columns, Vector values) {
  assert(rows * columns == static_cast<int64_t>(values.size()));
  return {{rows, columns}, std::move(values)};
}

Array Array::slice(int64_t index) const {
  assert(shape.size() == 3 && index < shape[0]);
  int64_t size = shape[1] * shape[2];
  auto begin = values.begin() + index * size;
  return matrix(shape[1], shape[2], Vector(begin, begin + size));
}

Vector orcinus::reference::concatenate(
    std::initializer_list<std::span<const double>> parts) {
  Vector result;
  for (std::span<const double> part : parts)
    result.insert(result.end(), part.begin(), part.end());
  return result;
}

Vector orcinus::reference::multiply(std::span<const double> x,
                                    const Array &weight) {
  assert(weight.shape.size() == 2 &&
         weight.shape[0] == static_cast<int64_t>(x.size()) &&
         "the weight needs one row an input");
  int64_t columns = weight.shape[1];
  Vector result(columns, 0.0);
  for (size_t row = 0; row < x.size(); ++row)
    for (int64_t column = 0; column < columns; ++column)
      result[column] += x[row] * weight.values[row * columns + column];
  return result;
}

Vector orcinus::reference::linear(std::span<const double> x,
                                  const Array &weight, const Array &bias) {
  Vector result = multiply(x, weight);
  assert(bias.values.size() == result.size());
  for (size_t i = 0; i < result.size(); ++i)
    result[i] += bias.values[i];
  return result;
}

Vector orcinus::reference::relu(Vector x) {
  for (double &value : x)
    value = std::max(value, 0.0);
  return x;
}

Vector orcinus::reference::attendHeads(const Vector &query,
                                       const std::vector<Vector> &inputs,
                                       const Array &key, const Array &value) {
  int64_t heads = key.shape[0], width = key.shape[2];
  Vector result(heads * width, 0.0);
  if (inputs.empty())
    return result;
  for (int64_t head = 0; head < heads; ++head) {
    Vector scores;
    for (const Vector &input : inputs) {
      Vector projected = multiply(input, key.slice(head));
      double product = 0;
      for (int64_t i = 0; i < width; ++i)
        product += query[head * width + i] * projected[i];
      scores.push_back(product / std::sqrt(static_cast<double>(width)));
    }
    Vector weights = softmax(scores);
    for (size_t j = 0; j < inputs.size(); ++j) {
      Vector projected = multiply(inputs[j], value.slice(head));
      for (int64_t i = 0; i < width; ++i)
        result[head * width + i] += weights[j] * projected[i];
    }
  }
  return result;
}

Vector orcinus::reference::encodeTimeRounded(double delta,
                                             const Array &frequencies,
                                             const Array &phases) {
  Vector result;
  for (size_t i = 0; i < frequencies.values.size(); ++i) {
    float product =
        static_cast<float>(frequencies.values[i]) * static_cast<float>(delta);
    result.push_back(std::cos(product + phases.values[i]));
  }
  return result;
}

Vector orcinus::reference::softmax(Vector x) {
  double largest = *std::max_element(x.begin(), x.end());
  double sum = 0;
  for (double &value : x) {
    value = std::exp(value - largest);
    sum += value;
  }
  for (double &value : x)
    value /= sum;
  return x;
}

Vector orcinus::reference::layerNorm(Vector x, const Array &scale,
                                     const Array &shift) {
  assert(scale.values.size() == x.size() && shift.values.size() == x.size());
  double size = static_cast<double>(x.size());
  double mean = 0;
  for (double value : x)
    mean += value / size;
  double variance = 0;
  for (double value : x)
    variance += (value - mean) * (value - mean) / size;
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = (x[i] - mean) / std::sqrt(variance + 1e-5) * scale.values[i] +
           shift.values[i];
  return x;
}

Vector orcinus::reference::gatedRecurrentUnit(
    std::span<const double> x, std::span<const double> h, const Array &input,
    const Array &inputBias, const Array &state, const Array &stateBias) {
  Vector fromInput = linear(x, input, inputBias);
  Vector fromState = linear(h, state, stateBias);
  size_t width = h.size();
  Vector result(width);
  for (size_t i = 0; i < width; ++i) {
    double reset = sigmoid(fromInput[i] + fromState[i]);
    double update = sigmoid(fromInput[width + i] + fromState[width + i]);
    double candidate =
        std::tanh(fromInput[2 * width + i] + reset * fromState[2 * width + i]);
    result[i] = (1 - update) * candidate + update * h[i];
  }
  return result;
}

double orcinus::reference::linkLoss(std::span<const double> logits) {
  assert(logits.size() % 2 == 0 && "one negative an event");
  size_t events = logits.size() / 2;
  double sum = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    // -log σ(x) for an event, -log(1 - σ(x)) = -log σ(-x) for a negative.
    double x = i < events ? logits[i] : -logits[i];
    sum += std::max(-x, 0.0) + std::log1p(std::exp(-std::abs(x)));
  }
  return sum / static_cast<double>(logits.size());
}
