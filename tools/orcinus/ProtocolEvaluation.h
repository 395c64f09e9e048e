//===- ProtocolEvaluation.h - eval under a protocol -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_PROTOCOLEVALUATION_H
#define TOOLS_ORCINUS_PROTOCOLEVALUATION_H

#include "orcinus/Evaluation/Evaluator.h"
#include "orcinus/Support/Status.h"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace orcinus {

/// What `orcinus eval` is told of a protocol.
struct ProtocolArguments {
  std::string protocol = "orca";
  std::string negatives;
  int64_t negativesPerEvent = 0;
  std::string newNodes;
  int64_t batchSize = 200;
  std::string lag = "batch";
};

/// Adds --protocol and what goes with it; returns these options.
std::vector<CLI::Option *> addProtocolOptions(CLI::App &command,
                                              ProtocolArguments &arguments);

/// Makes the protocol that the arguments ask for, and prints what it sets.
StatusOr<Protocol> chooseProtocol(const EventStream &stream,
                                  const ProtocolArguments &arguments);

/// The lag that the arguments ask for.
StateLag lagOf(const ProtocolArguments &arguments);

/// Prints the figures of validation and test.
void printResult(const ProtocolResult &result);

/// The JSON line of an evaluation of `model`, without its end: "ap", "mrr", …
/// of the test, "val_ap", … of the validation, each also "…_inductive" for
/// events with new nodes; null for what is not defined.
std::string metricsLine(const std::string &model,
                        const ProtocolArguments &arguments,
                        const ProtocolResult &result, double processorSeconds);

} // namespace orcinus

#endif // TOOLS_ORCINUS_PROTOCOLEVALUATION_H
