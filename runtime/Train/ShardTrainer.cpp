//===- ShardTrainer.cpp - Trains batches in shards ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/ShardTrainer.h"

#include "orcinus/Support/CounterRng.h"

#include <algorithm>

using namespace orcinus;

/// Layers that a model has at most: a process without a shard that has events
/// does not know how many there are.
static constexpr size_t mostLayers = 16;

Status ShardTrainer::run(const BatchSequence &sequence, int64_t first,
                         int64_t end, BatchConsumer &told) {
  consumer = &told;
  subtrees.clear();
  return runner.run(sequence, first, end, *this);
}

int64_t ShardTrainer::gradientBytes() const {
  int64_t values = 1;
  for (const FloatArray &array : state.gradients)
    values += std::ssize(array.values());
  return values * static_cast<int64_t>(sizeof(float));
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

int64_t ShardTrainer::countBytes() {
  return static_cast<int64_t>((mostLayers + 1) * sizeof(double));
}

bool ShardTrainer::begin(int64_t batch, bool) {
  counts.assign(mostLayers + 1, 0);
  counts.back() = consumer->wantsStop() ? 1 : 0;
  stepScalars = consumer->scalars(batch);
  return consumer->pausesAfter(batch);
}

Status ShardTrainer::compute(Invocation *shard, int64_t number, double share) {
  if (shard)
    if (Status status = step(*shard, number); !status.ok())
      return status;
  if (caches)
    caches->keepRows(shard);
  keepGradients(share);
  return Status();
}

Status ShardTrainer::step(Invocation &shard, int64_t number) {
  StepScalars own = stepScalars;
  own.dropoutSeed = static_cast<int64_t>(
      randomBits(static_cast<uint64_t>(stepScalars.dropoutSeed),
                 randomStream("shard"), number));
  if (Status status = shard.step(own); !status.ok())
    return status;
  loss = shard.outputs().find(lossOutput.role).values.front();
  shardRows.clear();
  shard.tables().addRowsOfLayers(shardRows);
  for (size_t layer = 0; layer != shardRows.size(); ++layer)
    counts[layer] += static_cast<double>(shardRows[layer]);
  return Status();
}

/// Adds the gradients of the last shard, times its share, to the tree: two
/// subtrees of as many shards become one.
void ShardTrainer::keepGradients(double share) {
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

/// Puts the sums of all gradients where the optimizer reads them.
Status ShardTrainer::addGradients() {
  std::vector<float> &added = subtrees.front().values;
  if (processes)
    if (Status status = processes->sum(std::span(added)); !status.ok())
      return status;
  const float *next = added.data();
  for (FloatArray &array : state.gradients) {
    std::span<float> values = array.replacedValues();
    std::copy_n(next, values.size(), values.begin());
    next += values.size();
  }
  loss = *next;
  return Status();
}

/// Adds the counts over the processes, and hears whether one wants to stop.
Status ShardTrainer::addCounts() {
  if (processes)
    if (Status status = processes->sum(std::span(counts)); !status.ok())
      return status;
  if (counts.back() > 0)
    consumer->agreeToStop();
  counts.pop_back();
  sums.rows.assign(counts.begin(), counts.end());
  while (!sums.rows.empty() && sums.rows.back() == 0)
    sums.rows.pop_back();
  return Status();
}

Status ShardTrainer::finish(int64_t batch, bool isAsked) {
  if (isAsked)
    if (Status status = addGradients(); !status.ok())
      return status;
  spare.push_back(std::move(subtrees.front().values));
  subtrees.clear();
  if (Status status = addCounts(); !status.ok())
    return status;
  if (caches)
    if (Status status = caches->commit(); !status.ok())
      return status;
  if (!isAsked)
    return consumer->pass(batch);
  if (Status status = apply->step(stepScalars); !status.ok())
    return status;
  sums.loss = loss;
  if (caches)
    sums.reuse = caches->reuse();
  return consumer->consumeSum(batch, sums);
}
