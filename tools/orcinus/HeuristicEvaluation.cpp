//===- HeuristicEvaluation.cpp - eval of models without parameters --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HeuristicEvaluation.h"

#include "NumberOption.h"
#include "orcinus/Evaluation/EdgeBank.h"
#include "orcinus/Evaluation/PopTrack.h"
#include "orcinus/Evaluation/RecencyRule.h"

#include <fmt/format.h>

using namespace orcinus;

CLI::Option *orcinus::addHeuristicOptions(CLI::App &command,
                                          HeuristicArguments &arguments) {
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

static EdgeBankMode modeOf(const std::string &name) {
  constexpr std::pair<const char *, EdgeBankMode> names[] = {
      {"window-fixed", EdgeBankMode::WindowFixed},
      {"window-repeat", EdgeBankMode::WindowRepeat},
      {"window-span", EdgeBankMode::WindowSpan},
      {"threshold", EdgeBankMode::Threshold}};
  for (const auto &[known, mode] : names)
    if (name == known)
      return mode;
  return EdgeBankMode::Unlimited;
}

static StatusOr<std::unique_ptr<PairScorer>>
makeScorer(const EventStream &stream, const Protocol &protocol,
           const HeuristicArguments &arguments) {
  if (arguments.model == "poptrack")
    return makePopTrack(stream, arguments.popTrackDecay);
  if (arguments.model == "recency") {
    auto order = parseRecencyOrder(arguments.recencyOrder);
    if (!order.ok())
      return order.status();
    return makeRecencyRule(stream, *order);
  }
  const std::vector<int32_t> &training = protocol.split().train;
  EdgeBankOptions options;
  options.mode = modeOf(arguments.edgeBankMode);
  options.trainingSpan = stream.timeScale.difference(
      stream.time[training.back()], stream.time[training.front()]);
  return makeEdgeBank(stream, options);
}

static std::string describe(const HeuristicArguments &arguments) {
  if (arguments.model == "poptrack")
    return fmt::format("poptrack, decay {}", arguments.popTrackDecay);
  if (arguments.model == "recency")
    return fmt::format("recency, order {}", arguments.recencyOrder);
  return fmt::format("edgebank, {}", arguments.edgeBankMode);
}

Status orcinus::evaluateHeuristic(const CLI::App &command,
                                  const EventStream &stream,
                                  const HeuristicArguments &arguments,
                                  const ProtocolArguments &protocolArguments,
                                  const std::string &metricsFile) {
  if (Status status = checkOptionsOf(command, arguments.model); !status.ok())
    return status;
  StatusOr<Protocol> protocol = chooseProtocol(stream, protocolArguments);
  if (!protocol.ok())
    return protocol.status();
  auto scorer = makeScorer(stream, *protocol, arguments);
  if (!scorer.ok())
    return scorer.status();
  return evaluateUnderProtocol({arguments.model, describe(arguments)}, stream,
                               *protocol, **scorer, protocolArguments,
                               metricsFile);
}
