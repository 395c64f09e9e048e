//===- TrainOptionChecks.cpp - What options of a run may be ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/TrainOptionChecks.h"

#include "runtime/Train/LearningRate.h"

#include <fmt/format.h>

#include <cmath>

using namespace orcinus;

int64_t orcinus::shardsOf(const TrainOptions &options, int64_t processes) {
  const std::optional<int64_t> &wanted =
      options.evaluationShards ? options.evaluationShards : options.shards;
  return wanted.value_or(processes);
}

Status orcinus::checkTrainOptions(const TrainOptions &options,
                                  int64_t processes) {
  auto reject = [](auto what, auto value, auto wanted) {
    return Status::error(
        fmt::format("{} is {}, but must be {}", what, value, wanted));
  };
  if (options.epochs < 1)
    return reject("the number of epochs", options.epochs, "1 or more");
  if (options.batchSize < 1 || options.batchSize > 1 << 20)
    return reject("the batch size", options.batchSize, "from 1 to 1048576");
  if (options.evaluationBatchSize < 1 || options.evaluationBatchSize > 1 << 20)
    return reject("the evaluation batch size", options.evaluationBatchSize,
                  "from 1 to 1048576");
  if (double rate = options.learningRate.value_or(0);
      !std::isfinite(rate) || rate < 0)
    return reject("the learning rate", rate, "a number, 0 or more");
  if (Status status = checkSchedule(options); !status.ok())
    return status;
  if (options.threads < 0 || options.threads > 4096)
    return reject("the number of threads", options.threads,
                  "from 1 to 4096, or 0 for one a CPU");
  if (options.patience < 0)
    return reject("the patience", options.patience, "0 or more");
  if (!(options.secondsBefore >= 0))
    return reject("the time spent before", options.secondsBefore, "0 or more");
  if (int64_t samples = options.stalenessSamples.value_or(0); samples < 0)
    return reject("the number of batches whose staleness is measured", samples,
                  "0 or more");
  if (options.state != "replicated" && options.state != "sharded")
    return Status::error(fmt::format(
        "the state is '{}', but must be replicated or sharded", options.state));
  int64_t shards = shardsOf(options, processes);
  auto isPower = [](int64_t number) {
    return number > 0 && (number & (number - 1)) == 0;
  };
  if (!isPower(shards) || !isPower(processes) || shards % processes != 0)
    return Status::error(fmt::format(
        "{} shards on {} processes: both are powers of two, and the processes "
        "divide the shards",
        shards, processes));
  return Status();
}
