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
           " : f32, salt = 11 : i64, time = " + (shape.time ? "true" : "false");
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
      int64_t element = (query * shape.heads + head) * shape.neighbours + j;
      weight *=
          dropoutFactor(element, seed, salt, static_cast<float>(shape.dropout));
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

TEST_P(KernelTest, AttendOfSharedRows) {
  for (const Case &shape : cases()) {
    constexpr int64_t rows = 5;
    Attention attention(shape);
    Tensor shared =
        randomTensor({rows, attention.shape.heads, attention.width}, 30);
    Indices index = randomIndices({shape.queries}, rows, 31);
    for (int64_t query = 0; query < shape.queries; ++query)
      for (int64_t head = 0; head < shape.heads; ++head)
        for (int64_t at = 0; at < attention.width; ++at)
          attention.u(query, head, at) = shared(index(query), head, at);
    std::vector<Operand> inputs = attention.inputs();
    inputs[0] = &shared;
    inputs.insert(inputs.begin() + 3, &index);
    run("attend", attention.attributes() + ", indexed", inputs,
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

/// The gradients of an attention's z by all that it reads.
struct Gradients {
  Tensor u, a, c;
  std::vector<Tensor> tables;
  Tensor frequencies, phases;

  explicit Gradients(const Attention &attention)
      : u(attention.u.shape), a(attention.weights.shape),
        c(attention.weights.shape), frequencies({attention.shape.time}),
        phases({attention.shape.time}) {
    for (const Tensor &table : attention.tables)
      tables.emplace_back(table.shape);
  }
};

class AttentionGradientTest : public KernelTest {
protected:
  Gradients differentiate(Attention &attention, Tensor &dz) const {
    const Case &shape = attention.shape;
    run("attend", attention.attributes(), attention.inputs(),
        {&attention.z, &attention.weights});
    Gradients result(attention);
    std::vector<Operand> inputs{&dz, &attention.weights};
    for (Operand operand : attention.inputs())
      inputs.push_back(operand);
    run("attend_grad", attention.attributes(), inputs,
        {&result.u, &result.a, &result.c});

    std::vector<Operand> keyGradient{&dz, &attention.u, &result.a, &result.c};
    int64_t column = 0;
    auto at = [&] { return "column = " + std::to_string(column) + " : i64"; };
    for (size_t table = 0; table < attention.tables.size(); ++table) {
      int64_t width = attention.tables[table].shape[1];
      Inverse inverse =
          invert(attention.indices[table], tableRows, [&](int64_t flat) {
            return flat % shape.neighbours <
                   attention.counts(flat / shape.neighbours);
          });
      inputs = keyGradient;
      inputs.insert(inputs.end(), {&inverse.offsets, &inverse.references});
      run("attend_table_grad",
          at() + ", width = " + std::to_string(width) + " : i64", inputs,
          {&result.tables[table]});
      column += width;
    }
    if (!shape.time)
      return result;
    inputs = keyGradient;
    inputs.insert(inputs.end(), {&attention.counts, &attention.deltas,
                                 &attention.frequencies, &attention.phases});
    run("attend_time_grad", at(), inputs,
        {&result.frequencies, &result.phases});
    return result;
  }
};

TEST_P(AttentionGradientTest, AreDerivatives) {
  for (const Case &shape : cases()) {
    Attention attention(shape);
    // The loss bends as Δt² with a frequency: keep the difference quotient
    // good.
    for (float &delta : attention.deltas.values)
      delta /= 10;
    Tensor dz = randomTensor(attention.z.shape, 30);
    Gradients gradients = differentiate(attention, dz);
    auto loss = [&] {
      std::vector<double> z = attention.evaluate().z;
      double sum = 0;
      for (size_t at = 0; at < z.size(); ++at)
        sum += z[at] * dz.values[at];
      return sum;
    };
    expectDerivative(loss, attention.u, gradients.u);
    for (size_t table = 0; table < attention.tables.size(); ++table)
      expectDerivative(loss, attention.tables[table], gradients.tables[table],
                       20);
    expectDerivative(loss, attention.frequencies, gradients.frequencies, 10);
    expectDerivative(loss, attention.phases, gradients.phases, 10);
  }
}

TEST_P(AttentionGradientTest, DoNotDependOnTheNumberOfThreads) {
  Attention attention({200, 2, 10, {100, 6}, 100, 0.4});
  Tensor dz = randomTensor(attention.z.shape, 30);
  configuration.threads = 1;
  Gradients alone = differentiate(attention, dz);
  configuration.threads = 2;
  Gradients together = differentiate(attention, dz);
  EXPECT_EQ(alone.u.values, together.u.values);
  EXPECT_EQ(alone.tables[0].values, together.tables[0].values);
  EXPECT_EQ(alone.frequencies.values, together.frequencies.values);
  EXPECT_EQ(alone.phases.values, together.phases.values);
}

INSTANTIATE_TEST_SUITE_P(Targets, AttentionGradientTest,
                         ::testing::ValuesIn(configurations));
} // namespace
