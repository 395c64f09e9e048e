//===- SettledStates.cpp - States with their messages applied -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/SettledStates.h"

#include <algorithm>
#include <utility>

using namespace orcinus;

static int32_t nodeCountOf(const ModelState &state) {
  return static_cast<int32_t>(state.index.pendingEvents().size());
}

static void copyAll(const std::vector<FloatArray> &from,
                    std::vector<FloatArray> &to) {
  for (size_t each = 0; each != to.size(); ++each)
    std::ranges::copy(from[each].values(), to[each].values().begin());
}

SettledStates::SettledStates(const Manifest &manifest,
                             const ModelState &followed)
    : followed(followed),
      settled(manifest, nodeCountOf(followed), {}, /*device=*/nullptr),
      isUnsettled(nodeCountOf(followed)) {
  copyAll(followed.parameters, settled.parameters);
}

void SettledStates::growNodes() {
  settled.growNodes(nodeCountOf(followed));
  isUnsettled.resize(nodeCountOf(followed));
}

Status SettledStates::bind(const CompiledModel &model, const Manifest &manifest,
                           FeatureArguments &features) {
  auto created = Invocation::create("advance", model, manifest, settled,
                                    features, std::nullopt);
  if (!created.ok())
    return created.status();
  advancer = std::move(*created);
  return Status();
}

void SettledStates::note(int32_t node) {
  if (isUnsettled[node])
    return;
  isUnsettled[node] = true;
  unsettled.push_back(node);
}

void SettledStates::tookIn(const EventStream &stream,
                           std::span<const int32_t> events) {
  if (isReplaced)
    return;
  for (int32_t event : events) {
    note(stream.source[event]);
    note(stream.destination[event]);
  }
}

void SettledStates::takeAll() {
  isReplaced = false;
  copyAll(followed.nodeRows, settled.nodeRows);
  settled.index = followed.index;
  for (int32_t node = 0; node != nodeCountOf(followed); ++node)
    if (followed.index.hasPending(node))
      note(node);
}

/// Takes what the followed state has of a node.
void SettledStates::takeRows(int32_t node) {
  for (size_t each = 0; each != settled.nodeRows.size(); ++each) {
    int64_t size = settled.nodeRows[each].rowSize();
    std::ranges::copy(
        followed.nodeRows[each].values().subspan(node * size, size),
        settled.nodeRows[each].values().begin() + node * size);
  }
  settled.index.takeNode(node, followed.index);
}

/// Taking an event in applies the messages that its ends have; those that it
/// makes are forgotten.
Status SettledStates::settleEvents(StepInput input,
                                   std::span<const int32_t> events) {
  auto forEnds = [&](auto visit) {
    for (int32_t event : events) {
      visit(input.stream->source[event]);
      visit(input.stream->destination[event]);
    }
  };
  forEnds([&](int32_t node) { takeRows(node); });
  input.state = &settled.index;
  input.events = events;
  if (Status status = advancer->prepare(input); !status.ok())
    return status;
  if (Status status = advancer->step({}); !status.ok())
    return status;
  forEnds([&](int32_t node) { settled.index.forgetMessage(node); });
  return Status();
}

Status SettledStates::settle(const StepInput &input) {
  if (isReplaced)
    takeAll();
  eventsToTake.clear();
  for (int32_t node : unsettled) {
    eventsToTake.push_back(followed.index.pendingEvent(node));
    isUnsettled[node] = false;
  }
  unsettled.clear();
  std::ranges::sort(eventsToTake);
  auto rest = std::ranges::unique(eventsToTake);
  eventsToTake.erase(rest.begin(), rest.end());
  constexpr size_t eventsAtOnce = 1024;
  for (size_t begin = 0; begin < eventsToTake.size(); begin += eventsAtOnce) {
    size_t count = std::min(eventsAtOnce, eventsToTake.size() - begin);
    Status status =
        settleEvents(input, std::span(eventsToTake).subspan(begin, count));
    if (!status.ok())
      return status;
  }
  return Status();
}
