//===- TrainOptionChecks.h - What options of a run may be ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_TRAINOPTIONCHECKS_H
#define RUNTIME_TRAIN_TRAINOPTIONCHECKS_H

#include "orcinus/Runtime/Options.h"
#include "orcinus/Support/Status.h"

#include <cstdint>

namespace orcinus {

/// What is wrong with `options` of a run of so many processes, if anything, as
/// far as it can be said without the stream and the model.
Status checkTrainOptions(const TrainOptions &options, int64_t processes);

/// Into how many shards `options` divide a run, or a test, of so many
/// processes.
int64_t shardsOf(const TrainOptions &options, int64_t processes);

} // namespace orcinus

#endif // RUNTIME_TRAIN_TRAINOPTIONCHECKS_H
