//===- Protocol.cpp - How models are compared -----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Evaluation/Protocol.h"

#include "PythonSample.h"
#include "orcinus/Sampling/NegativeSampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

using namespace orcinus;

static const char *protocolName(ProtocolKind kind) {
  switch (kind) {
  case ProtocolKind::Orca:
    return "orca";
  case ProtocolKind::Dyglib:
    return "dyglib";
  case ProtocolKind::Tgb:
    return "tgb";
  }
  return "";
}

StatusOr<ProtocolKind> orcinus::parseProtocol(const std::string &name) {
  for (ProtocolKind kind :
       {ProtocolKind::Orca, ProtocolKind::Dyglib, ProtocolKind::Tgb})
    if (name == protocolName(kind))
      return kind;
  return Status::error(
      fmt::format("there is no protocol '{}'; use orca, dyglib or tgb", name));
}

void orcinus::setNegatives(ProtocolOptions &options, const std::string &name) {
  constexpr std::pair<const char *, NegativeStrategy> names[] = {
      {"random", NegativeStrategy::Random},
      {"historical", NegativeStrategy::Historical},
      {"inductive", NegativeStrategy::Inductive},
      {"all", NegativeStrategy::AllOthers}};
  if (name.empty())
    return;
  options.negatives = NegativeStrategy::File;
  for (const auto &[known, strategy] : names)
    if (name == known)
      options.negatives = strategy;
  if (options.negatives == NegativeStrategy::File)
    options.negativesFile = name;
}

StatusOr<Protocol> orcinus::createProtocol(const EventStream &stream,
                                           const ProtocolRequest &request) {
  StatusOr<ProtocolKind> kind = parseProtocol(request.protocol);
  if (!kind.ok())
    return kind.status();
  ProtocolOptions options;
  options.kind = *kind;
  options.split = request.split;
  setNegatives(options, request.negatives);
  options.negativesPerEvent = request.negativesPerEvent;
  options.newNodesFile = request.newNodes;
  options.batchSize = request.batchSize;
  return Protocol::create(stream, options);
}

StatusOr<Protocol> Protocol::create(const EventStream &stream,
                                    const ProtocolOptions &options) {
  Protocol protocol(stream, options);
  if (Status status = protocol.chooseNegatives(); !status.ok())
    return status;
  if (Status status = protocol.prepare(); !status.ok())
    return status;
  return protocol;
}

//===----------------------------------------------------------------------===//
// Choices
//===----------------------------------------------------------------------===//

/// Fills in what the protocol has for itself. Errors: what it cannot use.
Status Protocol::chooseNegatives() {
  using enum NegativeStrategy;
  if (options.batchSize < 1)
    return Status::error(fmt::format("the batch size is {}; choose 1 or more",
                                     options.batchSize));
  if (!options.newNodesFile.empty() && options.kind != ProtocolKind::Dyglib)
    return Status::error(fmt::format(
        "new nodes from a file are for the protocol dyglib, not for {}",
        protocolName(options.kind)));
  bool isTgb = options.kind == ProtocolKind::Tgb;
  if (!options.negatives)
    options.negatives = isTgb ? AllOthers : Random;
  NegativeStrategy strategy = *options.negatives;
  bool fits = strategy == File || strategy == Random ||
              (strategy == Historical && options.kind != ProtocolKind::Orca) ||
              (strategy == Inductive && options.kind == ProtocolKind::Dyglib) ||
              (strategy == AllOthers && isTgb);
  if (!fits)
    return Status::error(fmt::format(
        "the protocol {} has no such negatives; orca has random ones, dyglib "
        "random, historical and inductive, tgb all, random and historical, and "
        "each takes a file",
        protocolName(options.kind)));
  bool draws = strategy == Random || strategy == Historical;
  bool hasChoice = draws && options.kind != ProtocolKind::Dyglib;
  if (options.negativesPerEvent != 0 && !hasChoice)
    return Status::error(fmt::format(
        "how many negatives an event has is not a choice with these negatives "
        "of the protocol {}",
        protocolName(options.kind)));
  if (hasChoice && options.negativesPerEvent == 0) {
    if (isTgb)
      return Status::error("say how many negatives an event has: TGB draws 20, "
                           "100 or 1000, by the data set");
    options.negativesPerEvent = 1;
  }
  return Status();
}

