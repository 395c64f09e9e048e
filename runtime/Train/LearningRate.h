//===- LearningRate.h - The learning rate of each step ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_LEARNINGRATE_H
#define RUNTIME_TRAIN_LEARNINGRATE_H

#include "orcinus/Runtime/Options.h"
#include "orcinus/Support/Status.h"

#include <cstdint>

namespace orcinus {

/// What is wrong with the schedule of `options`, if anything.
Status checkSchedule(const TrainOptions &options);

/// The learning rate of the step after `step` others of a run of `totalSteps`
/// (TrainOptions::schedule), where the schedule starts from `rate`. It depends
/// on these alone, so that a resumed run has the same ones.
double learningRateAt(const TrainOptions &options, double rate, int64_t step,
                      int64_t totalSteps);

} // namespace orcinus

#endif // RUNTIME_TRAIN_LEARNINGRATE_H
