//===- AttentionKernelsTest.cpp - Attention and its gradients -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/Kernels/KernelHarness.h"

#include <cmath>

using namespace orcinus::test;

namespace {

struct Case {
  int64_t queries, heads, neighbours;
  /// Widths of the tables, and of the time encoding: 0 for none.
  std::vector<int64_t> tables;
  int64_t time;
  double dropout;
};

constexpr int64_t seed = 0x123456789, salt = 11, tableRows = 40;
constexpr double scale = 0.3;

/// The inputs of an attention and what it computes, the obvious way.
struct Attention {
  const Case shape;
  int64_t width;
  Tensor u{{0}}, deltas{{0}}, frequencies{{0}}, phases{{0}};
  Indices counts{{0}};
  std::vector<Tensor> tables;
  std::vector<Indices> indices;
  Tensor z{{0}}, weights{{0}};

  explicit Attention(const Case &shape, bool strided = false) : shape(shape) {
    width = shape.time;
    for (int64_t tableWidth : shape.tables)
      width += tableWidth;
    u = randomTensor({shape.queries, shape.heads, width}, 1);
    deltas = randomTensor({shape.queries, shape.neighbours}, 2);
    for (float &delta : deltas.values)
      delta *= 10;
    frequencies = randomTensor({shape.time}, 3);
    phases = randomTensor({shape.time}, 4);
    counts = randomIndices({shape.queries}, shape.neighbours + 1, 5);
    for (int64_t tableWidth : shape.tables) {
      unsigned number = tables.size();
      tables.push_back(randomTensor({tableRows, tableWidth}, 6 + number));
      tables.back().strided = strided;
      indices.push_back(randomIndices({shape.queries, shape.neighbours},
                                      tableRows, 16 + number));
    }
    u.strided = strided;
    z = Tensor({shape.queries, shape.heads, width});
    weights = Tensor({shape.queries, shape.heads, shape.neighbours});
  }

  std::string attributes() const {
    return "scale = 0.3 : f32, dropout = " + std::to_string(shape.dropout) +
           " : f32, salt = 11 : i64, time = " +
           (shape.time ? "true" : "false");
  }

  std::vector<Operand> inputs() {
    std::vector<Operand> operands{&u, &counts, seed};
    if (shape.time)
      operands.insert(operands.end(), {&deltas, &frequencies, &phases});
    for (size_t table = 0; table < tables.size(); ++table)
      operands.insert(operands.end(), {&tables[table], &indices[table]});
    return operands;
  }

  std::vector<double> key(int64_t query, int64_t neighbour) const {
    std::vector<double> result;
    for (size_t table = 0; table < tables.size(); ++table)
      for (int64_t column = 0; column < tables[table].shape[1]; ++column)
        result.push_back(
            tables[table](indices[table](query, neighbour), column));
    for (int64_t at = 0; at < shape.time; ++at)
      result.push_back(std::cos(static_cast<double>(frequencies(at)) *
                                    deltas(query, neighbour) +
                                phases(at)));
    return result;
  }

  struct Result {
    std::vector<double> z, weights;
  };
  Result evaluate() const {
    Result result;
    for (int64_t query = 0; query < shape.queries; ++query) {
      std::vector<std::vector<double>> keys;
      for (int64_t j = 0; j < counts(query); ++j)
        keys.push_back(key(query, j));
      for (int64_t head = 0; head < shape.heads; ++head)
        evaluateHead(query, head, keys, result);
    }
    return result;
  }

