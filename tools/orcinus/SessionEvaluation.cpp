//===- SessionEvaluation.cpp - eval of a checkpoint by a protocol ---------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SessionEvaluation.h"

#include "orcinus/Runtime/DividedScorer.h"
#include "orcinus/Runtime/SessionScorer.h"
#include "runtime/Train/RunSplit.h"

#include <fmt/format.h>

using namespace orcinus;

/// Fills in what was not given.
static void takeProtocolOfRun(const CLI::App &command,
                              const TrainOptions &stored,
                              ProtocolArguments &arguments) {
  if (command.count("--protocol") == 0)
    arguments.protocol = stored.protocol;
  if (command.count("--eval-batch") == 0)
    arguments.batchSize = stored.evaluationBatchSize;
  // What the run kept from training is what its model has not seen.
  if (stored.protocol == "orca")
    arguments.split = orcaSplitOf(stored);
}

/// A model may have been trained on what a protocol keeps from training.
static void warnOfNewNodes(const TrainOptions &stored,
                           const ProtocolArguments &arguments) {
  if (arguments.protocol == "tgb" ||
      (arguments.protocol == stored.protocol && arguments.newNodes.empty()))
    return;
  warn(fmt::format("the model was trained on the split of the protocol {}: it "
                   "may have seen nodes that are taken for new ones here",
                   stored.protocol));
}

/// Brings the states to where the test begins.
static Status beginTest(Session &session, const Protocol &protocol) {
  int64_t first = protocol.split().test.front();
  return session.stateEvents() == first ? Status() : session.replayTo(first);
}

Status orcinus::evaluateCheckpoint(const CLI::App &command,
                                   SessionCommandOptions options,
                                   ProtocolArguments arguments,
                                   const std::string &metricsFile,
                                   std::shared_ptr<Communicator> processes) {
  auto stored = readCheckpoint(options.checkpoint);
  if (!stored.ok())
    return stored.status();
  takeProtocolOfRun(command, stored->train, arguments);
  StateLag lag = lagOf(arguments);
  options.session.blockSize = lag == StateLag::Batch ? arguments.batchSize : 1;
  auto session = openSession(options, stdout);
  if (!session.ok())
    return session.status();
  StatusOr<Protocol> protocol = chooseProtocol(session->stream(), arguments);
  if (!protocol.ok())
    return protocol.status();
  warnOfNewNodes(stored->train, arguments);
  if (Status status = beginTest(*session, *protocol); !status.ok())
    return status;
  EvaluatedModel model{
      stored->compile.model,
      fmt::format("{} of '{}'", stored->compile.model, options.checkpoint),
      /*validation=*/false};
  auto scorer =
      makeDividedScorer(makeSessionScorer(*session, lag), std::move(processes));
  return evaluateUnderProtocol(model, session->stream(), *protocol, *scorer,
                               arguments, metricsFile);
}
