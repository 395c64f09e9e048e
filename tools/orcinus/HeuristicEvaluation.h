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
#include "orcinus/Evaluation/Heuristics.h"
#include "orcinus/Runtime/Communicator.h"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

namespace orcinus {

/// Adds --model, which it returns and which is empty where a checkpoint is
/// evaluated, and what goes with it.
CLI::Option *addHeuristicOptions(CLI::App &command,
                                 HeuristicOptions &arguments);

/// Evaluates the model on `stream` and writes its metrics to `metricsFile`, if
/// not empty.
Status evaluateHeuristic(const CLI::App &command, const EventStream &stream,
                         const HeuristicOptions &arguments,
                         const ProtocolArguments &protocol,
                         const std::string &metricsFile,
                         std::shared_ptr<Communicator> processes);

} // namespace orcinus

#endif // TOOLS_ORCINUS_HEURISTICEVALUATION_H
