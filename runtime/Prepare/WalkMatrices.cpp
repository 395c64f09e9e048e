//===- WalkMatrices.cpp - Temporal walks by random projections ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/WalkMatrices.h"

#include "orcinus/Support/CounterRng.h"

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace orcinus;

WalkMatrices::WalkMatrices(int32_t nodeCount, const WalkOptions &options)
    : rowsOfNode(options.order + 1), columns(options.width),
      decay(options.decay) {
  grow(nodeCount);
}

void WalkMatrices::grow(int32_t nodeCount) {
  auto before = static_cast<int32_t>(updated.size());
  size_t nodes = std::max(before, nodeCount);
  rows.resize(nodes * rowsOfNode * columns);
  updated.resize(nodes);
  products.resize(nodes * rowsOfNode * rowsOfNode);
  draw(before);
}

void WalkMatrices::reset() {
  clocks[0] = 0;
  std::fill(updated.begin(), updated.end(), 0.0);
  for (int32_t node = 0; node != std::ssize(updated); ++node) {
    std::fill_n(row(node, 1), (rowsOfNode - 1) * columns, 0.0f);
    // The random vector and its product with itself stay.
    std::fill_n(ownProducts(node) + 1, rowsOfNode * rowsOfNode - 1, 0.0f);
  }
}

void WalkMatrices::beginEpoch(int64_t epoch) {
  reset();
  clocks[1] = static_cast<double>(epoch);
  draw(0);
}

/// The random vectors of the nodes from `first` on: they depend on the epoch
/// and the node alone, so that a graph that grows has those of one that was
/// there whole.
void WalkMatrices::draw(int32_t first) {
  auto seed = static_cast<uint64_t>(clocks[1]);
  double scale = 1 / std::sqrt(static_cast<double>(columns));
  uint64_t stream = randomStream("walk projections");
  for (int32_t node = first; node != std::ssize(updated); ++node) {
    float *vector = row(node, 0);
    for (int column = 0; column != columns; ++column) {
      // Box and Muller's normal numbers.
      uint64_t index = (uint64_t(node) * columns + column) * 2;
      double radius =
          std::sqrt(-2 * std::log1p(-randomUnit(seed, stream, index)));
      double angle = 2 * std::numbers::pi * randomUnit(seed, stream, index + 1);
      vector[column] = static_cast<float>(radius * std::cos(angle) * scale);
    }
    multiplyOwn(node);
  }
}

void WalkMatrices::restored() {
  for (int32_t node = 0; node != std::ssize(updated); ++node)
    multiplyOwn(node);
}

static float innerProduct(const float *left, const float *right, int count) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int column = 0; column < count; ++column)
    sum += left[column] * right[column];
  return sum;
}

void WalkMatrices::multiplyOwn(int32_t node) {
  float *own = ownProducts(node);
  for (int left = 0; left != rowsOfNode; ++left)
    for (int right = 0; right <= left; ++right)
      own[left * rowsOfNode + right] = own[right * rowsOfNode + left] =
          innerProduct(row(node, left), row(node, right), columns);
}

/// Brings a node's rows to the batch's end: the events of a walk are older.
void WalkMatrices::age(int32_t node) {
  double elapsed = now() - updated[node];
  updated[node] = now();
  for (int matrix = 1; matrix != rowsOfNode; ++matrix) {
    auto factor = static_cast<float>(std::exp(-decay * matrix * elapsed));
    float *values = row(node, matrix);
    for (int column = 0; column != columns; ++column)
      values[column] *= factor;
  }
}

static void addScaled(float *to, const float *from, float factor, int count) {
#pragma omp simd
  for (int column = 0; column < count; ++column)
    to[column] += factor * from[column];
}

void WalkMatrices::advance(const EventStream &stream,
                           std::span<const int32_t> events) {
  if (events.empty())
    return;
  Timestamp end = stream.time[events.back()];
  clocks[0] = stream.timeScale.seconds(end);
  touched.clear();
  for (int32_t event : events) {
    touched.push_back(stream.source[event]);
    touched.push_back(stream.destination[event]);
  }
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  for (int32_t node : touched)
    age(node);
  // From the longest walks down: each adds to the shorter ones before the
  // batch.
  for (int matrix = rowsOfNode - 1; matrix >= 1; --matrix)
    for (int32_t event : events) {
      int32_t source = stream.source[event];
      int32_t destination = stream.destination[event];
      auto factor = static_cast<float>(std::exp(
          -decay * stream.timeScale.difference(end, stream.time[event])));
      addScaled(row(source, matrix), row(destination, matrix - 1), factor,
                columns);
      addScaled(row(destination, matrix), row(source, matrix - 1), factor,
                columns);
    }
  for (int32_t node : touched)
    multiplyOwn(node);
}

void WalkMatrices::features(int32_t a, int32_t b, float *result) const {
  int size = 2 * rowsOfNode;
  const int32_t nodes[] = {a, b};
  // What each vector has lost since its node's last event.
  float decays[2 * (WalkOptions::mostOrder + 1)];
  for (int vector = 0; vector != size; ++vector) {
    int end = vector / rowsOfNode, matrix = vector % rowsOfNode;
    decays[vector] = static_cast<float>(
        std::exp(-decay * matrix * (now() - updated[nodes[end]])));
  }
  for (int left = 0; left != size; ++left)
    for (int right = 0; right <= left; ++right) {
      int leftEnd = left / rowsOfNode, leftMatrix = left % rowsOfNode;
      int rightEnd = right / rowsOfNode, rightMatrix = right % rowsOfNode;
      float product =
          leftEnd == rightEnd
              ? ownProducts(
                    nodes[leftEnd])[leftMatrix * rowsOfNode + rightMatrix]
              : innerProduct(row(nodes[leftEnd], leftMatrix),
                             row(nodes[rightEnd], rightMatrix), columns);
      product *= decays[left] * decays[right];
      result[left * size + right] = result[right * size + left] =
          std::log1p(std::max(product, 0.0f));
    }
}
