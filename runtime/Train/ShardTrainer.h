//===- ShardTrainer.h - Trains batches in shards ----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_SHARDTRAINER_H
#define RUNTIME_TRAIN_SHARDTRAINER_H

#include "runtime/Train/ShardRunner.h"
#include "runtime/Train/ShardedCaches.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace orcinus {

/// Trains the batches of a sequence, each cut into shards. A shard's loss and
/// gradients are those of its own pairs or labels at the states before the
/// batch. Gradients are weighted by the shards' shares of the batch and added
/// in the tree that pairs neighbours; then the states take the whole batch in,
/// and the optimizer makes its step.
///
/// The processes of a communicator have consecutive shards each and do all the
/// rest alike, so that a run has the same bits for any number of processes that
/// divides the shards.
class ShardTrainer : private ShardWork {
public:
  /// `runner` runs the function "shard", or, without the caches of `state`,
  /// "shard_exact"; `apply` is the optimizer's step. The numbers of `layout`
  /// are powers of two; `processes` may be null for one.
  ShardTrainer(ShardRunner runner, ModelState &state, bool readsCaches,
               std::unique_ptr<Invocation> apply, ShardLayout layout,
               std::shared_ptr<Communicator> processes)
      : runner(std::move(runner)), state(state), apply(std::move(apply)),
        processes(processes) {
    if (readsCaches && !state.caches.empty())
      caches.emplace(state, layout, std::move(processes));
  }

  /// Runs the batches [first, end) of `sequence`, and tells `consumer` by
  /// consumeSum() and pass().
  Status run(const BatchSequence &sequence, int64_t first, int64_t end,
             BatchConsumer &consumer);

  /// Does the index work of caches alone.
  Status replay(const BatchSequence &sequence, int64_t first, int64_t end) {
    return runner.replay(sequence, first, end, *this);
  }

  /// As of ShardRunner.
  int64_t begun() const { return runner.begun(); }
  double computeSeconds() const { return runner.computeSeconds(); }
  void measure(ShardTimes *into) { runner.measure(into); }
  void countRows(std::span<RowTraffic> into) { runner.countRows(into); }

  /// What a batch sends for itself, apart from caches: gradients and the loss,
  /// and counts.
  int64_t gradientBytes() const;
  static int64_t countBytes();
  /// By the spaces of RowWindow, the bytes of a row of all arrays.
  std::vector<int64_t> rowBytes() const;
  /// Null where no cache is read.
  const ShardedCaches *readCaches() const {
    return caches ? &*caches : nullptr;
  }

private:
  bool begin(int64_t batch, bool isAsked) override;
  StepScalars scalars() const override { return stepScalars; }
  void take(const Invocation *shard) override {
    if (caches)
      caches->take(shard ? &shard->tables() : nullptr);
  }
  Status settle(std::span<const int32_t> events) override {
    return caches ? caches->settle(events) : Status();
  }
  Status compute(Invocation *shard, int64_t number, double share) override;
  Status finish(int64_t batch, bool isAsked) override;

  Status step(Invocation &shard, int64_t number);
  void keepGradients(double share);
  Status addGradients();
  Status addCounts();

  ShardRunner runner;
  ModelState &state;
  std::unique_ptr<Invocation> apply;
  std::shared_ptr<Communicator> processes;
  /// Null where none is read.
  std::optional<ShardedCaches> caches;
  /// Of the run in progress.
  BatchConsumer *consumer = nullptr;
  StepScalars stepScalars;

  /// The sums of complete subtrees, the largest first, each with the number of
  /// its shards: all gradients, one parameter after the other, and the loss.
  struct Subtree {
    int64_t shards = 0;
    std::vector<float> values;
  };
  std::vector<Subtree> subtrees;
  /// Of subtrees that were added, to be used again.
  std::vector<std::vector<float>> spare;
  /// That of the last shard; then that of the batch.
  float loss = 0;
  /// Of the batch, the rows of each layer; then how many processes want to
  /// stop.
  std::vector<double> counts;
  std::vector<int64_t> shardRows;
  ShardSums sums;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_SHARDTRAINER_H
