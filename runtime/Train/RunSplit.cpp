//===- RunSplit.cpp - How a run divides its stream ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/RunSplit.h"

#include "orcinus/Evaluation/Protocol.h"

using namespace orcinus;

StatusOr<Split> orcinus::splitOfRun(const EventStream &stream,
                                    const TrainOptions &options) {
  if (options.protocol == "orca") {
    SplitOptions split;
    split.trainFraction = options.trainFraction;
    split.validationFraction = options.validationFraction;
    split.maskedNodeFraction = options.maskedNodeFraction;
    split.seed = options.seed;
    return splitByTime(stream, split);
  }
  ProtocolOptions choice;
  StatusOr<ProtocolKind> kind = parseProtocol(options.protocol);
  if (!kind.ok())
    return kind.status();
  choice.kind = *kind;
  StatusOr<Protocol> protocol = Protocol::create(stream, choice);
  if (!protocol.ok())
    return protocol.status();
  return protocol->split();
}
