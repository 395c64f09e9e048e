//===- ShardRunner.cpp - Runs batches in shards ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/ShardRunner.h"

#include "lib/Support/Clock.h"
#include "orcinus/Support/CounterRng.h"
#include "runtime/Train/RowExchange.h"

using namespace orcinus;

/// What index work of a batch is given; `draw` is the number of the shard, or
/// that behind the last one.
StepInput ShardRunner::inputOf(const BatchSequence &sequence, int64_t batch,
                               int64_t draw) const {
  StepInput input;
  input.stream = &stream;
  input.graph = sequence.graph;
  input.state = &state.index;
  input.threads = threads;
  input.samplingSeed =
      randomBits(sequence.samplingSeed, randomStream("sampling"),
                 batch * (layout.shards + 1) + draw);
  return input;
}

/// Makes the part for one of this process's shards.
void ShardRunner::addShard(const BatchSequence &sequence, int64_t batch,
                           int64_t number) {
  Batch &into = batches[batch % 2];
  PreparedPart &part = into.parts[number];
  BatchContents &contents = into.contents[number];
  size_t all = sequence.batch(batch).size();
  auto [first, end] = layout.eventsOf(layout.first + number, all);
  // However batches are cut, an event has the negatives that it would have.
  size_t begin = static_cast<size_t>(batch * sequence.batchSize) + first;
  part.input = inputOf(sequence, batch, layout.first + number);
  sequence.fill(begin, end - first, stream, contents, part.input);
  part.input.caches = caches;
  part.input.offersRows = true;
  size_t asked = end - first;
  if (sequence.labels) {
    asked = contents.labels.size();
    all = batchLabels.size();
  }
  part.invocation = asked == 0 ? nullptr : shards[number][batch % 2].get();
  into.shares[number] =
      all == 0 ? 0 : static_cast<double>(asked) / static_cast<double>(all);
}

void ShardRunner::startPreparing(const BatchSequence &sequence, int64_t batch) {
  begunBatches = batch + 1;
  Batch &into = batches[batch % 2];
  into.parts.resize(layout.own + 1);
  into.contents.resize(layout.own);
  into.shares.resize(layout.own);
  if (sequence.labels)
    sequence.labelsOf(batch, batchLabels);
  for (int64_t number = 0; number != layout.own; ++number)
    addShard(sequence, batch, number);
  // What the whole batch leaves draws alike in every process.
  PreparedPart &whole = into.parts.back();
  whole.invocation = advance[batch % 2].get();
  whole.input = inputOf(sequence, batch, layout.shards);
  whole.input.events = sequence.batch(batch);
  worker.start(into.parts);
}

/// Counts the rows that the parts of a batch touch.
void ShardRunner::addRows(std::span<const PreparedPart> parts) {
  partRows.clear();
  for (const PreparedPart &part : parts)
    partRows.push_back(part.invocation ? part.invocation->rowsOfTables()
                                       : RowsBySpace());
  for (RowTraffic &traffic : traffics)
    traffic.add(std::span(partRows).first(layout.own), partRows.back());
}

/// Hands the index work of a batch on; caches are settled before the next batch
/// looks them up.
Status ShardRunner::settle(const BatchSequence &sequence, int64_t batch,
                           ShardWork &work) {
  std::span<const PreparedPart> parts = batches[batch % 2].parts;
  for (const PreparedPart &part : parts.first(layout.own)) {
    if (times && part.invocation) {
      ++times->taken;
      part.invocation->tables().addRowsOfLayers(times->rows);
    }
    work.take(part.invocation);
  }
  if (!traffics.empty())
    addRows(parts);
  return work.settle(sequence.batch(batch));
}

/// Computes one of this process's shards.
Status ShardRunner::computeShard(const PreparedPart &part, int64_t number,
                                 double share, ShardWork &work) {
  Clock::time_point start = Clock::now();
  Status status = work.compute(part.invocation, layout.first + number, share);
  double took = secondsSince(start);
  // Where nothing is sent beside steps, waiting for the others is among it.
  seconds += took;
  if (!times || !part.invocation)
    return status;
  StepSample sample;
  part.invocation->tables().addRowsOfLayers(sample.rows);
  sample.seconds = part.seconds;
  times->preparations.push_back(sample);
  sample.seconds = took;
  times->computations.push_back(std::move(sample));
  return status;
}

/// Computes what was prepared of a batch.
Status ShardRunner::compute(int64_t batch, ShardWork &work) {
  const Batch &current = batches[batch % 2];
  for (int64_t number = 0; number != layout.own; ++number)
    if (Status status = computeShard(current.parts[number], number,
                                     current.shares[number], work);
        !status.ok())
      return status;
  Status status = work.computed();
  if (!status.ok())
    return status;
  Clock::time_point start = Clock::now();
  // The states as the parameters of this batch make them.
  if (Invocation *whole = current.parts.back().invocation)
    status = whole->step(work.scalars());
  double took = secondsSince(start);
  seconds += took;
  if (times)
    times->rest.push_back(took);
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
  RunScope inRun(worker);
  begunBatches = first;
  if (first < end)
    startPreparing(sequence, first);
  for (int64_t batch = first; batch < end; ++batch) {
    if (Status status = worker.wait(); !status.ok())
      return status;
    bool isLast = batch + 1 == end, pauses = begin(sequence, batch, work);
    Status status = settle(sequence, batch, work);
    if (status.ok() && !isLast && !pauses)
      startPreparing(sequence, batch + 1);
    if (status.ok())
      status = compute(batch, work);
    if (status.ok()) {
      status = finish(batch, work);
      if (isLast || pauses)
        worker.settle();
    }
    if (!status.ok())
      return status;
    if (!isLast && pauses)
      startPreparing(sequence, batch + 1);
  }
  return Status();
}

Status ShardRunner::replay(const BatchSequence &sequence, int64_t first,
                           int64_t end, ShardWork &work) {
  for (int64_t batch = first; batch < end; ++batch) {
    startPreparing(sequence, batch);
    if (Status status = worker.wait(); !status.ok())
      return status;
    if (Status status = settle(sequence, batch, work); !status.ok())
      return status;
  }
  // What batches change was not computed.
  if (state.exchange)
    state.exchange->forget();
  return Status();
}
