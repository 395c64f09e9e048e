//===- Manifest.h - What a program's arguments are --------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_MANIFEST_H
#define RUNTIME_TRAIN_MANIFEST_H

#include "lib/Support/StepCount.h"
#include "orcinus/Reuse/EmbeddingKey.h"
#include "orcinus/Reuse/ReplacementPolicy.h"
#include "orcinus/Runtime/Device.h"
#include "orcinus/Support/Status.h"
#include "runtime/Abi/MemrefDescriptor.h"
#include "runtime/Prepare/Component.h"
#include "runtime/Prepare/Mailbox.h"
#include "runtime/Prepare/WalkMatrices.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace orcinus {

/// A parameter of the model.
struct ParameterSpecification {
  std::string name;
  std::vector<int64_t> shape;
  /// One of docs/abi.md's initializers.
  std::string initializer;
};

/// A state: one row a node, and the dense part of its pending message.
struct StateSpecification {
  std::string name;
  int64_t width = 0;
  int64_t messageWidth = 0;
};

/// Walk matrices, which forget all events at an epoch's start.
struct WalkSpecification {
  std::string name;
  WalkOptions options;
};

/// A mailbox, which is empty at an epoch's start: [slots, width] a node.
struct MailboxSpecification {
  std::string name;
  int64_t width = 0;
  MailboxOptions options;
};

/// A cache of embeddings, cleared at an epoch's start.
struct CacheSpecification {
  std::string name;
  int64_t width = 0;
  /// What names its entries.
  NeighbourTime key = NeighbourTime::Query;
  /// Whether a neighbour that is neither fresh nor cached is computed; else it
  /// reads zeros.
  bool recomputesMisses = false;
  /// Whether neighbours have rows of their own, apart from those of targets.
  bool separate = false;
  /// Rows; none for a cache that holds all that can be read.
  std::optional<int32_t> capacity;
  /// Whether training gives it a capacity, by dividing one memory among all
  /// caches.
  bool sharesMemory = false;
  /// Of a cache with a capacity.
  PolicyKind policy = PolicyKind::MinimumReuseDistance;
  /// In batches: an older entry counts as uncached.
  int32_t maxAge = unlimitedAge;

  /// Whether the two can be planned together: what one does not hold is
  /// computed, and reads the next one down.
  bool plansWith(const CacheSpecification &other) const {
    return key == other.key && recomputesMisses == other.recomputesMisses &&
           separate == other.separate &&
           capacity.has_value() == other.capacity.has_value() &&
           policy == other.policy && maxAge == other.maxAge;
  }
};

/// What an argument is bound to; see the table of docs/abi.md.
enum class BindingKind : uint8_t {
  Parameter,
  FirstMoment,
  SecondMoment,
  Velocity,
  Gradient,
  Prepared,
  State,
  Message,
  Mail,
  Cache,
  EdgeFeatures,
  NodeFeatures,
  Table,
  LearningRate,
  Step,
  DropoutSeed,
  Output,
};

/// A table of a prepare function.
struct TableName {
  int32_t handle = 0;
  Component component = Component::Nodes;
};

/// `factor` times a count of the step, or the rows of a table.
struct ExtentTerm {
  int64_t factor = 1;
  std::variant<StepCount, TableName> of;
};

/// An extent of an output: the sum of its terms, or a number where it has none.
struct OutputExtent {
  int64_t number = 0;
  std::vector<ExtentTerm> terms;
};

/// An argument of a step function.
struct ArgumentSpecification {
  /// As the manifest spells it, for messages.
  std::string binding;
  BindingKind kind = BindingKind::Parameter;
  /// Of a parameter, moment, state, message, mailbox or cache; of an output its
  /// role, of what was prepared its number.
  std::string name;
  /// Of a table; and, where its elements are rows of nodes, of a mailbox or of
  /// a cache, "nodes" or the binding of these.
  TableName table;
  std::string rowsOf;
  /// Of a gradient that is added over shards, which sum it is part of.
  std::optional<int32_t> sum;
  ElementType type = ElementType::F32;
  /// -1 for a dynamic extent; absent for a scalar that is passed by its bare
  /// address.
  std::optional<std::vector<int64_t>> shape;
  /// Of an output, in place of a shape.
  std::vector<OutputExtent> extents;
};

/// A step function.
struct FunctionSpecification {
  std::string name;
  std::vector<ArgumentSpecification> arguments;
};

/// The manifest of docs/abi.md.
struct Manifest {
  std::string model;
  /// Where step functions compute, and find what they compute with.
  DeviceKind target = DeviceKind::Host;
  /// Neighbours that a query samples.
  int32_t neighbours = 0;
  /// The named sizes and the dropout rates that the program was compiled with.
  std::map<std::string, int64_t> sizes;
  std::vector<double> dropout;
  /// The optimizer with its settings, as the manifest has it, and the learning
  /// rate that training takes where it is given none; empty for Adam as it is.
  std::string optimizer;
  /// What the parameters of a task's head are named by; empty for link
  /// prediction.
  std::string head;
  double learningRate = 1e-4;
  /// A digest of the schedules that came from a tuning database; empty where
  /// none did.
  std::string tunedDigest;
  std::vector<ParameterSpecification> parameters;
  std::vector<StateSpecification> states;
  std::vector<WalkSpecification> walks;
  std::vector<MailboxSpecification> mailboxes;
  std::vector<CacheSpecification> caches;
  std::vector<FunctionSpecification> functions;

  /// Null where there is none of that name.
  const FunctionSpecification *function(std::string_view name) const;
};

/// Parses a manifest. Errors: text that is not what docs/abi.md says, or of
/// another version; the message names the place.
StatusOr<Manifest> parseManifest(const std::string &text);

} // namespace orcinus

#endif // RUNTIME_TRAIN_MANIFEST_H
