//===- Protocol.h - How models are compared ---------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_EVALUATION_PROTOCOL_H
#define ORCINUS_EVALUATION_PROTOCOL_H

#include "orcinus/Evaluation/Negatives.h"
#include "orcinus/Graph/EventStream.h"
#include "orcinus/Graph/Split.h"
#include "orcinus/Support/Status.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace orcinus {

enum class ProtocolKind : uint8_t {
  /// What `Trainer` does.
  Orca,
  /// DyGLib's (Yu et al., "Towards better dynamic graph learning", NeurIPS
  /// 2023).
  Dyglib,
  /// The Temporal Graph Benchmark's (Huang et al., NeurIPS 2023).
  Tgb,
};

/// What of a protocol is chosen; the rest is fixed.
struct ProtocolOptions {
  ProtocolKind kind = ProtocolKind::Orca;
  /// How `Orca` splits; the others have splits of their own.
  SplitOptions split;
  /// The protocol's own where empty: random ones, but all others for `Tgb`.
  std::optional<NegativeStrategy> negatives;
  /// For `NegativeStrategy::File`.
  std::string negativesFile;
  /// How many negatives an event has; 0 for the protocol's own number. Only
  /// `Orca` and the strategies of `Tgb` that draw have a choice.
  int64_t negativesPerEvent = 0;
  /// A file of the nodes that `Dyglib` keeps from training; where empty, they
  /// are drawn as DyGLib does.
  std::string newNodesFile;
  /// Events of a batch.
  int64_t batchSize = 200;
};

/// The parts of a stream that figures are given for.
enum class EvaluationPart : uint8_t {
  Validation,
  Test,
  /// The events of these with a node that training never saw, as sequences of
  /// their own with batches and negatives of their own (`Dyglib` alone).
  NewNodeValidation,
  NewNodeTest,
};

/// The split, the batches and the negatives of an evaluation. The stream must
/// outlive the protocol.
class Protocol {
public:
  /// Errors: a stream that cannot be split, an option that the protocol has no
  /// use for, a file that cannot be read.
  static StatusOr<Protocol> create(const EventStream &stream,
                                   const ProtocolOptions &options);

  const Split &split() const { return parts; }
  int64_t batchSize() const { return options.batchSize; }
  NegativeStrategy strategy() const { return *options.negatives; }

  /// The events of a part, ascending.
  std::span<const int32_t> events(EvaluationPart part) const;
  /// Those of them with a node that training never saw.
  std::span<const int32_t> newNodeEvents(EvaluationPart part) const;

  /// The negatives of a part from its first batch on.
  std::shared_ptr<NegativeDraws> negatives(EvaluationPart part) const;

  /// Whether new-node events are a part of their own. Else they are counted
  /// where they lie within validation and test.
  bool hasNewNodeParts() const { return options.kind == ProtocolKind::Dyglib; }

  /// Whether figures over a whole split are given beside the means over
  /// batches.
  bool wantsSplitFigures() const { return options.kind != ProtocolKind::Tgb; }

  /// Whether events are ranked among their negatives: there are several, and
  /// all with the event's source.
  bool wantsRanks() const;

  /// What the protocol sets, for a person, in lines.
  std::vector<std::string> describe() const;

private:
  Protocol(const EventStream &stream, const ProtocolOptions &options)
      : stream(&stream), options(options) {}

  Status chooseNegatives();
  StatusOr<std::vector<uint8_t>> findNewNodes();
  Status prepare();
  std::shared_ptr<NegativeDraws> dyglibNegatives(EvaluationPart part) const;
  std::string describeNegatives() const;

  const EventStream *stream;
  ProtocolOptions options;
  Split parts;
  std::shared_ptr<NegativeDraws> fileNegatives;
};

/// Reads "orca", "dyglib" or "tgb". Errors: another name.
StatusOr<ProtocolKind> parseProtocol(const std::string &name);

/// Sets the negatives of `options`: "random", "historical", "inductive" or
/// "all", or those of a file; an empty name leaves the protocol its own.
void setNegatives(ProtocolOptions &options, const std::string &name);

/// A protocol as people name it; what is not said here is as of
/// ProtocolOptions.
struct ProtocolRequest {
  std::string protocol = "orca";
  /// As of setNegatives().
  std::string negatives;
  int64_t negativesPerEvent = 0;
  std::string newNodes;
  int64_t batchSize = 200;
  /// How the protocol orca splits.
  SplitOptions split;
};

/// Errors: an unknown protocol, and those of Protocol::create().
StatusOr<Protocol> createProtocol(const EventStream &stream,
                                  const ProtocolRequest &request);

} // namespace orcinus

#endif // ORCINUS_EVALUATION_PROTOCOL_H
