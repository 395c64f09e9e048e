//===- StalenessProbe.h - What reuse does to embeddings ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_STALENESSPROBE_H
#define RUNTIME_TRAIN_STALENESSPROBE_H

#include "orcinus/Runtime/Report.h"
#include "runtime/Train/Invocation.h"

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace orcinus {

/// Computes a batch's embeddings with reuse and exactly, side by side.
class StalenessProbe {
public:
  /// As Invocation::create(). Errors: the program has no `measure` function.
  static StatusOr<std::unique_ptr<StalenessProbe>>
  create(const CompiledModel &model, const Manifest &manifest,
         ModelState &state, FeatureArguments &features);

  /// Measures the batch of `input`, which is about to be trained; changes no
  /// state. The arena must be current.
  StatusOr<StalenessReport> measure(StepInput input);

private:
  /// A node and the time it is embedded for.
  using Query = std::pair<int32_t, Timestamp>;
  using Row = const float *;

  /// What the queries of one layer read of the layer below, and their answer.
  struct LayerErrors {
    /// Of each read.
    std::vector<double> reads;
    /// By query: the sum over its own embedding and those that it read, and
    /// the answer's error.
    std::vector<double> input, output;
  };

  explicit StalenessProbe(const Manifest &manifest);
  Status embedExactly(size_t layer, const std::vector<Query> &queries,
                      const StepInput &input);
  StatusOr<LayerErrors> compareLayer(size_t layer, const StepInput &input);
  double distance(size_t layer, Row approximate, const Query &query) const;
  Row answerOf(size_t layer, size_t query) const;

  int32_t neighbours;
  NeighbourTime neighbourTime;
  std::unique_ptr<Invocation> reusing;
  /// By layer, from 1: what embeds by so many layers, and what it gave.
  std::vector<std::unique_ptr<Invocation>> embedders;
  std::vector<std::map<Query, std::vector<float>>> exact;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_STALENESSPROBE_H
