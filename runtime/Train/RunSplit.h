//===- RunSplit.h - How a run divides its stream ----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_RUNSPLIT_H
#define RUNTIME_TRAIN_RUNSPLIT_H

#include "orcinus/Graph/Split.h"
#include "orcinus/Runtime/Options.h"

namespace orcinus {

/// The split that the options ask for, by their protocol. Errors: an unknown
/// protocol, a stream that cannot be split.
StatusOr<Split> splitOfRun(const EventStream &stream,
                           const TrainOptions &options);

} // namespace orcinus

#endif // RUNTIME_TRAIN_RUNSPLIT_H
