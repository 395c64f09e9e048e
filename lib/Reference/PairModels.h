//===- PairModels.h - Slow models that score pairs --------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The oracles of models in which one end's embedding depends on the other: a
// pair at a time, in double precision, by plain loops. Nothing is batched, and
// what a sequence lacks at its end is not there, but where a model reads it.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REFERENCE_PAIRMODELS_H
#define ORCINUS_REFERENCE_PAIRMODELS_H

#include "lib/Reference/Reference.h"

namespace orcinus::reference {

/// A model without node states that scores pairs.
class PairModel {
public:
  /// By the names of the model's text.
  Parameters parameters;

  /// Samples among the events with a true `visible[event]`. Keeps a reference
  /// to `stream`.
  PairModel(const EventStream &stream, std::vector<uint8_t> visible,
            int32_t neighbours)
      : stream(stream), visible(std::move(visible)), neighbours(neighbours) {}
  virtual ~PairModel() = default;

  /// The logit of an event between the two at `time`.
  virtual double logit(int32_t source, int32_t destination,
                       double time) const = 0;

  /// The mean binary cross-entropy of the batch's events and negatives.
  double loss(const Batch &batch) const;

  /// ∂ loss(batch) / ∂ parameter[name][index] by central differences.
  double numericGradient(const Batch &batch, const std::string &name,
                         int64_t index);

protected:
  using Rows = std::vector<Vector>;

  const Array &parameter(const std::string &name) const;
  /// x · NAME + NAME_bias.
  Vector map(const Vector &x, const std::string &name) const;
  /// φ(x) = cos(w x + b), learnt.
  Vector encodeTime(double timeDelta) const;
  /// Zeros where the stream has no features of the kind.
  Vector nodeFeatures(int32_t node) const;
  Vector edgeFeatures(int32_t event) const;
  std::vector<Neighbour> neighboursOf(int32_t node, double time) const {
    return recentNeighbours(stream, visible, node, time, neighbours);
  }
  /// Multi-head attention of each query over the keys, with the parameters of
  /// PyTorch's module under `prefix`, but for the keys' bias.
  Rows attend(const Rows &queries, const Rows &keys, const std::string &prefix,
              int64_t heads) const;
  /// A transformer block over them, normalised behind.
  Rows transform(const Rows &queries, const Rows &keys,
                 const std::string &prefix, int64_t heads) const;
  /// The two-layer perceptron over both ends.
  double decode(const Vector &source, const Vector &destination) const;

  const EventStream &stream;
  std::vector<uint8_t> visible;
  int32_t neighbours;
};

/// models/tcl.mlir.
class Tcl : public PairModel {
public:
  using PairModel::PairModel;
  double logit(int32_t source, int32_t destination, double time) const override;

private:
  Rows tokens(int32_t node, double time) const;
};

/// models/cawn.mlir with the recent neighbours for its walks' second nodes, and
/// two heads.
class Cawn : public PairModel {
public:
  using PairModel::PairModel;
  double logit(int32_t source, int32_t destination, double time) const override;

private:
  /// A node and the neighbours that its walks come to.
  struct Walks {
    int32_t node;
    std::vector<Neighbour> ends;
  };

  Vector shares(int32_t node, const Walks &walks) const;
  Vector position(int32_t node, const Walks &own, const Walks &other) const;
  /// One step of the recurrent network PREFIX.
  void step(const Vector &x, const std::string &prefix, Vector &state,
            Vector &cell) const;
  /// Both directions over one node or two.
  Vector encodeWalk(const Rows &nodes, const std::string &prefix) const;
  Vector embed(const Walks &own, const Walks &other, double time) const;
};

/// models/dygformer.mlir, with `patches` patches of `patch` places.
class DyGFormer : public PairModel {
public:
  DyGFormer(const EventStream &stream, std::vector<uint8_t> visible,
            int32_t patches, int32_t patch)
      : PairModel(stream, std::move(visible), patches * patch - 1),
        patches(patches), patch(patch) {}
  double logit(int32_t source, int32_t destination, double time) const override;

private:
  /// The node itself and its neighbours, the latest last.
  std::vector<Neighbour> sequence(int32_t node, double time) const;
  Rows tokens(const std::vector<Neighbour> &own,
              const std::vector<Neighbour> &other, double time) const;
  Vector occurrence(double ownCount, double otherCount) const;
  Rows block(const Rows &rows, const std::string &prefix) const;
  Vector summary(std::span<const Vector> rows) const;

  int32_t patches, patch;
};

} // namespace orcinus::reference

#endif // ORCINUS_REFERENCE_PAIRMODELS_H
