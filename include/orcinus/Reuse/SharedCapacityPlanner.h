//===- SharedCapacityPlanner.h - One memory for all caches ------*- C++ -*-===//
//--------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The general problem (Orca, section 4): layers differ in the size d_l of an
// embedding and in the cost c_l of recomputing one, and the caches share one
// capacity C in bytes. Each possible reuse is an interval item; the items
// chosen must fit into C at every batch boundary and save the most. The problem
// is NP-hard; this planner guarantees half of the optimum where no embedding
// takes more than half of C, and a third in general.
//
// Proof. Let e(I) be the last boundary of item I. Local ratio (Bar-Noy et al.,
// JACM 2001) takes the items by ascending e. The next item I with a residual
// benefit p > 0 is pushed on a stack, and the benefits are split as b = b1 + b2
// with b1(I) = p, b1(J) = p · d(J) / (C - d(I)) for every later item J that
// meets I, and b1 = 0 elsewhere; b2 is what remains for the items after I.
// Unwinding the stack adds each item that still fits. All chosen items that
// meet I end after it, so each of them holds the boundary e(I). Hence:
//  - If I could not be added, they fill more than C - d(I) bytes at e(I), so
//    b1 of the choice is at least p; if it was added, b1 is at least p as well.
//  - A feasible set that holds I has b1 ≤ p + p (C - d(I)) / (C - d(I)) = 2p,
//    one without I has b1 ≤ p C / (C - d(I)) ≤ p / (1-δ) if d(I) ≤ δC.
// So the choice is a 1/max(2, 1/(1-δ)) share of the optimum with respect to b1,
// by induction to b2, and therefore to b. That is 1/2 for δ ≤ 1/2, and never
// below the (1-δ)/(2-δ) of the divisor (1-δ)C in place of C - d(I).
//
// Items above C/2 (wide ones) exclude each other wherever they meet: with
// b1(J) = p the same pass is exact for them. An optimum is worth at most twice
// the narrow choice plus once the wide choice, so the better of the two is
// worth a third of it.
//
// Every candidate, and the best static split of C over the layers with MRD in
// each, is then filled greedily; the best one is taken. Where sizes and
// benefits are uniform the static split is MRD itself, which is optimal.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REUSE_SHAREDCAPACITYPLANNER_H
#define ORCINUS_REUSE_SHAREDCAPACITYPLANNER_H

#include "orcinus/Reuse/AccessTrace.h"
#include "orcinus/Reuse/ReuseDistance.h"
#include "orcinus/Support/Status.h"

#include <cstdint>
#include <span>
#include <vector>

namespace orcinus {

/// A possible reuse: the embedding of `node` in a layer is kept from batch
/// `begin`, where it is computed or read, to batch `end`, where it is read
/// next. It takes memory in M_begin to M_{end-1}: at the boundaries
/// [begin, end).
struct IntervalItem {
  int32_t node = 0;
  /// An index into SharedCapacityOptions::layers.
  int32_t layer = 0;
  int32_t begin = 0;
  int32_t end = 0;
};

/// One entry of a layer.
struct LayerCost {
  /// Bytes of an embedding (d_l), positive.
  int64_t size = 0;
  /// What a reuse saves (c_l), not negative; in any unit.
  double benefit = 0.0;
};

struct SharedCapacityOptions {
  /// Bytes over all layers (C), not negative.
  int64_t capacity = 0;
  std::vector<LayerCost> layers;
  /// Static splits give each layer a multiple of C / splitSteps, or of the
  /// sizes' greatest common divisor where that is greater: then the best static
  /// split is exact. MRD runs splitSteps + 1 times on each layer.
  int32_t splitSteps = 16;
};

/// A choice of items that fit together.
struct SharedCapacityPlan {
  /// Parallel to the items.
  std::vector<uint8_t> chosen;
  /// The benefit of the chosen items.
  double benefit = 0.0;
  /// What each candidate was worth, filled: local ratio over the items up to
  /// half of the capacity, over those above, and the static split.
  double narrowBenefit = 0.0;
  double wideBenefit = 0.0;
  double staticSplitBenefit = 0.0;
  /// The best static split before its greedy fill: entries of each layer, and
  /// what they are worth.
  std::vector<int64_t> staticSplit;
  double unfilledSplitBenefit = 0.0;
};

/// Appends the possible reuses of one cache to `items`: one for each target
/// and then one for each neighbour of `trace`, in its order, that has a next
/// reuse.
void appendIntervalItems(const AccessTrace &trace,
                         const ReuseDistances &distances, int32_t layer,
                         std::vector<IntervalItem> &items);

/// Chooses among `items`. O(n log n + n log T + splitSteps · n log m) for n
/// items, T batches and m entries. Ties are broken by the items' order.
/// Errors: a negative capacity, no step, no layer, a size below one, a negative
/// benefit, an item of an unknown layer or without a boundary.
StatusOr<SharedCapacityPlan>
planSharedCapacity(std::span<const IntervalItem> items,
                   const SharedCapacityOptions &options);

/// The entries of each layer in the best static split alone, as of
/// SharedCapacityPlan::staticSplit, without what else a plan tries.
/// O(n log n + splitSteps · n log m). Errors: as of planSharedCapacity.
StatusOr<std::vector<int64_t>>
planStaticSplit(std::span<const IntervalItem> items,
                const SharedCapacityOptions &options);

} // namespace orcinus

#endif // ORCINUS_REUSE_SHAREDCAPACITYPLANNER_H
