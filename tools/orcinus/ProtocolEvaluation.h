//===- ProtocolEvaluation.h - eval under a protocol -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_PROTOCOLEVALUATION_H
#define TOOLS_ORCINUS_PROTOCOLEVALUATION_H

#include "orcinus/Evaluation/Evaluator.h"
#include "orcinus/Evaluation/PairScorer.h"
#include "orcinus/Support/Status.h"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace orcinus {

/// What `orcinus eval` is told of a protocol.
struct ProtocolArguments : ProtocolRequest {
  std::string lag = "batch";
  int64_t scoreEvery = 1;
};

/// Adds --protocol and what goes with it; returns these options.
std::vector<CLI::Option *> addProtocolOptions(CLI::App &command,
                                              ProtocolArguments &arguments);

/// Makes the protocol that the arguments ask for, and prints what it sets.
StatusOr<Protocol> chooseProtocol(const EventStream &stream,
                                  const ProtocolArguments &arguments);

/// The lag that the arguments ask for.
StateLag lagOf(const ProtocolArguments &arguments);

/// Writes the line of a test's figures as the file `path`; nothing where that
/// is empty.
Status writeMetrics(const std::string &path, const std::string &line);

/// Who is evaluated.
struct EvaluatedModel {
  /// What metrics call it.
  std::string name;
  /// What a person is told.
  std::string description;
  /// Whether the validation is evaluated, too.
  bool validation = true;
};

/// Evaluates `scorer` on `stream`, prints the figures and writes them to
/// `metricsFile`, if that is not empty: a line of JSON with "ap", "mrr", … of
/// the test, "val_ap", … of the validation, each also "…_inductive" for events
/// with new nodes; null for what is not defined.
Status evaluateUnderProtocol(const EvaluatedModel &model,
                             const EventStream &stream,
                             const Protocol &protocol, PairScorer &scorer,
                             const ProtocolArguments &arguments,
                             const std::string &metricsFile);

} // namespace orcinus

#endif // TOOLS_ORCINUS_PROTOCOLEVALUATION_H
