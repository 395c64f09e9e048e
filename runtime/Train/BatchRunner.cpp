//===- BatchRunner.cpp - Runs the batches of a split ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/BatchRunner.h"

#include "orcinus/Support/CounterRng.h"

#include <algorithm>

using namespace orcinus;

void BatchSequence::negativesOf(int64_t index, const EventStream &stream,
                                std::vector<int32_t> &result) const {
  std::span<const int32_t> positives = batch(index);
  result.resize(positives.size());
  if (drawn.empty())
    negatives->sample(firstDraw + index * batchSize, stream, positives, result);
  else
    std::ranges::copy(drawn.subspan(index * batchSize, positives.size()),
                      result.begin());
}

StepInput BatchRunner::inputOf(const BatchSequence &sequence, int64_t batch,
                               std::vector<int32_t> &drawn) {
  StepInput input;
  input.stream = &stream;
  input.graph = sequence.graph;
  input.state = &index;
  input.caches = caches;
  input.events = sequence.batch(batch);
  sequence.negativesOf(batch, stream, drawn);
  input.negatives = drawn;
  input.threads = threads;
  input.samplingSeed =
      randomBits(sequence.samplingSeed, randomStream("sampling"), batch);
  return input;
}

void BatchRunner::startPreparing(const BatchSequence &sequence, int64_t batch) {
  size_t slot = batch % 2;
  begunBatches = batch + 1;
  worker.start(*slots[slot], inputOf(sequence, batch, negatives[slot]));
}

namespace {

/// Leaves no batch in preparation, however a run ends.
struct WaitAtEnd {
  PrepareWorker &worker;
  ~WaitAtEnd() { (void)worker.wait(); }
};

} // namespace

Status BatchRunner::run(const BatchSequence &sequence, int64_t first,
                        int64_t end, BatchConsumer &consumer) {
  ArenaScope scope(arena);
  WaitAtEnd waitAtEnd{worker};
  begunBatches = first;
  if (first < end)
    startPreparing(sequence, first);
  for (int64_t batch = first; batch < end; ++batch) {
    if (Status status = worker.wait(); !status.ok())
      return status;
    Invocation &current = *slots[batch % 2];
    bool last = batch + 1 == end;
    bool pauses = consumer.pausesAfter(batch);
    if (!last && !pauses)
      startPreparing(sequence, batch + 1);
    if (Status status = current.step(consumer.scalars(batch)); !status.ok())
      return status;
    if (Status status = consumer.consume(batch, current); !status.ok())
      return status;
    if (!last && pauses)
      startPreparing(sequence, batch + 1);
  }
  return Status();
}

Status BatchRunner::replay(const BatchSequence &sequence, int64_t first,
                           int64_t end,
                           const std::function<void(const Invocation &)> &see) {
  for (int64_t batch = first; batch < end; ++batch) {
    startPreparing(sequence, batch);
    if (Status status = worker.wait(); !status.ok())
      return status;
    if (see)
      see(*slots[batch % 2]);
  }
  return Status();
}
