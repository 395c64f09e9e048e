//===- Options.h - What a training run may be told --------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_OPTIONS_H
#define ORCINUS_RUNTIME_OPTIONS_H

#include <cstdint>
#include <optional>
#include <string>

namespace orcinus {

/// How a model is trained (Orca, section 1). The defaults are the paper's.
struct TrainOptions {
  /// Epochs at most.
  int epochs = 50;
  /// Events of one training step.
  int64_t batchSize = 200;
  /// Events of one evaluation batch. The published figures average AP and AUC
  /// over batches of 200, so this one does not follow `batchSize`.
  int64_t evaluationBatchSize = 200;
  /// The model's, or 1e-4, where it is not given.
  std::optional<double> learningRate;
  /// How the rate changes from step to step: "constant", "cosine" (over
  /// `decaySteps`, or to the end of all epochs, down to `decayFactor` of it, 0
  /// if not given) or "step" (times `decayFactor`, 0.1 if not given, every
  /// `decaySteps`).
  std::optional<std::string> schedule;
  /// Steps before that in which the rate grows linearly.
  std::optional<int64_t> warmupSteps;
  std::optional<int64_t> decaySteps;
  std::optional<double> decayFactor;
  /// Seeds the initial parameters, the training negatives, dropout, the
  /// uniform sampler and the choice of masked nodes.
  uint64_t seed = 0;
  /// Parts that a batch is cut into, a power of two: gradients are added over
  /// them in a fixed order, so that a run has the same bits on any number of
  /// processes that divides it; one a process if not given. Of more than one
  /// the model must have been compiled for it.
  std::optional<int64_t> shards;
  /// For a trainer that only tests, the parts of an evaluation batch, in place
  /// of `shards`: the test of a run may be divided among more processes than
  /// its training was.
  std::optional<int64_t> evaluationShards;
  /// Where the states of nodes, and with reuse the rows of caches, are:
  /// "replicated", all of them in each process, or "sharded", each in one
  /// process, which others get them from. Changes no result.
  std::string state = "replicated";
  /// Threads that compute a step; 0 for one a CPU. The next batch is prepared
  /// on one more.
  int threads = 0;
  /// Epochs without a better validation before the run stops; 0 for never.
  int patience = 5;
  /// Whose split is trained on: "orca", "dyglib" or "tgb" (Protocol.h). The
  /// last two say themselves which nodes are removed, and keep the fractions
  /// below at their defaults.
  std::string protocol = "orca";
  /// The share of nodes removed from training for the inductive evaluation, 0.1
  /// if not given; of a task of nodes the share whose labels are, then 0.
  std::optional<double> maskedNodeFraction;
  double trainFraction = 0.70;
  double validationFraction = 0.15;
  /// Batches of each epoch, evenly spaced, in which the error of reused
  /// embeddings is measured; 0 for none. If not given, 4 where the model was
  /// compiled for it, which it must have been for any. Changes no result, and
  /// is in no checkpoint.
  std::optional<int64_t> stalenessSamples;
  /// Prepare batch t+1 while batch t computes; changes no result.
  bool prepareAhead = true;
  /// Wall-clock seconds that the caller has spent on the run already, such as
  /// for loading and compiling: they count into TestReport::totalSeconds.
  double secondsBefore = 0;
};

/// Where Trainer::train() keeps its progress.
struct CheckpointOptions {
  /// The directory of the run's checkpoint; empty for none.
  std::string directory;
  /// Continue from the directory's checkpoint, if it holds one.
  bool resume = false;
  /// Begin a new run with the best parameters of the directory's checkpoint,
  /// which the new run's then replaces: for a stream that has grown.
  bool startFromBest = false;
  /// A checkpoint is written at each epoch's end, and within an epoch once
  /// that many seconds have passed since the last one (longer where writing
  /// is slow: at most a twentieth of the time goes into it) …
  double everySeconds = 60;
  /// … or that many batches were trained; 0 to go by time alone.
  int64_t everyBatches = 0;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_OPTIONS_H
