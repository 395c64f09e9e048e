//===- ShardEvaluator.cpp - Evaluates batches in shards -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/ShardEvaluator.h"

#include <algorithm>

using namespace orcinus;

Status ShardEvaluator::run(const BatchSequence &batches, BatchConsumer &told) {
  sequence = &batches;
  consumer = &told;
  return runner.run(batches, 0, batches.batchCount(), *this);
}

bool ShardEvaluator::begin(int64_t batch, bool) {
  own.assign(1, consumer->wantsStop() ? 1 : 0);
  return false;
}

Status ShardEvaluator::compute(Invocation *shard, int64_t number,
                               double share) {
  if (!shard)
    return Status();
  if (Status status = shard->step({}); !status.ok())
    return status;
  OutputForm form = sequence->labels ? predictionsOutput : scoresOutput;
  std::span<const float> given = shard->outputs().find(form.role).values;
  own.insert(own.end(), given.begin(), given.end());
  return Status();
}

/// Takes what the shards of one process gave. Of links the scores of events
/// come before those of negatives, as in one step; predictions are in order.
void ShardEvaluator::place(std::span<const float> given, int64_t firstShard,
                           size_t batchEvents) {
  if (sequence->labels) {
    outputs.insert(outputs.end(), given.begin(), given.end());
    return;
  }
  for (int64_t shard = firstShard; shard != firstShard + layout.own; ++shard) {
    auto [first, end] = layout.eventsOf(shard, batchEvents);
    for (size_t begin : {first, batchEvents + first}) {
      std::ranges::copy(given.first(end - first),
                        outputs.begin() + static_cast<ptrdiff_t>(begin));
      given = given.subspan(end - first);
    }
  }
}

Status ShardEvaluator::finish(int64_t batch, bool isAsked) {
  std::span<const std::byte> all = std::as_bytes(std::span(own));
  offsets = {0, all.size()};
  if (processes) {
    if (Status status = processes->gather(all, gathered, offsets); !status.ok())
      return status;
    all = gathered;
  }
  size_t batchEvents = sequence->batch(batch).size();
  outputs.assign(sequence->labels ? 0 : 2 * batchEvents, 0);
  bool stops = false;
  for (size_t process = 0; process + 1 != offsets.size(); ++process) {
    std::span<const float> given(
        reinterpret_cast<const float *>(all.data() + offsets[process]),
        (offsets[process + 1] - offsets[process]) / sizeof(float));
    stops |= given.front() > 0;
    place(given.subspan(1), static_cast<int64_t>(process) * layout.own,
          batchEvents);
  }
  if (stops)
    consumer->agreeToStop();
  return isAsked ? consumer->consumeOutputs(batch, outputs)
                 : consumer->pass(batch);
}
