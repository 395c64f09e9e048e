//===- ShardForecast.h - What the shards of an epoch do ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_SHARDFORECAST_H
#define RUNTIME_TRAIN_SHARDFORECAST_H

#include "runtime/Train/ProcessPlan.h"
#include "runtime/Train/ShardRunner.h"

#include <cstdint>

namespace orcinus {

/// What batches in shards do in an epoch, and what some of their steps took.
struct ShardForecast {
  int64_t batches = 0;
  ShardLoad load;
  ShardTimes times;
  int64_t sumMessages = 0;
  int64_t gradientBytes = 0;
  bool keepsCaches = false;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_SHARDFORECAST_H