/// The names of nodes as numbers; DyGLib draws by the ids of the file.
static int64_t idOf(const EventStream &stream, int32_t node) {
  return stream.externalIds.empty() ? node : stream.externalIds[node];
}

/// Draws the nodes that training may not see as DyGLib does: a tenth of all
/// nodes with an event, out of those with one after the training cut.
static std::vector<uint8_t> drawAsDyglib(const EventStream &stream,
                                         size_t trainEnd) {
  std::vector<int64_t> sources, destinations;
  std::vector<uint8_t> occurs(static_cast<size_t>(stream.nodeCount), 0);
  for (size_t event = 0; event != stream.time.size(); ++event) {
    occurs[stream.source[event]] = occurs[stream.destination[event]] = 1;
    if (event < trainEnd)
      continue;
    sources.push_back(idOf(stream, stream.source[event]));
    destinations.push_back(idOf(stream, stream.destination[event]));
  }
  std::vector<int64_t> candidates =
      PythonSet(sources).unionWith(PythonSet(destinations)).elements();
  auto nodes = std::count(occurs.begin(), occurs.end(), 1);
  size_t wanted = std::min(
      candidates.size(), static_cast<size_t>(0.1 * static_cast<double>(nodes)));
  std::vector<int64_t> drawn = pythonSample(candidates, wanted, 2020);
  std::sort(drawn.begin(), drawn.end());
  std::vector<uint8_t> isNew(static_cast<size_t>(stream.nodeCount), 0);
  for (int32_t node = 0; node != stream.nodeCount; ++node)
    isNew[node] =
        std::binary_search(drawn.begin(), drawn.end(), idOf(stream, node));
  return isNew;
}

StatusOr<std::vector<uint8_t>> Protocol::findNewNodes() {
  if (options.kind == ProtocolKind::Tgb)
    return std::vector<uint8_t>(static_cast<size_t>(stream->nodeCount), 0);
  if (!options.newNodesFile.empty())
    return readNodeSet(*stream, options.newNodesFile);
  return drawAsDyglib(*stream,
                      countUpToQuantile(*stream, options.split.trainFraction));
}

Status Protocol::prepare() {
  if (options.kind != ProtocolKind::Orca)
    options.split = SplitOptions();
  StatusOr<Split> made = splitByTime(*stream, options.split);
  if (!made.ok())
    return made.status();
  if (options.kind != ProtocolKind::Orca) {
    StatusOr<std::vector<uint8_t>> newNodes = findNewNodes();
    if (!newNodes.ok())
      return newNodes.status();
    made = splitByTime(*stream, options.split, std::move(*newNodes));
    if (!made.ok())
      return made.status();
  }
  parts = std::move(*made);
  if (Status status = checkEvaluationSplits(parts, *stream); !status.ok())
    return status;
  if (*options.negatives != NegativeStrategy::File)
    return Status();
  auto read = readNegatives(*stream, options.negativesFile);
  if (!read.ok())
    return read.status();
  fileNegatives = std::move(*read);
  return Status();
}

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

static bool isValidation(EvaluationPart part) {
  return part == EvaluationPart::Validation ||
         part == EvaluationPart::NewNodeValidation;
}

static bool isNewNodePart(EvaluationPart part) {
  return part == EvaluationPart::NewNodeValidation ||
         part == EvaluationPart::NewNodeTest;
}

std::span<const int32_t> Protocol::events(EvaluationPart part) const {
  if (isNewNodePart(part))
    return newNodeEvents(part);
  return isValidation(part) ? parts.validation : parts.test;
}

std::span<const int32_t> Protocol::newNodeEvents(EvaluationPart part) const {
  return isValidation(part) ? parts.inductiveValidation : parts.inductiveTest;
}

bool Protocol::wantsRanks() const {
  return options.negatives == NegativeStrategy::File ||
         options.kind == ProtocolKind::Tgb || options.negativesPerEvent > 1;
}

