//===- Report.h - What a training run reports -------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_REPORT_H
#define ORCINUS_RUNTIME_REPORT_H

#include "orcinus/Metrics/LabelMetrics.h"
#include "orcinus/Reuse/ReuseCounts.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace orcinus {

/// How good a model is on a split. Of link prediction means over its batches,
/// NaN where no batch had such an event.
struct RankingMetrics {
  /// Over all events of the split (transductive).
  double averagePrecision = 0;
  double areaUnderCurve = 0;
  /// Over the events with a node that training never saw.
  double inductiveAveragePrecision = 0;
  double inductiveAreaUnderCurve = 0;
  /// Of a task that has labels, in place of these: LabelMetricsCollector's
  /// figures of all labels; with "_inductive" behind their names those of nodes
  /// whose labels were kept from training, or of events with a node that
  /// training never saw; and of the test those of rules (testLabelRules).
  std::vector<Figure> figures = {};
};

/// One training step.
struct StepReport {
  /// From 1.
  int epoch = 0;
  /// From 1, of `batches` in this epoch.
  int64_t batch = 0;
  int64_t batches = 0;
  /// The batch's mean; 0 of a batch without a label, where a task has them.
  double loss = 0;
};

/// One epoch: training, then validation.
struct EpochReport {
  /// From 1.
  int epoch = 0;
  /// Wall-clock; the sums over all sessions of a resumed run.
  double trainSeconds = 0;
  double validationSeconds = 0;
  /// Mean over the batches that have a loss.
  double trainLoss = 0;
  RankingMetrics validation;
  int64_t batches = 0;
  /// Rows that each layer computed in training, first layer first.
  std::vector<int64_t> rows;
  /// Over all caches.
  ReuseCounts reuse;
  /// Whether it is the best so far, by what its protocol chooses by.
  bool best = false;
};

/// A Euclidean distance between embeddings, over what was compared.
struct ErrorSummary {
  double mean = 0;
  double largest = 0;
};

/// What reuse did to one batch's embeddings, at the parameters and node states
/// before its step and without dropout (Orca, section 5).
struct StalenessReport {
  int epoch = 0;
  /// From 1.
  int64_t batch = 0;
  /// By layer, from 1: how far the embeddings that the layer above read of its
  /// neighbours were from the exact ones at their readers' (or events') times.
  std::vector<ErrorSummary> staleness;
  /// How far the targets' embeddings were from the exact ones.
  ErrorSummary outputError;
  /// The Lipschitz constants of COMBINE and AGGREGATE, estimated from what
  /// every other query of the batch read and answered. Only their product
  /// shows: AGGREGATE is scaled to 1.
  double combineConstant = 0;
  double aggregateConstant = 1;
  /// Σ_l k (1 + k λ₂)^(L-l-1) λ₁^(L-l) λ₂ ε^(l), ε the largest staleness: what
  /// the theory says that the largest output error cannot exceed.
  double bound = 0;
};

/// The test of the best epoch's parameters.
struct TestReport {
  RankingMetrics test;
  int bestEpoch = 0;
  /// Wall-clock: from the model's text to its code, of the test itself, and of
  /// the whole run in all its sessions, with TrainOptions::secondsBefore.
  double compileSeconds = 0;
  double testSeconds = 0;
  double totalSeconds = 0;
  /// Of what TrainOptions::state places, the rows of nodes and of caches: the
  /// bytes in this process, and those of all rows.
  int64_t stateBytes = 0;
  int64_t wholeStateBytes = 0;
};

/// A place within a run, for progress bars.
struct Progress {
  enum class Phase { Train, Validation, Test, Replay };
  Phase phase = Phase::Train;
  int epoch = 0;
  /// Batches done in this phase, of `batches`.
  int64_t batch = 0;
  int64_t batches = 0;
  /// Batches done in this phase by this process, and the seconds they took.
  int64_t batchesHere = 0;
  double seconds = 0;
  /// Mean training loss of the epoch so far.
  double loss = 0;
};

/// Is told how a run goes, on the thread that called the trainer. It may ask
/// the trainer for what it has (parameters, rows, figures) and, in onEpoch,
/// save it, but not train, evaluate or load it.
class TrainingObserver {
public:
  virtual ~TrainingObserver() = default;
  virtual void onBatch(const Progress &) {}
  virtual void onEpoch(const EpochReport &) {}
  virtual void onStaleness(const StalenessReport &) {}
  /// The logits of a batch of the test: those of its events, indices into the
  /// stream, and then of each event's negative destination.
  virtual void onTestScores(std::span<const int32_t> events,
                            std::span<const int32_t> negatives,
                            std::span<const float> logits) {}
  /// Something worth a line, such as where a run was resumed.
  virtual void onNote(const std::string &) {}
  /// Whether the run should end with the current batch, with an error of the
  /// kind Interrupted. Training then stands between two batches and, where it
  /// has a checkpoint, is saved there; an evaluation leaves the trainer as an
  /// error does.
  virtual bool wantsStop() { return false; }
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_REPORT_H
