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
#include "orcinus/Metrics/LabelMetrics.h"
#include "orcinus/Metrics/LinkMetrics.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

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

/// All figures by their names: "ap", "auc", "ap_split", "auc_split", "mrr",
/// "hits1", "hits3", "hits10", "ndcg10" and "events" of the test, "val_…" those
/// of the validation, each also "…_inductive" for events with new nodes. What
/// is not defined is NaN.
std::vector<Figure> figuresOf(const ProtocolResult &result);

struct EvaluatorOptions {
  StateLag lag = StateLag::Batch;
  /// Whether the validation is evaluated; else its events are only given.
  bool validation = true;
  /// Of each `scoreEvery` consecutive events of a part one is scored, drawn by
  /// chance and the same in each run: figures of a sample. The scorer is given
  /// all.
  int64_t scoreEvery = 1;
};

/// Gives `scorer` the training events, evaluates validation, and then the test
/// from the state after it. New-node parts are evaluated by a copy of the
/// scorer that sees their events alone, or by the scorer itself where it has
/// none. Errors: those of the scorer and the negatives, and a
/// score that is no number.
StatusOr<ProtocolResult> evaluateScorer(const EventStream &stream,
                                        const Protocol &protocol,
                                        PairScorer &scorer,
                                        const EvaluatorOptions &options = {});

} // namespace orcinus

#endif // ORCINUS_EVALUATION_EVALUATOR_H
