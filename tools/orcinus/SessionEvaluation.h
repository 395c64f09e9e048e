//===- SessionEvaluation.h - eval of a checkpoint by a protocol -*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_SESSIONEVALUATION_H
#define TOOLS_ORCINUS_SESSIONEVALUATION_H

#include "ProtocolEvaluation.h"
#include "SessionOptions.h"
#include "orcinus/Runtime/Communicator.h"

#include <memory>
#include <string>

namespace orcinus {

/// Evaluates the checkpoint's model on the test of the protocol, and writes its
/// metrics to `metricsFile`, if that is not empty. What of the protocol the
/// command was not given is as the checkpoint's run had it.
Status evaluateCheckpoint(const CLI::App &command,
                          SessionCommandOptions options,
                          ProtocolArguments protocol,
                          const std::string &metricsFile,
                          std::shared_ptr<Communicator> processes);

} // namespace orcinus

#endif // TOOLS_ORCINUS_SESSIONEVALUATION_H
