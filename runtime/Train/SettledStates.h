//===- SettledStates.h - States with their messages applied -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_SETTLEDSTATES_H
#define RUNTIME_TRAIN_SETTLEDSTATES_H

#include "orcinus/Graph/EventStream.h"
#include "orcinus/Support/Status.h"
#include "runtime/Train/Invocation.h"
#include "runtime/Train/Manifest.h"
#include "runtime/Train/ModelState.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace orcinus {

/// The node states that queries read: those of another ModelState, which they
/// follow, with each pending message applied. A query would apply the messages
/// of all nodes that it reads, again and again; here each is applied once, by
/// the same function that takes events in, so that the values are the same.
class SettledStates {
public:
  /// Follows `followed`, which must outlive it and stay where it is; its
  /// parameters do not change.
  SettledStates(const Manifest &manifest, const ModelState &followed);

  /// Whether a model gains by it: one that has messages, and whose other states
  /// that the index work knows would not have to be kept twice.
  static bool isWorthwhile(const Manifest &manifest) {
    return manifest.function("advance_step") && !manifest.states.empty() &&
           manifest.walks.empty() && manifest.mailboxes.empty();
  }

  /// What functions that answer queries are bound to; settle() makes it so.
  ModelState &state() { return settled; }

  /// Makes room for as many nodes as the followed state has. Functions must be
  /// bound again.
  void growNodes();
  Status bind(const CompiledModel &model, const Manifest &manifest,
              FeatureArguments &features);

  /// Says that the followed state was put in the place of another.
  void replaced() { isReplaced = true; }
  /// Says that it has taken `events` in.
  void tookIn(const EventStream &stream, std::span<const int32_t> events);

  /// Applies what messages came since the last time. `input` has the stream,
  /// the graph and the threads. After an error nothing holds.
  Status settle(const StepInput &input);

private:
  void note(int32_t node);
  void takeAll();
  void takeRows(int32_t node);
  Status settleEvents(StepInput input, std::span<const int32_t> events);

  const ModelState &followed;
  ModelState settled;
  /// Takes events into `settled`, which applies the messages of their ends.
  std::unique_ptr<Invocation> advancer;
  bool isReplaced = true;
  /// Nodes with a message that was not applied, and a flag for each node.
  std::vector<int32_t> unsettled;
  std::vector<uint8_t> isUnsettled;
  std::vector<int32_t> eventsToTake;
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_SETTLEDSTATES_H
