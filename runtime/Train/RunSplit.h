//===- RunSplit.h - How a run divides its stream ----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_RUNSPLIT_H
#define RUNTIME_TRAIN_RUNSPLIT_H

#include "orcinus/Evaluation/Protocol.h"
#include "orcinus/Graph/Split.h"
#include "orcinus/Runtime/Options.h"

#include <cstdint>
#include <vector>

namespace orcinus {

/// How a run that has the options splits a stream under the protocol orca.
SplitOptions orcaSplitOf(const TrainOptions &options);

/// The protocol of a run: its split, its evaluation batches, negatives of its
/// own. Errors: an unknown protocol, a stream that cannot be split or leaves
/// nothing to evaluate.
StatusOr<Protocol> protocolOfRun(const EventStream &stream,
                                 const TrainOptions &options);

/// The split that the options ask for, by their protocol. Of a task that has
/// labels, training has all events, and the masked nodes are those whose labels
/// it has not. Errors: an unknown protocol, a stream that cannot be split.
StatusOr<Split> splitOfRun(const EventStream &stream,
                           const TrainOptions &options, bool hasLabels = false);

/// The negatives of the events that a run validates and tests on, one each,
/// where its protocol draws them itself in the run's evaluation batches: that
/// is DyGLib's. Else none: the trainer draws.
struct RunNegatives {
  std::vector<int32_t> validation;
  std::vector<int32_t> test;
};

/// Errors: as of splitOfRun().
StatusOr<RunNegatives> negativesOfRun(const EventStream &stream,
                                      const TrainOptions &options);

} // namespace orcinus

#endif // RUNTIME_TRAIN_RUNSPLIT_H
