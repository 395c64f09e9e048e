//===- WalkMatrices.h - Temporal walks by random projections ----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_PREPARE_WALKMATRICES_H
#define RUNTIME_PREPARE_WALKMATRICES_H

#include "orcinus/Graph/EventStream.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace orcinus {

/// What decides on walk matrices.
struct WalkOptions {
  static constexpr int mostOrder = 8;

  /// The longest walk that is counted, in events; 1 to `mostOrder`.
  int order = 3;
  /// Columns of a projection.
  int width = 120;
  /// λ: a walk counts e^(-λ s) for each of its events that is s seconds old.
  double decay = 0;
};

/// Temporal walk matrices, randomly projected (Lu et al. 2024, "Improving
/// Temporal Link Prediction via Temporal Walk Matrix Projection", section 4).
/// Row v of matrix l is the sum over the walks of l events that end at v, each
/// its start's random vector times its weight; matrix 0 has the random vectors
/// themselves, N(0, 1/width). The inner product of two rows so estimates how
/// many walks meet. It is data: no gradient flows to it.
///
/// Events are added by batches: those of one do not see each other.
class WalkMatrices {
public:
  WalkMatrices(int32_t nodeCount, const WalkOptions &options);

  /// Forgets all events; the random vectors stay.
  void reset();
  /// Forgets all events, and draws the random vectors of the training's epoch
  /// `epoch`, counted from 0: as the authors' program does, each epoch has
  /// others, so that no parameters fit one draw.
  void beginEpoch(int64_t epoch);
  /// Room for more nodes, which had no event.
  void grow(int32_t nodeCount);

  /// Adds the events, ascending indices into the stream.
  void advance(const EventStream &stream, std::span<const int32_t> events);

  /// Values of a pair's features: (2 (order + 1))².
  int featureCount() const { return 4 * rowsOfNode * rowsOfNode; }
  /// ln(1 + max(0, G)), G the inner products, row-major, of the rows of a, in
  /// order of the matrices, and then of b, as of the last batch's end.
  void features(int32_t a, int32_t b, float *result) const;

  /// What a checkpoint holds: the values, [nodes, order + 1, width], each
  /// node's as of `updates()`. After a change, call restored().
  std::span<float> values() { return rows; }
  std::span<const float> values() const { return rows; }
  std::span<double> updates() { return updated; }
  std::span<const double> updates() const { return updated; }
  /// The end of the last batch, in seconds of the stream, and the epoch whose
  /// random vectors these are, which nodes that come get, too.
  std::span<double> clock() { return clocks; }
  std::span<const double> clock() const { return clocks; }
  void restored();

private:
  float *row(int32_t node, int matrix) {
    return rows.data() + (int64_t(node) * rowsOfNode + matrix) * columns;
  }
  const float *row(int32_t node, int matrix) const {
    return rows.data() + (int64_t(node) * rowsOfNode + matrix) * columns;
  }
  float *ownProducts(int32_t node) {
    return products.data() + int64_t(node) * rowsOfNode * rowsOfNode;
  }
  const float *ownProducts(int32_t node) const {
    return products.data() + int64_t(node) * rowsOfNode * rowsOfNode;
  }
  double now() const { return clocks[0]; }
  void draw(int32_t first);
  void age(int32_t node);
  void multiplyOwn(int32_t node);

  int rowsOfNode, columns;
  double decay;
  std::array<double, 2> clocks{};
  std::vector<float> rows;
  /// By node: its rows are as of that time, and the inner products of its rows
  /// with each other.
  std::vector<double> updated;
  std::vector<float> products;
  std::vector<int32_t> touched;
};

} // namespace orcinus

#endif // RUNTIME_PREPARE_WALKMATRICES_H
