//===- NegativeSampler.h - Random negative destinations ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_SAMPLING_NEGATIVESAMPLER_H
#define ORCINUS_SAMPLING_NEGATIVESAMPLER_H

#include "orcinus/Graph/EventStream.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace orcinus {

/// Draws negative destinations uniformly from the distinct destinations of a
/// set of events, but never an event's own where there is another. The draw for
/// the i-th event of a stream of draws depends on (seed, i) and that event's
/// destination alone (counter-based), so that a resumed run draws the same.
class NegativeSampler {
public:
  /// Takes the distinct destinations of `events` (indices into `stream`), in
  /// ascending order, as candidates.
  NegativeSampler(const EventStream &stream, std::span<const int32_t> events,
                  uint64_t seed);

  /// Fills `result[j]` with the draw number `firstDraw + j`, for an event whose
  /// destination is `own[j]`. There must be a candidate; where it is the only
  /// one, it is drawn whatever the event's own is.
  void sample(uint64_t firstDraw, std::span<const int32_t> own,
              std::span<int32_t> result) const;

  /// The same for `events`, indices into `stream`.
  void sample(uint64_t firstDraw, const EventStream &stream,
              std::span<const int32_t> events, std::span<int32_t> result) const;

  std::span<const int32_t> candidates() const { return destinations; }

private:
  int32_t draw(uint64_t number, int32_t own) const;

  std::vector<int32_t> destinations;
  uint64_t seed;
};

/// The seed of a run's negatives for `purpose`: "training negatives" with the
/// run's seed, "validation negatives" and "test negatives" with 0, so that they
/// are the same for all runs.
uint64_t negativeSeed(uint64_t seed, std::string_view purpose);

} // namespace orcinus

#endif // ORCINUS_SAMPLING_NEGATIVESAMPLER_H
