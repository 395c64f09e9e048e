//===- BatchRunner.h - Runs the batches of a split --------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_BATCHRUNNER_H
#define RUNTIME_TRAIN_BATCHRUNNER_H

#include "orcinus/Graph/Labels.h"
#include "orcinus/Graph/TemporalGraph.h"
#include "orcinus/Sampling/NegativeSampler.h"
#include "runtime/Memory/Arena.h"
#include "runtime/Prepare/IndexState.h"
#include "runtime/Train/Invocation.h"
#include "runtime/Train/PrepareWorker.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace orcinus {

/// What events have beside themselves, which a StepInput points to.
struct BatchContents {
  std::vector<int32_t> negatives;
  /// The labels by their numbers, and what StepInput has of them.
  std::vector<int64_t> labels;
  std::vector<int32_t> labelledRows, otherLabelledRows, labelledEvents;
  std::vector<int32_t> labelNodes;
  std::vector<Timestamp> labelTimes;
  std::vector<float> labelValues;
};

/// Events in order, cut into batches, and what their steps draw from.
struct BatchSequence {
  /// Indices into the stream, ascending.
  std::span<const int32_t> events;
  int64_t batchSize = 0;
  const TemporalGraph *graph = nullptr;
  const NegativeSampler *negatives = nullptr;
  /// The number of the draw for the first event.
  uint64_t firstDraw = 0;
  /// Where it is not empty, the negatives themselves, one an event.
  std::span<const int32_t> drawn;
  /// For the uniform sampling policy.
  uint64_t samplingSeed = 0;
  /// Of a task that has labels, in place of negatives; and, one flag a node or
  /// none, the nodes whose labels are not asked for.
  const LabelSet *labels = nullptr;
  std::span<const uint8_t> hiddenNodes;

  int64_t batchCount() const {
    return (static_cast<int64_t>(events.size()) + batchSize - 1) / batchSize;
  }
  std::span<const int32_t> batch(int64_t index) const {
    size_t begin = index * batchSize;
    return events.subspan(begin,
                          std::min<size_t>(batchSize, events.size() - begin));
  }
  /// The labels that a batch asks for, in order, into `result`.
  void labelsOf(int64_t batch, std::vector<int64_t> &result) const;
  /// Those that `count` events of one batch, from `first` on, ask for: of all
  /// of a batch's parts together they are those of the batch.
  void labelsOf(size_t first, size_t count, std::vector<int64_t> &result) const;
  /// Puts the negatives of a batch into `result`, however often it is asked.
  void negativesOf(int64_t batch, const EventStream &stream,
                   std::vector<int32_t> &result) const;
  /// The same of `count` events from `first` on, whatever batches they are of.
  void negativesOf(size_t first, size_t count, const EventStream &stream,
                   std::vector<int32_t> &result) const;
  /// Makes `input` that of `count` events of one batch, from `first` on, with
  /// their negatives or labels, which are put into `contents`.
  void fill(size_t first, size_t count, const EventStream &stream,
            BatchContents &contents, StepInput &input) const;
};

/// The sums over a batch's shards.
struct ShardSums {
  /// The mean over the batch.
  double loss = 0;
  /// That each layer computed, first layer first.
  std::vector<int64_t> rows;
  ReuseCounts reuse;
};

/// What is done with the batches that are run.
class BatchConsumer {
public:
  virtual ~BatchConsumer() = default;
  /// The scalars of batch `batch`'s step.
  virtual StepScalars scalars(int64_t batch) { return {}; }
  /// Is given the results of batch `batch`; an error ends the run.
  virtual Status consume(int64_t batch, const Invocation &results) = 0;
  /// The same of a batch that was trained in shards: their sums.
  virtual Status consumeSum(int64_t batch, const ShardSums &sums) {
    return Status();
  }
  /// The same of a batch that was evaluated in shards: the scores, or what is
  /// predicted of its labels.
  virtual Status consumeOutputs(int64_t batch, std::span<const float> outputs) {
    return Status();
  }
  /// Is told that batch `batch`, which has no label, was taken into the states;
  /// an error ends the run.
  virtual Status pass(int64_t batch) { return Status(); }
  /// Whether consume() of batch `batch` needs the index state as that batch
  /// left it: then the next batch is prepared only afterwards.
  virtual bool pausesAfter(int64_t batch) { return false; }
  /// Where several processes run the same batches: whether this one wants them
  /// to stop, and, once one of them does, the word to all that they do. All are
  /// told it behind the same batch.
  virtual bool wantsStop() { return false; }
  virtual void agreeToStop() {}
  /// The same of whether the run is to be saved behind the next batch.
  virtual bool wantsSave() { return false; }
  virtual void agreeToSave() {}
};

/// Runs one of a program's functions over batches, each prepared while the one
/// before computes. A step allocates nothing from the heap once its buffers
/// have grown.
class BatchRunner {
public:
  /// Two invocations of the same function, used in turn.
  using Slots = std::array<std::unique_ptr<Invocation>, 2>;

  /// `caches` are those that the function looks up; `threads` sample. Batches
  /// without a label, where a sequence has labels, run `advancing` in place of
  /// `invocations`, or nothing where it is null.
  BatchRunner(const EventStream &stream, IndexState &index,
              std::span<const std::unique_ptr<CacheIndex>> caches,
              Slots invocations, Slots advancing, PrepareWorker &worker,
              Arena &arena, int threads)
      : stream(stream), index(index), caches(caches),
        slots(std::move(invocations)), advancing(std::move(advancing)),
        worker(worker), arena(arena), threads(threads) {}

  /// Runs the batches [first, end) of `sequence`.
  Status run(const BatchSequence &sequence, int64_t first, int64_t end,
             BatchConsumer &consumer);

  /// The batches that the last run() began to prepare, counted from the
  /// sequence's start: the index state is so far, whatever came of them.
  int64_t begun() const { return begunBatches; }

  /// What batch `batch` is made from; what is not the stream's is put into
  /// `contents`.
  StepInput inputOf(const BatchSequence &sequence, int64_t batch,
                    BatchContents &contents);

  /// Does the index work of the batches [first, end) of `sequence` alone, and
  /// hands what each made to `see`.
  Status replay(const BatchSequence &sequence, int64_t first, int64_t end,
                const std::function<void(const Invocation &)> &see = {});

private:
  void startPreparing(const BatchSequence &sequence, int64_t batch);
  Status finish(int64_t batch, BatchConsumer &consumer);
  bool isLabelled(int64_t batch) const {
    return !contents[batch % 2].labels.empty();
  }

  const EventStream &stream;
  IndexState &index;
  std::span<const std::unique_ptr<CacheIndex>> caches;
  Slots slots, advancing;
  std::array<BatchContents, 2> contents;
  /// By turns, one batch computes while the next is prepared.
  std::array<PreparedPart, 2> prepared;
  PrepareWorker &worker;
  Arena &arena;
  int threads;
  int64_t begunBatches = 0;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_BATCHRUNNER_H