  void evaluateHead(int64_t query, int64_t head,
                    const std::vector<std::vector<double>> &keys,
                    Result &result) const {
    std::vector<double> powers(shape.neighbours), sum(width);
    double total = 0;
    for (size_t j = 0; j < keys.size(); ++j) {
      double score = 0;
      for (int64_t at = 0; at < width; ++at)
        score += u(query, head, at) * keys[j][at];
      powers[j] = std::exp(scale * score);
      total += powers[j];
    }
    for (int64_t j = 0; j < shape.neighbours; ++j) {
      double weight = powers[j] > 0 ? powers[j] / total : 0;
      result.weights.push_back(weight);
      int64_t element =
          (query * shape.heads + head) * shape.neighbours + j;
      weight *= dropoutFactor(element, seed, salt,
                              static_cast<float>(shape.dropout));
      for (int64_t at = 0; weight != 0 && at < width; ++at)
        sum[at] += weight * keys[j][at];
    }
    result.z.insert(result.z.end(), sum.begin(), sum.end());
  }
};

std::vector<Case> cases() {
  std::vector<Case> result;
  for (int64_t queries : {0, 1, 7, 64}) {
    result.push_back({queries, 2, 10, {100, 6}, 100, 0.0});
    result.push_back({queries, 2, 10, {100, 6}, 100, 0.4});
    result.push_back({queries, 1, 10, {16}, 0, 0.0});
    result.push_back({queries, 5, 3, {1, 103}, 6, 0.0});
    result.push_back({queries, 1, 1, {}, 16, 0.4});
    result.push_back({queries, 2, 20, {300}, 103, 0.4});
  }
  return result;
}

TEST_P(KernelTest, Attend) {
  for (const Case &shape : cases())
    for (bool strided : {false, true}) {
      Attention attention(shape, strided);
      run("attend", attention.attributes(), attention.inputs(),
          {&attention.z, &attention.weights});
      Attention::Result expected = attention.evaluate();
      expectNear(attention.z, expected.z, 1e-4);
      expectNear(attention.weights, expected.weights, 1e-4);
    }
}

TEST_P(KernelTest, AttendOfNoNeighbours) {
  Attention attention({3, 2, 10, {6}, 6, 0.0});
  attention.counts.values = {0, 10, 0};
  run("attend", attention.attributes(), attention.inputs(),
      {&attention.z, &attention.weights});
  Attention::Result expected = attention.evaluate();
  expectNear(attention.z, expected.z, 1e-4);
  expectNear(attention.weights, expected.weights, 1e-4);
}

TEST_P(KernelTest, AttendGradients) {
  for (const Case &shape : cases()) {
    Attention attention(shape);
    run("attend", attention.attributes(), attention.inputs(),
        {&attention.z, &attention.weights});
    Tensor dz = randomTensor(attention.z.shape, 30);
    auto loss = [&] {
      std::vector<double> z = attention.evaluate().z;
      double sum = 0;
      for (size_t at = 0; at < z.size(); ++at)
        sum += z[at] * dz.values[at];
      return sum;
    };
    Tensor du(attention.u.shape);
    Tensor a(attention.weights.shape), c(attention.weights.shape);
    std::vector<Operand> inputs{&dz, &attention.weights};
    for (Operand operand : attention.inputs())
      inputs.push_back(operand);
    run("attend_grad", attention.attributes(), inputs, {&du, &a, &c});
    expectDerivative(loss, attention.u, du);

    int64_t column = 0;
    for (size_t table = 0; table < attention.tables.size(); ++table) {
      Tensor &values = attention.tables[table];
      Inverse inverse =
          invert(attention.indices[table], tableRows, [&](int64_t at) {
            return at % shape.neighbours <
                   attention.counts(at / shape.neighbours);
          });
      Tensor gradient(values.shape);
      run("attend_table_grad",
          "column = " + std::to_string(column) +
              " : i64, width = " + std::to_string(values.shape[1]) + " : i64",
          {&dz, &attention.u, &a, &c, &inverse.offsets, &inverse.references},
          {&gradient});
      expectDerivative(loss, values, gradient, 20);
      column += values.shape[1];
    }
    if (!shape.time)
      continue;
    Tensor dFrequencies({shape.time}), dPhases({shape.time});
    run("attend_time_grad", "column = " + std::to_string(column) + " : i64",
        {&dz, &attention.u, &a, &c, &attention.counts, &attention.deltas,
         &attention.frequencies, &attention.phases},
        {&dFrequencies, &dPhases});
    expectDerivative(loss, attention.phases, dPhases, 20);
    // The loss bends as Δt² with a frequency: compare where the difference
    // quotient is good.
    for (float &delta : attention.deltas.values)
      delta /= 10;
    run("attend", attention.attributes(), attention.inputs(),
        {&attention.z, &attention.weights});
    run("attend_grad", attention.attributes(), inputs, {&du, &a, &c});
    run("attend_time_grad", "column = " + std::to_string(column) + " : i64",
        {&dz, &attention.u, &a, &c, &attention.counts, &attention.deltas,
         &attention.frequencies, &attention.phases},
        {&dFrequencies, &dPhases});
    expectDerivative(loss, attention.frequencies, dFrequencies, 20);
  }
}

ORCINUS_INSTANTIATE_KERNEL_TESTS();

} // namespace
