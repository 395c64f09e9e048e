//===- ShardEvaluator.h - Evaluates batches in shards -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_SHARDEVALUATOR_H
#define RUNTIME_TRAIN_SHARDEVALUATOR_H

#include "runtime/Train/ShardRunner.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace orcinus {

/// Evaluates the batches of a sequence, each cut into shards: a process scores
/// the events, or predicts the labels, of its own shards, and all have the
/// results of the whole batch. They depend on the shards, not on the processes.
class ShardEvaluator : private ShardWork {
public:
  /// `runner` runs the function "evaluate_shard"; `processes` may be null for
  /// one.
  ShardEvaluator(ShardRunner runner, ShardLayout layout,
                 std::shared_ptr<Communicator> processes)
      : runner(std::move(runner)), layout(layout),
        processes(std::move(processes)) {}

  /// Runs all batches of `sequence`, and tells `consumer` by consumeOutputs()
  /// and pass().
  Status run(const BatchSequence &sequence, BatchConsumer &consumer);

private:
  bool begin(int64_t batch, bool isAsked) override;
  Status compute(Invocation *shard, int64_t number, double share) override;
  Status finish(int64_t batch, bool isAsked) override;

  void place(std::span<const float> given, int64_t firstShard,
             size_t batchEvents);

  ShardRunner runner;
  ShardLayout layout;
  std::shared_ptr<Communicator> processes;
  /// Of the run in progress.
  const BatchSequence *sequence = nullptr;
  BatchConsumer *consumer = nullptr;

  /// What this process sends: whether it wants to stop, and what its shards
  /// gave, one after the other.
  std::vector<float> own;
  std::vector<std::byte> gathered;
  std::vector<size_t> offsets;
  /// What the batch's shards gave, as one step would.
  std::vector<float> outputs;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_SHARDEVALUATOR_H
