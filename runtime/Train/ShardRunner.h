//===- ShardRunner.h - Trains batches in shards -----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_SHARDRUNNER_H
#define RUNTIME_TRAIN_SHARDRUNNER_H

#include "orcinus/Runtime/Communicator.h"
#include "runtime/Train/BatchRunner.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace orcinus {

/// Trains the batches of a sequence, each cut into shards: consecutive events
/// of about the same number. A shard's loss and gradients are those of its own
/// pairs at the states before the batch. Gradients are weighted by the shards'
/// shares of the batch and added in the tree that pairs neighbours; then the
/// states take the whole batch in, and the optimizer makes its step.
///
/// The processes of a communicator have consecutive shards each and do all the
/// rest alike, so that a run has the same bits for any number of processes that
/// divides the shards.
class ShardRunner {
public:
  /// `gradient` is the function "shard", `advance` the one of that name, with
  /// null slots where events leave nothing; `apply` the optimizer's step.
  /// `shards` and the number of processes are powers of two, of which the
  /// second divides the first; `processes` may be null for one.
  ShardRunner(const EventStream &stream, ModelState &state,
              BatchRunner::Slots gradient, BatchRunner::Slots advance,
              std::unique_ptr<Invocation> apply, PrepareWorker &worker,
              Arena &arena, int threads, int64_t shards,
              std::shared_ptr<Communicator> processes);

  /// Runs the batches [first, end) of `sequence`, which has no labels, and
  /// tells `consumer` by consumeSum().
  Status run(const BatchSequence &sequence, int64_t first, int64_t end,
             BatchConsumer &consumer);

  /// As of BatchRunner.
  int64_t begun() const { return begunBatches; }

private:
  /// A shard of a batch, or, behind the last one, what the batch leaves.
  struct Part {
    int64_t batch = 0;
    int64_t shard = 0;
  };

  int64_t partsOfBatch() const { return ownShards + 1; }
  Part partAt(int64_t index) const {
    return {index / partsOfBatch(), firstShard + index % partsOfBatch()};
  }
  bool advances(Part part) const {
    return part.shard == firstShard + ownShards;
  }
  std::pair<size_t, size_t> eventsOf(Part part, size_t batchEvents) const;
  void startPreparing(const BatchSequence &sequence, int64_t index);
  Status computeShard(Invocation &shard, Part part, StepScalars scalars);
  void keepGradients(double share);
  Status addOverProcesses();
  Status finishBatch(int64_t batch, const StepScalars &scalars,
                     BatchConsumer &consumer);

  const EventStream &stream;
  ModelState &state;
  BatchRunner::Slots gradient, advance;
  std::unique_ptr<Invocation> apply;
  PrepareWorker &worker;
  Arena &arena;
  int threads;
  int64_t shards;
  std::shared_ptr<Communicator> processes;
  int64_t firstShard = 0;
  int64_t ownShards = 0;

  /// By turns, one part computes while the next is prepared.
  std::array<std::vector<int32_t>, 2> ownNegatives;
  std::array<Invocation *, 2> chosen = {};
  /// The sums of complete subtrees, the largest first, each with the number of
  /// its shards: all gradients, one parameter after the other, and the
  /// loss.
  struct Subtree {
    int64_t shards = 0;
    std::vector<float> values;
  };
  std::vector<Subtree> subtrees;
  /// Of subtrees that were added, to be used again.
  std::vector<std::vector<float>> spare;
  /// That of the last shard; then that of the batch.
  float loss = 0;
  /// Of the batch, the rows of each layer.
  std::vector<double> layerRows;
  int64_t begunBatches = 0;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_SHARDRUNNER_H
