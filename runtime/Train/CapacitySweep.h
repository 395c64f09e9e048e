//===- CapacitySweep.h - What each capacity of caches gives -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an epoch reads, hits, recomputes and takes with caches of different
// capacities. All but the seconds is exact: each epoch's index work is done,
// negatives included. The seconds are those of a cost by rows, which is fitted
// to steps that are measured throughout these epochs.
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_CAPACITYSWEEP_H
#define RUNTIME_TRAIN_CAPACITYSWEEP_H

#include "orcinus/Runtime/Trainer.h"
#include "runtime/Train/CacheSetup.h"
#include "runtime/Train/EpochForecast.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace orcinus {

/// An epoch with caches of one size.
struct SweepPoint {
  /// What was asked for.
  CacheRoom room;
  /// Rows of each cache, and the bytes of all their embeddings.
  std::vector<int32_t> capacities;
  int64_t bytes = 0;
  /// What the epoch does; the samples are not kept.
  EpochForecast epoch;
  /// Predicted, of training alone.
  double seconds = 0;
};

struct CapacitySweep {
  /// By ascending bytes.
  std::vector<SweepPoint> points;
  StepCost cost;
  /// Of the points; see recommendPoint.
  size_t recommended = 0;
};

/// What a larger capacity must save to be worth it: a twentieth.
inline constexpr double littleGain = 0.05;

/// The first point beyond which more buys little: none after it takes less than
/// 95 % of its seconds or, where a miss reads zeros (not `recomputesMisses`),
/// has hits for another 5 % of its out-of-batch reads. `points` is not empty.
size_t recommendPoint(std::span<const SweepPoint> points,
                      bool recomputesMisses);

/// Goes through the capacities of `series` or, where it is empty, from none to
/// all that mrd has use for, in doublings: of the rows of one cache, or of the
/// memory of several. `model` is compiled for some memory
/// (CompileOptions::memory). Errors: as of Trainer::create, a model without
/// inner layers, a memory that is too small.
StatusOr<CapacitySweep>
sweepCapacities(const std::shared_ptr<const EventStream> &stream,
                const std::shared_ptr<const CompiledModel> &model,
                const TrainOptions &options, std::vector<CacheRoom> series);

} // namespace orcinus

#endif // RUNTIME_TRAIN_CAPACITYSWEEP_H
