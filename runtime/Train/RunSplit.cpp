//===- RunSplit.cpp - How a run divides its stream ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/RunSplit.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

using namespace orcinus;

SplitOptions orcinus::orcaSplitOf(const TrainOptions &options) {
  SplitOptions split;
  split.trainFraction = options.trainFraction;
  split.validationFraction = options.validationFraction;
  split.maskedNodeFraction =
      options.maskedNodeFraction.value_or(split.maskedNodeFraction);
  split.seed = options.seed;
  return split;
}

StatusOr<Protocol> orcinus::protocolOfRun(const EventStream &stream,
                                          const TrainOptions &options) {
  StatusOr<ProtocolKind> kind = parseProtocol(options.protocol);
  if (!kind.ok())
    return kind.status();
  ProtocolOptions choice;
  choice.kind = *kind;
  choice.split = orcaSplitOf(options);
  choice.batchSize = options.evaluationBatchSize;
  return Protocol::create(stream, choice);
}

/// All events are trained on; the nodes are masked whose labels are not.
static StatusOr<Split> splitForLabels(const EventStream &stream,
                                      const TrainOptions &options) {
  SplitOptions how = orcaSplitOf(options);
  how.maskedNodeFraction = options.maskedNodeFraction.value_or(0);
  StatusOr<std::vector<uint8_t>> masked = drawMaskedNodes(stream, how);
  if (!masked.ok())
    return masked.status();
  StatusOr<Split> split =
      splitByTime(stream, how, std::vector<uint8_t>(masked->size(), 0));
  if (split.ok())
    split->maskedNodes = std::move(*masked);
  return split;
}

StatusOr<Split> orcinus::splitOfRun(const EventStream &stream,
                                    const TrainOptions &options,
                                    bool hasLabels) {
  if (hasLabels)
    return splitForLabels(stream, options);
  if (options.protocol == "orca")
    return splitByTime(stream, orcaSplitOf(options));
  StatusOr<Protocol> protocol = protocolOfRun(stream, options);
  if (!protocol.ok())
    return protocol.status();
  return protocol->split();
}

/// All negatives of a part, one an event, drawn in the protocol's batches.
static StatusOr<std::vector<int32_t>> drawAll(const Protocol &protocol,
                                              EvaluationPart part) {
  std::vector<int32_t> result;
  std::shared_ptr<NegativeDraws> draws = protocol.negatives(part);
  std::span<const int32_t> rest = protocol.events(part);
  NegativeBatch drawn;
  while (!rest.empty()) {
    size_t count =
        std::min(rest.size(), static_cast<size_t>(protocol.batchSize()));
    if (Status status = draws->draw(rest.first(count), drawn); !status.ok())
      return status;
    result.insert(result.end(), drawn.destinations.begin(),
                  drawn.destinations.end());
    rest = rest.subspan(count);
  }
  return result;
}

StatusOr<RunNegatives> orcinus::negativesOfRun(const EventStream &stream,
                                               const TrainOptions &options) {
  RunNegatives result;
  if (options.protocol != "dyglib")
    return result;
  StatusOr<Protocol> protocol = protocolOfRun(stream, options);
  if (!protocol.ok())
    return protocol.status();
  auto validation = drawAll(*protocol, EvaluationPart::Validation);
  auto test = drawAll(*protocol, EvaluationPart::Test);
  for (const auto &each : {&validation, &test})
    if (!each->ok())
      return each->status();
  result.validation = std::move(*validation);
  result.test = std::move(*test);
  return result;
}
