//===- HeuristicEvaluation.h - eval of models without parameters -*- C++
//-*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_HEURISTICEVALUATION_H
#define TOOLS_ORCINUS_HEURISTICEVALUATION_H

#include "ProtocolEvaluation.h"

#include <CLI/CLI.hpp>

#include <string>

namespace orcinus {

/// A model that needs no checkpoint.
struct HeuristicArguments {
  /// Empty where a checkpoint is evaluated.
  std::string model;
  std::string edgeBankMode = "unlimited";
  std::string recencyOrder = "lr,gr";
  double popTrackDecay = 0.9;
};

/// Adds --model, which it returns, and what goes with it.
CLI::Option *addHeuristicOptions(CLI::App &command,
                                 HeuristicArguments &arguments);

/// Evaluates the model on `stream` and writes its metrics to `metricsFile`, if
/// not empty.
Status evaluateHeuristic(const CLI::App &command, const EventStream &stream,
                         const HeuristicArguments &arguments,
                         const ProtocolArguments &protocol,
                         const std::string &metricsFile);

} // namespace orcinus

#endif // TOOLS_ORCINUS_HEURISTICEVALUATION_H
