//===- WalkMatricesTest.cpp - Walk matrices against dense ones ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/WalkMatrices.h"

#include "StepTablesTesting.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// The walk matrices themselves, [node][start] of each length, in double
/// precision: all rows are aged at each batch, as the paper writes it.
class DenseWalks {
public:
  DenseWalks(int32_t nodes, const WalkOptions &options)
      : options(options),
        walks(options.order + 1, std::vector<std::vector<double>>(
                                     nodes, std::vector<double>(nodes))) {
    for (int32_t node = 0; node != nodes; ++node)
      walks[0][node][node] = 1;
  }

  void advance(const EventStream &stream, std::span<const int32_t> events) {
    double end = stream.seconds(events.back());
    auto before = walks;
    for (int order = 1; order <= options.order; ++order) {
      for (auto &row : walks[order])
        for (double &value : row)
          value *= std::exp(-options.decay * order * (end - clock));
      // The shorter walks' rows are aged, too, before they are extended.
      for (int32_t event : events)
        for (auto [to, from] :
             {std::pair(stream.source[event], stream.destination[event]),
              std::pair(stream.destination[event], stream.source[event])})
          for (size_t start = 0; start != walks[order].size(); ++start)
            walks[order][to][start] +=
                std::exp(-options.decay * (end - stream.seconds(event))) *
                before[order - 1][from][start] *
                std::exp(-options.decay * (order - 1) * (end - clock));
    }
    clock = end;
  }

  /// Row `node` of a matrix, projected by `vectors` [nodes, width].
  std::vector<double> project(int order, int32_t node,
                              const std::vector<double> &vectors) const {
    std::vector<double> result(options.width);
    for (size_t start = 0; start != walks[order].size(); ++start)
      for (int column = 0; column != options.width; ++column)
        result[column] +=
            walks[order][node][start] * vectors[start * options.width + column];
    return result;
  }

private:
  WalkOptions options;
  double clock = 0;
  std::vector<std::vector<std::vector<double>>> walks;
};

class WalkMatricesTest : public testing::TestWithParam<int> {};

TEST_P(WalkMatricesTest, AgreeWithDenseMatrices) {
  std::mt19937 random(GetParam());
  int32_t nodes = 2 + random() % 12;
  WalkOptions options{.order = static_cast<int>(1 + random() % 3),
                      .width = static_cast<int>(4 + random() % 30),
                      .decay = GetParam() % 3 * 0.01};
  EventStream stream = randomEvents(random, nodes, 60, 4);
  WalkMatrices matrices(nodes, options);
  std::vector<double> vectors;
  for (int32_t node = 0; node != nodes; ++node)
    for (int column = 0; column != options.width; ++column)
      vectors.push_back(
          matrices
              .values()[node * (options.order + 1) * options.width + column]);
  DenseWalks dense(nodes, options);
  std::vector<int32_t> events(60);
  std::iota(events.begin(), events.end(), 0);
  int size = 2 * (options.order + 1);
  ASSERT_EQ(matrices.featureCount(), size * size);
  std::vector<float> features(size * size);
  for (size_t begin = 0; begin < events.size(); begin += 7) {
    auto batch = std::span<const int32_t>(events).subspan(
        begin, std::min<size_t>(7, events.size() - begin));
    matrices.advance(stream, batch);
    dense.advance(stream, batch);
    for (int pair = 0; pair != 10; ++pair) {
      int32_t a = random() % nodes, b = random() % nodes;
      matrices.features(a, b, features.data());
      for (int left = 0; left != size; ++left)
        for (int right = 0; right != size; ++right) {
          auto rowOf = [&](int place) {
            return dense.project(place % (options.order + 1),
                                 place < options.order + 1 ? a : b, vectors);
          };
          auto x = rowOf(left), y = rowOf(right);
          double product =
              std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
          double expected = std::log1p(std::max(product, 0.0));
          double norm =
              std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0) *
                        std::inner_product(y.begin(), y.end(), y.begin(), 0.0));
          EXPECT_NEAR(features[left * size + right], expected,
                      1e-5 * (1 + norm));
        }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Streams, WalkMatricesTest, testing::Range(0, 12));

TEST(WalkMatrices, ProjectionsAreNormal) {
  WalkMatrices matrices(200, {.order = 1, .width = 100, .decay = 0});
  double sum = 0, squares = 0;
  for (int32_t node = 0; node != 200; ++node)
    for (int column = 0; column != 100; ++column) {
      double value = matrices.values()[node * 200 + column] * 10;
      sum += value;
      squares += value * value;
    }
  EXPECT_NEAR(sum / 20000, 0, 0.03);
  EXPECT_NEAR(squares / 20000, 1, 0.03);
}

TEST(WalkMatrices, GrowAndRestoreWithoutADifference) {
  std::mt19937 random(1);
  EventStream stream = randomEvents(random, 9, 40, 4);
  std::vector<int32_t> events(40);
  std::iota(events.begin(), events.end(), 0);
  WalkOptions options{.order = 2, .width = 8, .decay = 0.02};
  WalkMatrices whole(9, options), growing(1, options);
  for (WalkMatrices *each : {&whole, &growing}) {
    each->beginEpoch(3);
    each->grow(9);
    each->advance(stream, std::span(events).first(20));
  }
  WalkMatrices copy(9, options);
  std::copy(whole.values().begin(), whole.values().end(),
            copy.values().begin());
  std::copy(whole.updates().begin(), whole.updates().end(),
            copy.updates().begin());
  std::ranges::copy(whole.clock(), copy.clock().begin());
  copy.restored();
  std::vector<float> expected(36), features(36);
  for (WalkMatrices *each : {&whole, &growing, &copy})
    each->advance(stream, std::span(events).subspan(20));
  for (int32_t a = 0; a != 9; ++a) {
    whole.features(a, 8 - a, expected.data());
    for (WalkMatrices *each : {&growing, &copy}) {
      each->features(a, 8 - a, features.data());
      EXPECT_EQ(features, expected);
    }
  }
  // Whoever forgets the events keeps the epoch's random vectors.
  WalkMatrices fresh(9, options);
  whole.reset();
  whole.features(3, 4, features.data());
  fresh.features(3, 4, expected.data());
  EXPECT_NE(features, expected);
  fresh.beginEpoch(3);
  fresh.features(3, 4, expected.data());
  EXPECT_EQ(features, expected);
  whole.beginEpoch(0);
  whole.features(3, 4, features.data());
  WalkMatrices(9, options).features(3, 4, expected.data());
  EXPECT_EQ(features, expected);
}

} // namespace
