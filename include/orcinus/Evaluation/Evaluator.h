//===- Evaluator.h - Evaluating a scorer under a protocol -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_EVALUATION_EVALUATOR_H
#define ORCINUS_EVALUATION_EVALUATOR_H

#include "orcinus/Evaluation/PairScorer.h"
#include "orcinus/Evaluation/Protocol.h"
#include "orcinus/Metrics/LinkMetrics.h"

#include <cstdint>
#include <optional>
#include <span>

namespace orcinus {

/// What a scorer knows when it is asked about an event.
enum class StateLag : uint8_t {
  /// The events of the batches before: what models that learn in batches know.
  Batch,
  /// All events with an earlier time.
  Timestamp,
};

/// The figures of a part, over all events and over those with new nodes.
struct PartMetrics {
  LinkMetrics all;
  LinkMetrics newNodes;
};

struct ProtocolResult {
  /// None where it was not asked for.
  std::optional<PartMetrics> validation;
  PartMetrics test;
};

/// Receives the scores of an evaluation.
class ScoreObserver {
public:
  virtual ~ScoreObserver() = default;

  /// The scores of batch number `batch` (from 0) of `part`: one a positive of
  /// `events`, and one a negative.
  virtual Status onBatch(EvaluationPart part, int64_t batch,
                         std::span<const int32_t> events,
                         const NegativeBatch &negatives,
                         std::span<const double> positiveScores,
                         std::span<const double> negativeScores) = 0;
};

struct EvaluatorOptions {
  StateLag lag = StateLag::Batch;
  /// Whether the validation is evaluated; else its events are only given.
  bool validation = true;
  ScoreObserver *observer = nullptr;
};

/// Gives `scorer` the training events, evaluates validation, and then the test
/// from the state after it. New-node parts are evaluated by a copy of the
/// scorer that sees their events alone, or by the scorer itself where it has
/// none. Errors: those of the scorer, the negatives and the observer, and a
/// score that is no number.
StatusOr<ProtocolResult> evaluateScorer(const EventStream &stream,
                                        const Protocol &protocol,
                                        PairScorer &scorer,
                                        const EvaluatorOptions &options = {});

} // namespace orcinus

#endif // ORCINUS_EVALUATION_EVALUATOR_H
