//===- Simulator.h - A cache without its embeddings -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REUSE_SIMULATOR_H
#define ORCINUS_REUSE_SIMULATOR_H

#include "orcinus/Reuse/AccessTrace.h"
#include "orcinus/Reuse/PlanStatistics.h"
#include "orcinus/Reuse/ReplacementPolicy.h"
#include "orcinus/Reuse/ReuseDistance.h"
#include "orcinus/Reuse/ReusePlan.h"

namespace orcinus {

/// Drives `policy`, which is reset first, through one epoch of `trace` and
/// counts what it hits. With `distances` the policy is told the next reuse of
/// each node (MRD needs that, the others ignore it). With `plan` its decisions
/// are recorded. Without `recomputesMisses` a neighbour that is not cached is
/// not computed either, and nothing of it is offered.
///
/// O(appearances) policy calls; no work per batch grows with |V|.
ReuseCounts simulatePolicy(const AccessTrace &trace,
                           const ReuseDistances *distances,
                           ReplacementPolicy &policy, CachePlan *plan = nullptr,
                           bool recomputesMisses = true);

} // namespace orcinus

#endif // ORCINUS_REUSE_SIMULATOR_H
