//===- ShardTrainer.cpp - Trains batches in shards ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/ShardTrainer.h"

#include "orcinus/Support/CounterRng.h"
#include "runtime/Train/RowExchange.h"

#include <fmt/format.h>

#include <algorithm>

using namespace orcinus;

/// Layers that are counted at most: a process without a shard that has events
/// does not know how many there are.
static constexpr size_t mostLayers = 16;
/// Behind the layers' counts.
static constexpr size_t stopCount = mostLayers, saveCount = mostLayers + 1;
static constexpr size_t allCounts = mostLayers + 2;

int64_t ShardTrainer::countBytes() {
  return static_cast<int64_t>(allCounts * sizeof(double));
}

Status ShardTrainer::run(const BatchSequence &sequence, int64_t first,
                         int64_t end, BatchConsumer &told) {
  consumer = &told;
  collectives.restart();
  Status status = runner.run(sequence, first, end, *this);
  return status.ok() ? collectives.awaitRows() : status;
}

Status ShardTrainer::replay(const BatchSequence &sequence, int64_t first,
                            int64_t end) {
  collectives.restart();
  return runner.replay(sequence, first, end, *this);
}

std::vector<int64_t> ShardTrainer::rowBytes() const {
  std::vector<int64_t> result(1);
  auto bytesOf = [](const FloatArray &array) {
    return array.rowSize() * static_cast<int64_t>(sizeof(float));
  };
  for (const FloatArray &array : state.nodeRows)
    result.front() += bytesOf(array);
  for (const FloatArray &array : state.caches)
    result.push_back(caches ? bytesOf(array) : 0);
  return result;
}

bool ShardTrainer::begin(int64_t batch, bool isAsked) {
  isPausing = consumer->pausesAfter(batch);
  counts.assign(allCounts, 0);
  counts[stopCount] = consumer->wantsStop() ? 1 : 0;
  counts[saveCount] = consumer->wantsSave() ? 1 : 0;
  stepScalars = consumer->scalars(batch);
  collectives.begin(isAsked, counts);
  return isPausing;
}

Status ShardTrainer::settle(std::span<const int32_t> events) {
  if (!caches)
    return Status();
  Status status = collectives.awaitRows();
  return status.ok() ? caches->settle(events) : status;
}

/// Gathers the rows that caches keep, while the states take the batch in.
Status ShardTrainer::computed() {
  if (caches)
    collectives.startAllGather(gatherRows);
  return Status();
}

Status ShardTrainer::compute(Invocation *shard, int64_t number, double share) {
  // The rows that caches have kept are there: settle() has waited.
  if (!shard) {
    collectives.skipShard();
  } else {
    collectives.beginShard(share);
    if (Status status = step(*shard, number); !status.ok())
      return status;
  }
  if (caches && collectives.error().ok())
    caches->keepRows(shard);
  return collectives.error();
}

Status ShardTrainer::step(Invocation &shard, int64_t number) {
  StepScalars own = stepScalars;
  own.dropoutSeed = static_cast<int64_t>(
      randomBits(static_cast<uint64_t>(stepScalars.dropoutSeed),
                 randomStream("shard"), number));
  // Counts go with the last gradients.
  shardRows.clear();
  shard.tables().addRowsOfLayers(shardRows);
  if (shardRows.size() > mostLayers)
    return Status::error(
        fmt::format("a shard samples {} times, but only {} layers can be cut "
                    "into shards: train the model without",
                    shardRows.size(), mostLayers));
  for (size_t layer = 0; layer != shardRows.size(); ++layer)
    counts[layer] += static_cast<double>(shardRows[layer]);
  {
    CollectivesScope scope(&collectives);
    Status status = shard.step(own);
    if (!collectives.error().ok())
      return collectives.error();
    if (!status.ok())
      return status;
  }
  collectives.endShard(shard.outputs().find(lossOutput.role).values.front());
  return collectives.error();
}

/// The optimizer's step, which waits for the sums that it reads.
Status ShardTrainer::applyGradients() {
  if (!collectives.stepsCanWait(state.device()))
    if (Status status = collectives.finish(); !status.ok())
      return status;
  CollectivesScope scope(&collectives);
  Status status = apply->step(stepScalars);
  return collectives.error().ok() ? status : collectives.error();
}

void ShardTrainer::takeCounts() {
  if (counts[stopCount] > 0)
    consumer->agreeToStop();
  if (counts[saveCount] > 0)
    consumer->agreeToSave();
  sums.rows.assign(counts.begin(), counts.begin() + mostLayers);
  while (!sums.rows.empty() && sums.rows.back() == 0)
    sums.rows.pop_back();
}

Status ShardTrainer::finish(int64_t batch, bool isAsked) {
  Status status = isAsked ? applyGradients() : Status();
  if (status.ok())
    status = collectives.finish();
  // Rows that each process has for others are settled before the next batch.
  bool isCut = caches && state.exchange && state.exchange->cutsCaches();
  if (status.ok() && (isPausing || isCut))
    status = collectives.awaitRows();
  if (!status.ok())
    return status;
  if (isCut)
    caches->writeCutRows();
  takeCounts();
  if (!isAsked)
    return consumer->pass(batch);
  sums.loss = collectives.loss();
  if (caches)
    sums.reuse = caches->reuse();
  return consumer->consumeSum(batch, sums);
}
