//===- HeuristicEvaluation.cpp - eval of models without parameters --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HeuristicEvaluation.h"

#include "NumberOption.h"
#include "orcinus/Runtime/DividedScorer.h"

#include <fmt/format.h>

using namespace orcinus;

CLI::Option *orcinus::addHeuristicOptions(CLI::App &command,
                                          HeuristicOptions &arguments) {
  CLI::Option *model =
      command
          .add_option("--model", arguments.model,
                      "In place of a checkpoint, a model without parameters: "
                      "edgebank, poptrack or recency")
          ->check(CLI::IsMember({"edgebank", "poptrack", "recency"}));
  command
      .add_option("--edgebank-mode", arguments.edgeBankMode,
                  "Which pairs the bank holds: unlimited, window-fixed, "
                  "window-repeat and threshold as in DyGLib, window-span as in "
                  "TGB")
      ->check(CLI::IsMember({"unlimited", "window-fixed", "window-repeat",
                             "window-span", "threshold"}))
      ->needs(model);
  command
      .add_option("--recency-order", arguments.recencyOrder,
                  "The keys that order candidates, the first one first: lr and "
                  "gr, when the pair and the destination were last seen, lp "
                  "and gp, how often")
      ->needs(model);
  addNumber(command, "--poptrack-decay", arguments.popTrackDecay, 0, 1,
            "What a batch leaves of a destination's popularity")
      ->needs(model);
  return model;
}

/// An error for an option of another model.
static Status checkOptionsOf(const CLI::App &command,
                             const std::string &model) {
  constexpr std::pair<const char *, const char *> owners[] = {
      {"--edgebank-mode", "edgebank"},
      {"--recency-order", "recency"},
      {"--poptrack-decay", "poptrack"}};
  for (const auto &[option, owner] : owners)
    if (command.count(option) != 0 && model != owner)
      return Status::error(fmt::format("{} is for --model {}", option, owner));
  return Status();
}

static std::string describe(const HeuristicOptions &arguments) {
  if (arguments.model == "poptrack")
    return fmt::format("poptrack, decay {}", arguments.popTrackDecay);
  if (arguments.model == "recency")
    return fmt::format("recency, order {}", arguments.recencyOrder);
  return fmt::format("edgebank, {}", arguments.edgeBankMode);
}

Status orcinus::evaluateHeuristic(const CLI::App &command,
                                  const EventStream &stream,
                                  const HeuristicOptions &arguments,
                                  const ProtocolArguments &protocolArguments,
                                  const std::string &metricsFile,
                                  std::shared_ptr<Communicator> processes) {
  if (Status status = checkOptionsOf(command, arguments.model); !status.ok())
    return status;
  StatusOr<Protocol> protocol = chooseProtocol(stream, protocolArguments);
  if (!protocol.ok())
    return protocol.status();
  auto scorer = makeHeuristic(stream, protocol->split(), arguments);
  if (!scorer.ok())
    return scorer.status();
  auto divided = makeDividedScorer(std::move(*scorer), std::move(processes));
  return evaluateUnderProtocol({arguments.model, describe(arguments)}, stream,
                               *protocol, *divided, protocolArguments,
                               metricsFile);
}
