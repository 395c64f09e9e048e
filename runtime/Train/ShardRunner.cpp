//===- ShardRunner.cpp - Runs batches in shards ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/ShardRunner.h"

#include "lib/Support/Clock.h"
#include "orcinus/Support/CounterRng.h"

using namespace orcinus;

void ShardRunner::startPreparing(const BatchSequence &sequence, int64_t index) {
  Part part = partAt(index);
  size_t slot = index % 2;
  begunBatches = part.batch + 1;
  std::span<const int32_t> events = sequence.batch(part.batch);
  StepInput input;
  input.stream = &stream;
  input.graph = sequence.graph;
  input.state = &state.index;
  input.threads = threads;
  if (advances(part)) {
    chosen[slot] = advance[slot].get();
    input.events = events;
  } else {
    auto [first, end] = layout.eventsOf(part.shard, events.size());
    // However batches are cut, an event has the negatives that it would have.
    size_t begin = static_cast<size_t>(part.batch * sequence.batchSize) + first;
    sequence.fill(begin, end - first, stream, contents[slot], input);
    input.caches = caches;
    input.offersRows = true;
    size_t asked = end - first, all = events.size();
    if (sequence.labels) {
      sequence.labelsOf(part.batch, batchLabels);
      asked = contents[slot].labels.size();
      all = batchLabels.size();
    }
    chosen[slot] = asked == 0 ? nullptr : shard[slot].get();
    shares[slot] =
        all == 0 ? 0 : static_cast<double>(asked) / static_cast<double>(all);
  }
  // What the whole batch leaves draws alike in every process.
  int64_t draw = advances(part) ? layout.shards : part.shard;
  input.samplingSeed =
      randomBits(sequence.samplingSeed, randomStream("sampling"),
                 part.batch * (layout.shards + 1) + draw);
  worker.start(chosen[slot], input);
}

/// Hands the index work of a shard on.
void ShardRunner::take(int64_t index, ShardWork &work) {
  Invocation *current = chosen[index % 2];
  if (times && current) {
    ++times->taken;
    current->tables().addRowsOfLayers(times->rows);
  }
  work.take(current);
}

/// Computes a part that was prepared.
Status ShardRunner::compute(int64_t index, ShardWork &work) {
  Part part = partAt(index);
  Invocation *current = chosen[index % 2];
  Clock::time_point start = Clock::now();
  Status status = advances(part) ? work.computed() : Status();
  if (!advances(part))
    status = work.compute(current, part.shard, shares[index % 2]);
  else if (current && status.ok())
    // The states as the parameters of this batch make them.
    status = current->step(work.scalars());
  double took = secondsSince(start);
  seconds += took;
  if (times && advances(part))
    times->rest.push_back(took);
  if (!times || advances(part) || !current)
    return status;
  StepSample sample;
  current->tables().addRowsOfLayers(sample.rows);
  sample.seconds = prepared;
  times->preparations.push_back(sample);
  sample.seconds = took;
  times->computations.push_back(std::move(sample));
  return status;
}

/// Begins a batch; whether the next one is prepared only behind it.
bool ShardRunner::begin(const BatchSequence &sequence, int64_t batch,
                        ShardWork &work) {
  isAsked = !sequence.labels;
  if (!isAsked) {
    sequence.labelsOf(batch, batchLabels);
    isAsked = !batchLabels.empty();
  }
  return work.begin(batch, isAsked);
}

/// Ends a batch that all have taken in.
Status ShardRunner::finish(int64_t batch, ShardWork &work) {
  Clock::time_point start = Clock::now();
  Status status = work.finish(batch, isAsked);
  if (times)
    times->rest.back() += secondsSince(start);
  return status;
}

Status ShardRunner::run(const BatchSequence &sequence, int64_t first,
                        int64_t end, ShardWork &work) {
  ArenaScope scope(arena);
  WaitAtEnd waitAtEnd{worker};
  begunBatches = first;
  int64_t last = end * partsOfBatch();
  bool pauses = false;
  if (first < end)
    startPreparing(sequence, first * partsOfBatch());
  for (int64_t index = first * partsOfBatch(); index < last; ++index) {
    if (Status status = worker.wait(); !status.ok())
      return status;
    prepared = worker.seconds();
    Part part = partAt(index);
    if (part.shard == layout.first)
      pauses = begin(sequence, part.batch, work);
    bool ends = advances(part);
    // Caches are settled before the next batch looks them up.
    Status status;
    if (ends)
      status = work.settle(sequence.batch(part.batch));
    else
      take(index, work);
    bool isLast = index + 1 == last, waits = ends && pauses;
    if (status.ok() && !isLast && !waits)
      startPreparing(sequence, index + 1);
    if (status.ok())
      status = compute(index, work);
    if (status.ok() && ends)
      status = finish(part.batch, work);
    if (!status.ok())
      return status;
    if (!isLast && waits)
      startPreparing(sequence, index + 1);
  }
  return Status();
}

Status ShardRunner::replay(const BatchSequence &sequence, int64_t first,
                           int64_t end, ShardWork &work) {
  for (int64_t index = first * partsOfBatch(); index < end * partsOfBatch();
       ++index) {
    startPreparing(sequence, index);
    if (Status status = worker.wait(); !status.ok())
      return status;
    Part part = partAt(index);
    if (!advances(part)) {
      take(index, work);
      continue;
    }
    Status status = work.settle(sequence.batch(part.batch));
    if (!status.ok())
      return status;
  }
  return Status();
}
