//===- LearningRate.cpp - The learning rate of each step ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/LearningRate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace orcinus;

Status orcinus::checkSchedule(const TrainOptions &options) {
  const std::string schedule = options.schedule.value_or("constant");
  bool decays = schedule == "cosine" || schedule == "step";
  if (!decays && schedule != "constant")
    return Status::error(fmt::format(
        "there is no learning-rate schedule '{}': choose constant, cosine or "
        "step",
        schedule));
  if (options.warmupSteps.value_or(0) < 0)
    return Status::error(
        fmt::format("the number of warm-up steps is {}, but must be 0 or more",
                    *options.warmupSteps));
  if (options.decaySteps && *options.decaySteps < 1)
    return Status::error(
        fmt::format("the number of decay steps is {}, but must be 1 or more",
                    *options.decaySteps));
  double factor = options.decayFactor.value_or(0);
  if (!(factor >= 0 && factor <= 1))
    return Status::error(
        fmt::format("the decay factor is {}, but must be from 0 to 1", factor));
  if (!decays && (options.decaySteps || options.decayFactor))
    return Status::error("decay steps and a decay factor are for the schedules "
                         "cosine and step");
  if (schedule == "step" && !options.decaySteps)
    return Status::error("the schedule step needs a number of decay steps");
  return Status();
}

double orcinus::learningRateAt(const TrainOptions &options, double rate,
                               int64_t step, int64_t totalSteps) {
  int64_t warmup = options.warmupSteps.value_or(0);
  if (step < warmup)
    return rate * static_cast<double>(step + 1) / static_cast<double>(warmup);
  int64_t since = step - warmup;
  if (options.schedule == "step") {
    int64_t decays = since / *options.decaySteps;
    return rate * std::pow(options.decayFactor.value_or(0.1),
                           static_cast<double>(decays));
  }
  if (options.schedule != "cosine")
    return rate;
  int64_t length =
      options.decaySteps.value_or(std::max<int64_t>(totalSteps - warmup, 1));
  double part =
      std::min(static_cast<double>(since) / static_cast<double>(length), 1.0);
  double least = options.decayFactor.value_or(0);
  return rate *
         (least + (1 - least) * 0.5 * (1 + std::cos(std::numbers::pi * part)));
}
