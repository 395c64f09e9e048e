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
}