std::shared_ptr<NegativeDraws>
Protocol::dyglibNegatives(EvaluationPart part) const {
  DyglibSampler sampler;
  if (isNewNodePart(part)) {
    std::span<const int32_t> own = events(part);
    sampler.events.assign(own.begin(), own.end());
  } else {
    sampler.events.resize(stream->time.size());
    std::iota(sampler.events.begin(), sampler.events.end(), 0);
  }
  // Validation knows the training events, the test those of validation, too.
  sampler.lastObserved =
      stream->time[isValidation(part) ? parts.train.back()
                                      : parts.validation.back()];
  sampler.seed =
      (isValidation(part) ? 0u : 2u) + (isNewNodePart(part) ? 1u : 0u);
  return makeDyglibNegatives(*stream, *options.negatives, std::move(sampler));
}

std::shared_ptr<NegativeDraws> Protocol::negatives(EvaluationPart part) const {
  if (fileNegatives)
    return fileNegatives;
  switch (options.kind) {
  case ProtocolKind::Orca:
    return makeOrcaNegatives(*stream,
                             negativeSeed(0, isValidation(part)
                                                 ? "validation negatives"
                                                 : "test negatives"),
                             options.negativesPerEvent);
  case ProtocolKind::Dyglib:
    return dyglibNegatives(part);
  case ProtocolKind::Tgb:
    return makeTgbNegatives(*stream, *options.negatives, parts.train,
                            /*seed=*/42, options.negativesPerEvent);
  }
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Description
//===----------------------------------------------------------------------===//

std::string Protocol::describeNegatives() const {
  switch (*options.negatives) {
  case NegativeStrategy::Random:
    if (options.kind == ProtocolKind::Dyglib)
      return "one random destination of all events for each event, or of the "
             "new-node events for these; numpy's draws with seeds 0 "
             "(validation), "
             "1 (its new-node events), 2 (test), 3 (its new-node events)";
    return options.kind == ProtocolKind::Tgb
               ? fmt::format("random destinations, {} for each event, seed 42",
                             options.negativesPerEvent)
               : fmt::format("random destinations, {} for each event, the "
                             "same in every run",
                             options.negativesPerEvent);
  case NegativeStrategy::Historical:
    if (options.kind == ProtocolKind::Tgb)
      return fmt::format(
          "{} destinations for each event, as far as possible half "
          "of them met in training by the source, seed 42",
          options.negativesPerEvent);
    return "one earlier pair for each event that is not met during its batch; "
           "DyGLib's distribution, but not its draws";
  case NegativeStrategy::Inductive:
    return "one earlier pair for each event that is neither met during its "
           "batch nor was before the part; DyGLib's distribution, but not its "
           "draws";
  case NegativeStrategy::AllOthers:
    return "all destinations but those that the source meets at that time";
  case NegativeStrategy::File:
    return fmt::format("from '{}'", options.negativesFile);
  }
  return "";
}

std::vector<std::string> Protocol::describe() const {
  double validationFrom = stream->seconds(parts.validation.front());
  double testFrom = stream->seconds(parts.test.front());
  size_t candidates = countUpToQuantile(*stream, options.split.trainFraction);
  std::string masks;
  if (options.kind == ProtocolKind::Tgb)
    masks = "no node is kept from training";
  else
    masks = fmt::format(
        "{} nodes are kept from training, {}",
        std::count(parts.maskedNodes.begin(), parts.maskedNodes.end(), 1),
        options.kind == ProtocolKind::Orca
            ? fmt::format("seed {}", options.split.seed)
        : options.newNodesFile.empty()
            ? "as DyGLib draws them"
            : fmt::format("from '{}'", options.newNodesFile));
  return {
      fmt::format(
          "protocol {}: {} events to train on of {}, {} to validate "
          "from {} s ({} with new nodes), {} to test from {} s ({} with "
          "new nodes); {}",
          protocolName(options.kind), parts.train.size(), candidates,
          parts.validation.size(), validationFrom,
          parts.inductiveValidation.size(), parts.test.size(), testFrom,
          parts.inductiveTest.size(), masks),
      fmt::format("negatives: {}", describeNegatives()),
      fmt::format("batches of {} events; {}", options.batchSize,
                  hasNewNodeParts()
                      ? "new-node events are evaluated by themselves, from the "
                        "state at the part's start"
                      : "new-node events are counted within their batches")};
}
