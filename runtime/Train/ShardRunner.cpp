//===- ShardRunner.cpp - Trains batches in shards -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/ShardRunner.h"

#include "orcinus/Support/CounterRng.h"

#include <algorithm>
#include <cmath>

using namespace orcinus;

ShardRunner::ShardRunner(const EventStream &stream, ModelState &state,
                         BatchRunner::Slots gradient,
                         BatchRunner::Slots advance,
                         std::unique_ptr<Invocation> apply,
                         PrepareWorker &worker, Arena &arena, int threads,
                         int64_t shards,
                         std::shared_ptr<Communicator> communicator)
    : stream(stream), state(state), gradient(std::move(gradient)),
      advance(std::move(advance)), apply(std::move(apply)), worker(worker),
      arena(arena), threads(threads), shards(shards),
      processes(std::move(communicator)) {
  int size = processes ? processes->size() : 1;
  ownShards = shards / size;
  firstShard = processes ? processes->rank() * ownShards : 0;
}

/// The events [first, second) of a batch of so many.
std::pair<size_t, size_t> ShardRunner::eventsOf(Part part,
                                                size_t batchEvents) const {
  size_t count = static_cast<size_t>(shards);
  size_t shard = static_cast<size_t>(part.shard);
  return {shard * batchEvents / count, (shard + 1) * batchEvents / count};
}

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
    auto [first, end] = eventsOf(part, events.size());
    chosen[slot] = first == end ? nullptr : gradient[slot].get();
    // However batches are cut, an event has the negatives that it would have.
    std::vector<int32_t> &negatives = ownNegatives[slot];
    size_t begin = static_cast<size_t>(part.batch * sequence.batchSize) + first;
    sequence.negativesOf(begin, end - first, stream, negatives);
    input.events = events.subspan(first, end - first);
    input.negatives = negatives;
  }
  // What the whole batch leaves draws alike in every process.
  int64_t draw = advances(part) ? shards : part.shard;
  input.samplingSeed =
      randomBits(sequence.samplingSeed, randomStream("sampling"),
                 part.batch * (shards + 1) + draw);
  worker.start(chosen[slot], input);
}

/// Adds the gradients of the last shard, times its share, to the tree: two
/// subtrees of as many shards become one.
void ShardRunner::keepGradients(double share) {
  Subtree leaf{1, {}};
  if (!spare.empty()) {
    leaf.values = std::move(spare.back());
    spare.pop_back();
  }
  leaf.values.clear();
  auto factor = static_cast<float>(share);
  for (FloatArray &array : state.gradients)
    for (float value : std::as_const(array).values())
      leaf.values.push_back(share == 0 ? 0 : factor * value);
  // The loss is added as they are.
  leaf.values.push_back(share == 0 ? 0 : factor * loss);
  subtrees.push_back(std::move(leaf));
  while (subtrees.size() > 1 &&
         subtrees.back().shards == subtrees[subtrees.size() - 2].shards) {
    Subtree right = std::move(subtrees.back());
    subtrees.pop_back();
    Subtree &left = subtrees.back();
    for (size_t index = 0; index != left.values.size(); ++index)
      left.values[index] += right.values[index];
    left.shards += right.shards;
    spare.push_back(std::move(right.values));
  }
}

Status ShardRunner::computeShard(Invocation &shard, Part part,
                                 StepScalars scalars) {
  scalars.dropoutSeed = static_cast<int64_t>(
      randomBits(static_cast<uint64_t>(scalars.dropoutSeed),
                 randomStream("shard"), part.shard));
  if (Status status = shard.step(scalars); !status.ok())
    return status;
  loss = shard.outputs().find(lossOutput.role).values.front();
  std::vector<int64_t> rows;
  shard.tables().addRowsOfLayers(rows);
  layerRows.resize(std::max(layerRows.size(), rows.size()));
  for (size_t layer = 0; layer != rows.size(); ++layer)
    layerRows[layer] += static_cast<double>(rows[layer]);
  return Status();
}

/// Puts the sums of all gradients where the optimizer reads them.
Status ShardRunner::addOverProcesses() {
  std::vector<float> &sums = subtrees.front().values;
  if (processes)
    if (Status status = processes->sum(std::span(sums)); !status.ok())
      return status;
  const float *next = sums.data();
  for (FloatArray &array : state.gradients) {
    std::span<float> values = array.replacedValues();
    std::copy_n(next, values.size(), values.begin());
    next += values.size();
  }
  loss = *next;
  spare.push_back(std::move(sums));
  subtrees.clear();
  return Status();
}

Status ShardRunner::finishBatch(int64_t batch, const StepScalars &scalars,
                                BatchConsumer &consumer) {
  if (Status status = addOverProcesses(); !status.ok())
    return status;
  // A process without a shard that has events does not know the layers, of
  // which a model has 16 at most.
  constexpr size_t mostLayers = 16;
  layerRows.resize(std::max(layerRows.size(), mostLayers));
  if (processes)
    if (Status status = processes->sum(std::span(layerRows)); !status.ok())
      return status;
  if (Status status = apply->step(scalars); !status.ok())
    return status;
  std::vector<int64_t> rows(layerRows.begin(), layerRows.end());
  while (!rows.empty() && rows.back() == 0)
    rows.pop_back();
  return consumer.consumeSum(batch, loss, rows);
}

Status ShardRunner::run(const BatchSequence &sequence, int64_t first,
                        int64_t end, BatchConsumer &consumer) {
  ArenaScope scope(arena);
  WaitAtEnd waitAtEnd{worker};
  begunBatches = first;
  subtrees.clear();
  int64_t last = end * partsOfBatch();
  bool pauses = false;
  StepScalars scalars;
  if (first < end)
    startPreparing(sequence, first * partsOfBatch());
  for (int64_t index = first * partsOfBatch(); index < last; ++index) {
    if (Status status = worker.wait(); !status.ok())
      return status;
    Part part = partAt(index);
    if (part.shard == firstShard) {
      layerRows.clear();
      pauses = consumer.pausesAfter(part.batch);
      scalars = consumer.scalars(part.batch);
    }
    bool ends = advances(part);
    bool more = index + 1 < last;
    if (more && !(ends && pauses))
      startPreparing(sequence, index + 1);
    Invocation *current = chosen[index % 2];
    size_t batchEvents = sequence.batch(part.batch).size();
    if (!ends) {
      auto [begin, behind] = eventsOf(part, batchEvents);
      double share = static_cast<double>(behind - begin) /
                     static_cast<double>(batchEvents);
      if (current)
        if (Status status = computeShard(*current, part, scalars); !status.ok())
          return status;
      keepGradients(share);
      continue;
    }
    // The states as the parameters of this batch make them.
    if (current)
      if (Status status = current->step(scalars); !status.ok())
        return status;
    if (Status status = finishBatch(part.batch, scalars, consumer);
        !status.ok())
      return status;
    if (more && pauses)
      startPreparing(sequence, index + 1);
  }
  return Status();
}
