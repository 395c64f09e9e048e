//===- Split.h - Train, validation and test by time -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_GRAPH_SPLIT_H
#define ORCINUS_GRAPH_SPLIT_H

#include "orcinus/Graph/EventStream.h"

#include <cstdint>
#include <span>
#include <vector>

namespace orcinus {

/// How a stream is split (Orca, section 1).
struct SplitOptions {
  double trainFraction = 0.70;
  double validationFraction = 0.15;
  /// The share of all nodes that is removed from training, drawn among the
  /// nodes that appear after the train cut, for the inductive evaluation.
  double maskedNodeFraction = 0.10;
  uint64_t seed = 0;
};

/// Events by split. Indices are into the stream and ascending.
struct Split {
  /// t ≤ the train quantile, without an endpoint among the masked nodes.
  std::vector<int32_t> train;
  /// train quantile < t ≤ validation quantile.
  std::vector<int32_t> validation;
  /// t > validation quantile.
  std::vector<int32_t> test;
  /// Of `validation` and `test`, the events with a node that training never
  /// saw.
  std::vector<int32_t> inductiveValidation;
  std::vector<int32_t> inductiveTest;
  /// One flag a node.
  std::vector<uint8_t> maskedNodes;
};

/// Splits `stream` at the quantiles of its timestamps (linear interpolation,
/// as numpy's default). Errors: an empty stream, fractions outside [0, 1] or
/// with a sum above 1, an empty train split.
StatusOr<Split> splitByTime(const EventStream &stream,
                            const SplitOptions &options);

/// The same with the masked nodes given, one flag a node, in place of the
/// fraction and the seed of `options`.
StatusOr<Split> splitByTime(const EventStream &stream,
                            const SplitOptions &options,
                            std::vector<uint8_t> maskedNodes);

/// The nodes that `options` masks, one flag a node. Errors: as of
/// splitByTime().
StatusOr<std::vector<uint8_t>> drawMaskedNodes(const EventStream &stream,
                                               const SplitOptions &options);

/// How many events of `stream`, which has one, are not after the q-quantile of
/// its times; 0 ≤ q ≤ 1.
size_t countUpToQuantile(const EventStream &stream, double q);

/// An error where there is nothing to validate or nothing to test on, with what
/// would help; `split` is of `stream`.
Status checkEvaluationSplits(const Split &split, const EventStream &stream);

/// The q-quantile of sorted values by linear interpolation; 0 ≤ q ≤ 1.
double quantileOfSorted(std::span<const double> sorted, double q);

} // namespace orcinus

#endif // ORCINUS_GRAPH_SPLIT_H
