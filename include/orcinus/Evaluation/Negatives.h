//===- Negatives.h - What positive events are compared with -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_EVALUATION_NEGATIVES_H
#define ORCINUS_EVALUATION_NEGATIVES_H

#include "orcinus/Graph/EventStream.h"
#include "orcinus/Graph/Split.h"
#include "orcinus/Support/Status.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace orcinus {

/// The negatives of a batch of events. Those of event number i are the
/// `destinations` from offsets[i] to offsets[i + 1] - 1.
struct NegativeBatch {
  std::vector<int64_t> offsets;
  std::vector<int32_t> destinations;
  /// One a destination where negatives were drawn as pairs; empty where all
  /// have the source of their event.
  std::vector<int32_t> sources;

  void clear();
  /// Ends the list of an event.
  void endEvent() { offsets.push_back(std::ssize(destinations)); }
};

/// Draws the negatives of a sequence of batches, from its first batch on.
class NegativeDraws {
public:
  virtual ~NegativeDraws() = default;

  /// The negatives of the next batch, `events` of the stream.
  virtual Status draw(std::span<const int32_t> events,
                      NegativeBatch &result) = 0;
};

/// Where negatives come from.
enum class NegativeStrategy : uint8_t {
  Random,
  Historical,
  Inductive,
  /// All destinations but those that the source meets at that very time.
  AllOthers,
  File,
};

/// Orca's: `perEvent` uniform destinations of any event of the stream, never
/// the event's own where there is another, as `NegativeSampler` draws them.
std::unique_ptr<NegativeDraws>
makeOrcaNegatives(const EventStream &stream, uint64_t seed, int64_t perEvent);

/// What a sampler of DyGLib knows.
struct DyglibSampler {
  /// The events whose nodes and pairs are drawn from, ascending.
  std::vector<int32_t> events;
  /// Pairs up to this time are no inductive negatives.
  Timestamp lastObserved;
  uint32_t seed = 0;
};

/// DyGLib's, one an event. Random ones are numpy's numbers; historical and
/// inductive ones have DyGLib's distribution, but draws of their own, for
/// DyGLib's depend on the order in which a Python iterates a set. The strategy
/// is one of these three.
std::unique_ptr<NegativeDraws> makeDyglibNegatives(const EventStream &stream,
                                                   NegativeStrategy strategy,
                                                   DyglibSampler sampler);

/// TGB's: from all destinations (of integer ids their range), without those
/// that the source meets at that very time, none twice. `AllOthers` takes all,
/// `Random` `perEvent`, `Historical` as many, of which half are destinations of
/// the source in `training`, as far as it has so many, and the rest are none of
/// these ("hist_rnd"). A draw depends on (seed, event) alone.
std::unique_ptr<NegativeDraws>
makeTgbNegatives(const EventStream &stream, NegativeStrategy strategy,
                 std::span<const int32_t> training, uint64_t seed,
                 int64_t perEvent);

/// Negatives of a file: a row an event, of fields between blanks or commas: its
/// source, destination and time in seconds, as the data call them, and its
/// negative destinations. Events that are equal share a row. Errors: a node
/// that the stream has not, a time that is no number, a row without a negative;
/// in draw(), an event without a row.
StatusOr<std::shared_ptr<NegativeDraws>>
readNegatives(const EventStream &stream, const std::string &path);

/// The nodes that a file names, between blanks, commas or ends of lines: one
/// flag a node. Errors: a node that the stream has not, no node.
StatusOr<std::vector<uint8_t>> readNodeSet(const EventStream &stream,
                                           const std::string &path);

} // namespace orcinus

#endif // ORCINUS_EVALUATION_NEGATIVES_H
