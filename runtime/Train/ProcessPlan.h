//===- ProcessPlan.h - What several processes would take --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_PROCESSPLAN_H
#define RUNTIME_TRAIN_PROCESSPLAN_H

#include "orcinus/Graph/EventStream.h"
#include "orcinus/Runtime/Compiler.h"
#include "orcinus/Runtime/Options.h"
#include "orcinus/Support/Status.h"
#include "runtime/Train/EpochForecast.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace orcinus {

/// What messages between two processes take.
struct Network {
  /// Bytes a second, each way.
  double bandwidth = 1e10;
  /// Seconds of a message, however short.
  double latency = 5e-6;
};

/// What the batches of an epoch come to, cut into so many shards.
struct ShardLoad {
  int64_t shards = 1;
  /// Shards of a batch that have anything to do, and the rows that each layer
  /// of such a shard computes, first layer first: means over the batches.
  double shardsOfBatch = 1;
  std::vector<double> rows;
  /// Of a batch, what all processes together bring to the gatherings of caches.
  double keyBytes = 0;
  double rowBytes = 0;
  /// Where processes share rows of nodes and caches, by their number: what one
  /// sends of them in a batch, a mean over batches and processes.
  struct SharedRows {
    double messages = 0;
    double bytes = 0;
  };
  std::map<int64_t, SharedRows> sharedRows;
};

/// What a process takes for its part of a step.
struct ShardCosts {
  int64_t batches = 0;
  /// Of a shard: index work, which another thread does, and computing.
  StepCost preparation, computation;
  /// Of a batch, what all do alike: the states and the optimizer's step.
  double restSeconds = 0;
  /// What a process sends of its own in a batch's sums, in so many messages,
  /// and whether caches are kept.
  int64_t sumMessages = 1;
  int64_t gradientBytes = 0;
  int64_t countBytes = 0;
  bool keepsCaches = false;
};

/// What a step and an epoch of training come to on so many processes.
struct ProcessPoint {
  int64_t processes = 1;
  int64_t shards = 1;
  /// That a process sends in a step: means over steps and processes.
  double messages = 0;
  double bytes = 0;
  /// The same of rows of nodes and caches that others have, which are fetched
  /// while the step before computes.
  double rowMessages = 0;
  double rowBytes = 0;
  /// Of a step: the process's own shards, what all do alike, the network; and
  /// the fetching of rows.
  double shardSeconds = 0;
  double restSeconds = 0;
  double networkSeconds = 0;
  double rowSeconds = 0;
  /// Of training alone.
  double epochSeconds = 0;
};

/// What `processes`, a power of two that divides the load's shards, take.
ProcessPoint predictProcesses(const ShardCosts &costs, const ShardLoad &load,
                              const Network &network, int64_t processes);

struct ProcessPlan {
  ShardCosts costs;
  /// In the order that was asked for.
  std::vector<ProcessPoint> points;
};

/// Predicts epochs of training on each number of `processes`, powers of two, in
/// `options.shards`, or in one shard a process. Steps of several numbers of
/// shards are run here and measured; the rows of the others are counted.
/// `model` is compiled for shards. Errors: as of Trainer::create().
StatusOr<ProcessPlan>
planProcesses(const std::shared_ptr<const EventStream> &stream,
              const std::shared_ptr<const CompiledModel> &model,
              const TrainOptions &options, const Network &network,
              std::span<const int64_t> processes);

} // namespace orcinus

#endif // RUNTIME_TRAIN_PROCESSPLAN_H
