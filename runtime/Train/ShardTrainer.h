//===- ShardTrainer.h - Trains batches in shards ----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_SHARDTRAINER_H
#define RUNTIME_TRAIN_SHARDTRAINER_H

#include "runtime/Train/ShardCollectives.h"
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
/// in the tree that pairs neighbours, while the states take the whole batch in;
/// then the optimizer makes its step.
///
/// The processes of a communicator have consecutive shards each and do all the
/// rest alike, so that a run has the same bits for any number of processes that
/// divides the shards.
class ShardTrainer : private ShardWork {
public:
  /// `runner` runs the function "shard", or, without the caches of `state`,
  /// "shard_exact"; `apply` is the optimizer's step. The numbers of `layout`
  /// are powers of two; `processes` may be null for one. `collectives`
  /// are of the same layout and processes. What an error has left on the way
  /// works on this: they are gone, or have ended it, before this is.
  ShardTrainer(ShardRunner runner, ModelState &state, bool readsCaches,
               std::unique_ptr<Invocation> apply, ShardLayout layout,
               std::shared_ptr<Communicator> processes,
               ShardCollectives &collectives)
      : runner(std::move(runner)), state(state), apply(std::move(apply)),
        collectives(collectives) {
    if (readsCaches && !state.caches.empty())
      caches.emplace(state, layout, std::move(processes));
  }

  /// Runs the batches [first, end) of `sequence`, and tells `consumer` by
  /// consumeSum() and pass().
  Status run(const BatchSequence &sequence, int64_t first, int64_t end,
             BatchConsumer &consumer);

  /// As of ShardedCaches.
  void storeRowsBy(DeviceRows *rows) {
    if (caches)
      caches->storeBy(rows);
  }

  /// Does the index work of caches alone.
  Status replay(const BatchSequence &sequence, int64_t first, int64_t end);

  /// As of ShardRunner.
  int64_t begun() const { return runner.begun(); }
  double computeSeconds() const { return runner.computeSeconds(); }
  void measure(ShardTimes *into) { runner.measure(into); }
  void countRows(std::span<RowTraffic> into) { runner.countRows(into); }

  /// What a batch sends for itself, apart from caches: so many messages, of
  /// gradients and the loss, and of counts, which go with the last one.
  int64_t messages() const { return collectives.messages(); }
  int64_t gradientBytes() const { return collectives.gradientBytes(); }
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
  Status settle(std::span<const int32_t> events) override;
  Status computed() override;
  Status compute(Invocation *shard, int64_t number, double share) override;
  Status finish(int64_t batch, bool isAsked) override;

  Status step(Invocation &shard, int64_t number);
  Status applyGradients();
  void takeCounts();

  ShardRunner runner;
  ModelState &state;
  std::unique_ptr<Invocation> apply;
  ShardCollectives &collectives;
  /// Null where none is read.
  std::optional<ShardedCaches> caches;
  const ShardCollectives::GatherRows gatherRows = [this](Communicator *others) {
    return caches->commit(others);
  };
  /// Of the run in progress.
  BatchConsumer *consumer = nullptr;
  StepScalars stepScalars;
  /// Whether what steps change is looked at behind the batch.
  bool isPausing = false;

  /// Of the batch, the rows of each layer; then how many processes want to
  /// stop, and to save.
  std::vector<double> counts;
  std::vector<int64_t> shardRows;
  ShardSums sums;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_SHARDTRAINER_H
