//===- ProtocolEvaluation.cpp - eval under a protocol ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProtocolEvaluation.h"

#include "NumberOption.h"
#include "Options.h"
#include "lib/Graph/AtomicFile.h"
#include "lib/Support/Json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <ctime>

using namespace orcinus;
using nlohmann::ordered_json;

std::vector<CLI::Option *>
orcinus::addProtocolOptions(CLI::App &command, ProtocolArguments &arguments) {
  return {
      command
          .add_option("--protocol", arguments.protocol,
                      "What is evaluated and how: orca, dyglib or tgb")
          ->check(CLI::IsMember({"orca", "dyglib", "tgb"})),
      command
          .add_option("--negatives", arguments.negatives,
                      "What events are compared with: random, historical, "
                      "inductive, all, or a file of them; by the protocol "
                      "if empty")
          ->type_name(inputFile),
      addNumber(command, "--negatives-per-event", arguments.negativesPerEvent,
                1, 1 << 24, "How many, where the protocol leaves a choice"),
      command
          .add_option("--new-nodes", arguments.newNodes,
                      "A file of the nodes that dyglib keeps from training, "
                      "in place of those that it draws")
          ->type_name(inputFile),
      addNumber(command, "--eval-batch", arguments.batchSize, 1, 1 << 20,
                "Events of a batch"),
      command
          .add_option("--lag", arguments.lag,
                      "What is known of an event's past: all before its batch, "
                      "or all before its timestamp")
          ->check(CLI::IsMember({"batch", "timestamp"})),
      addNumber(command, "--score-every", arguments.scoreEvery, 1, 1 << 30,
                "Score one of each N consecutive events, where all take too "
                "long; the states take in all")};
}

StateLag orcinus::lagOf(const ProtocolArguments &arguments) {
  return arguments.lag == "timestamp" ? StateLag::Timestamp : StateLag::Batch;
}

StatusOr<Protocol> orcinus::chooseProtocol(const EventStream &stream,
                                           const ProtocolArguments &arguments) {
  StatusOr<Protocol> protocol = createProtocol(stream, arguments);
  if (protocol.ok())
    for (const std::string &line : protocol->describe())
      fmt::print("{}\n", line);
  return protocol;
}

//===----------------------------------------------------------------------===//
// Figures
//===----------------------------------------------------------------------===//

static void printFigures(const char *name, const LinkMetrics &metrics) {
  fmt::print("{}: {} events, AP {:.4f} AUC {:.4f} by batch", name,
             metrics.events, metrics.averagePrecision, metrics.areaUnderCurve);
  if (!std::isnan(metrics.splitAveragePrecision))
    fmt::print(", AP {:.4f} AUC {:.4f} over the split",
               metrics.splitAveragePrecision, metrics.splitAreaUnderCurve);
  if (!std::isnan(metrics.meanReciprocalRank))
    fmt::print(", MRR {:.4f} Hits@1 {:.4f} @3 {:.4f} @10 {:.4f} NDCG@10 "
               "{:.4f}",
               metrics.meanReciprocalRank, metrics.hits1, metrics.hits3,
               metrics.hits10, metrics.gain10);
  fmt::print("\n");
}

static void printResult(const ProtocolResult &result) {
  if (result.validation) {
    printFigures("validation", result.validation->all);
    printFigures("validation, new nodes", result.validation->newNodes);
  }
  printFigures("test", result.test.all);
  printFigures("test, new nodes", result.test.newNodes);
}

static std::string protocolLine(const std::string &model,
                                const ProtocolArguments &arguments,
                                const ProtocolResult &result,
                                double processorSeconds) {
  ordered_json line = {{"event", "test"},
                       {"model", model},
                       {"protocol", arguments.protocol},
                       {"lag", arguments.lag}};
  if (arguments.scoreEvery > 1)
    line["score_every"] = arguments.scoreEvery;
  for (const Figure &figure : figuresOf(result))
    if (figure.name.find("events") == std::string::npos)
      line[figure.name] = figure.value;
    else
      line[figure.name] = static_cast<int64_t>(figure.value);
  line["processor_seconds"] = processorSeconds;
  return printJson(line);
}

Status orcinus::writeMetrics(const std::string &path, const std::string &line) {
  return path.empty() ? Status() : writeWholeFile(path, line + "\n");
}

Status orcinus::evaluateUnderProtocol(const EvaluatedModel &model,
                                      const EventStream &stream,
                                      const Protocol &protocol,
                                      PairScorer &scorer,
                                      const ProtocolArguments &arguments,
                                      const std::string &metricsFile) {
  fmt::print("model {}; each event from the state before its {}\n",
             model.description, arguments.lag);
  if (arguments.scoreEvery > 1)
    fmt::print("a sample: one of {} events is scored\n", arguments.scoreEvery);
  if (protocol.strategy() != NegativeStrategy::File &&
      std::ranges::all_of(stream.destination, [&](int32_t node) {
        return node == stream.destination[0];
      }))
    warn("all events have one destination: no other can be their negative, so "
         "that the figures say nothing");
  std::clock_t begin = std::clock();
  auto result = evaluateScorer(
      stream, protocol, scorer,
      {lagOf(arguments), model.validation, arguments.scoreEvery});
  if (!result.ok())
    return result.status();
  double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  printResult(*result);
  fmt::print("{:.1f} s of processor time\n", seconds);
  return writeMetrics(metricsFile,
                      protocolLine(model.name, arguments, *result, seconds));
}
