//===- IndexState.cpp - Which nodes have a pending message ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/IndexState.h"

#include <algorithm>

using namespace orcinus;

void IndexState::reset() {
  std::fill(events.begin(), events.end(), noEvent);
  std::fill(updates.begin(), updates.end(), Timestamp());
  for (WalkMatrices &each : walks)
    each.reset();
  for (Mailbox &each : mailboxes)
    each.reset();
}

void IndexState::beginEpoch(int64_t epoch) {
  for (WalkMatrices &each : walks)
    each.beginEpoch(epoch);
}

void IndexState::growNodes(int32_t nodeCount) {
  size_t count = std::max(static_cast<size_t>(nodeCount), events.size());
  events.resize(count, noEvent);
  updates.resize(count);
  for (WalkMatrices &each : walks)
    each.grow(nodeCount);
  for (Mailbox &each : mailboxes)
    each.grow(nodeCount);
}
