//===- ShardRunner.h - Runs batches in shards -------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_SHARDRUNNER_H
#define RUNTIME_TRAIN_SHARDRUNNER_H

#include "runtime/Train/BatchRunner.h"
#include "runtime/Train/EpochForecast.h"
#include "runtime/Train/ShardLayout.h"

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace orcinus {

/// What is made of the shards of batches.
class ShardWork {
public:
  virtual ~ShardWork() = default;
  /// A batch begins, which has something that is asked for or, with labels, may
  /// have nothing. Whether the next one is to be prepared only once this one
  /// has ended.
  virtual bool begin(int64_t batch, bool isAsked) = 0;
  /// The scalars of the batch's steps.
  virtual StepScalars scalars() const { return {}; }
  /// Takes the index work of one of this process's shards, before any of them
  /// is computed; null where the shard has nothing that is asked for.
  virtual void take(const Invocation *shard) {}
  /// All of them were taken, and nothing of the next batch is prepared.
  virtual Status settle(std::span<const int32_t> events) { return Status(); }
  /// Computes a shard of this process, null as above, whose loss counts for
  /// `share` of the batch's.
  virtual Status compute(Invocation *shard, int64_t number, double share) = 0;
  /// All of them were computed, and the states take the batch in next.
  virtual Status computed() { return Status(); }
  /// The states have the batch; `isAsked` as at its begin.
  virtual Status finish(int64_t batch, bool isAsked) = 0;
};

/// What the parts of batches are and take.
struct ShardTimes {
  /// Shards whose index work was done, and the rows of all their layers.
  int64_t taken = 0;
  std::vector<int64_t> rows;
  /// Of shards that were computed, with their rows: the index work, which
  /// another thread does meanwhile, and the computing.
  std::vector<StepSample> preparations, computations;
  /// Of each batch: what all processes do alike, once the shards are computed.
  std::vector<double> rest;
};

/// Runs the batches of a sequence, each cut into shards. A shard is computed
/// from the states before the batch; once a process has computed its own ones,
/// it takes the whole batch into its states. All of a batch's parts are
/// prepared while the batch before computes.
class ShardRunner {
public:
  /// `shards` are those of this process, of a function that leaves the states
  /// as they are; `advance` is the function of that name, with null slots where
  /// events leave nothing. Where there are windows of rows, the parts in a slot
  /// share one. `caches` are those that shards look up.
  ShardRunner(const EventStream &stream, ModelState &state,
              std::span<const std::unique_ptr<CacheIndex>> caches,
              std::vector<BatchRunner::Slots> shards,
              BatchRunner::Slots advance, PrepareWorker &worker, Arena &arena,
              int threads, ShardLayout layout)
      : stream(stream), state(state), caches(caches), shards(std::move(shards)),
        advance(std::move(advance)), worker(worker), arena(arena),
        threads(threads), layout(layout) {}

  /// Runs the batches [first, end) of `sequence`.
  Status run(const BatchSequence &sequence, int64_t first, int64_t end,
             ShardWork &work);

  /// Does the index work alone.
  Status replay(const BatchSequence &sequence, int64_t first, int64_t end,
                ShardWork &work);

  /// As of BatchRunner.
  int64_t begun() const { return begunBatches; }

  /// Seconds that this process has computed, not waiting for others.
  double computeSeconds() const { return seconds; }

  /// Writes down what parts take from here on, into what is not null.
  void measure(ShardTimes *into) { times = into; }

  /// Counts from here on what rows would be sent if so many processes had each
  /// some of them; this one does all shards' index work.
  void countRows(std::span<RowTraffic> into) { traffics = into; }

private:
  /// What this process prepares of a batch: its shards, and behind the last one
  /// what the batch leaves.
  struct Batch {
    std::vector<PreparedPart> parts;
    std::vector<BatchContents> contents;
    /// How much the loss of each shard counts for that of the batch.
    std::vector<double> shares;
  };

  void startPreparing(const BatchSequence &sequence, int64_t batch);
  void addShard(const BatchSequence &sequence, int64_t batch, int64_t number);
  StepInput inputOf(const BatchSequence &sequence, int64_t batch,
                    int64_t draw) const;
  void addRows(std::span<const PreparedPart> parts);
  Status settle(const BatchSequence &sequence, int64_t batch, ShardWork &work);
  Status compute(int64_t batch, ShardWork &work);
  Status computeShard(const PreparedPart &part, int64_t number, double share,
                      ShardWork &work);
  bool begin(const BatchSequence &sequence, int64_t batch, ShardWork &work);
  Status finish(int64_t batch, ShardWork &work);

  const EventStream &stream;
  ModelState &state;
  std::span<const std::unique_ptr<CacheIndex>> caches;
  std::vector<BatchRunner::Slots> shards;
  BatchRunner::Slots advance;
  PrepareWorker &worker;
  Arena &arena;
  int threads;
  ShardLayout layout;

  /// By turns, one batch computes while the next is prepared.
  std::array<Batch, 2> batches;
  std::vector<int64_t> batchLabels;
  /// Of the batch in hand, whether anything is asked for.
  bool isAsked = false;
  int64_t begunBatches = 0;
  double seconds = 0;
  ShardTimes *times = nullptr;
  std::span<RowTraffic> traffics;
  /// Of the parts of a batch, where they are counted.
  std::vector<RowsBySpace> partRows;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_SHARDRUNNER_H
