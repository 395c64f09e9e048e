//===- ReuseDistance.h - When a cached embedding is read next ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REUSE_REUSEDISTANCE_H
#define ORCINUS_REUSE_REUSEDISTANCE_H

#include "orcinus/Reuse/AccessTrace.h"
#include "orcinus/Reuse/ReplacementPolicy.h"

#include <cstdint>
#include <vector>

namespace orcinus {

/// The next reuse of each appearance of a node in a trace: the batch j of the
/// node's next appearance after batch i, if that is as an out-of-batch
/// neighbour, and `neverReused` if it is as a target, whose embedding is
/// computed anyway, or if there is none. The reuse distance of Orca's section 3
/// is j - i, or infinite.
struct ReuseDistances {
  /// Parallel to AccessTrace::targets.
  std::vector<int32_t> targets;
  /// Parallel to AccessTrace::neighbours.
  std::vector<int32_t> neighbours;
};

/// Scans `trace` once, backwards. O(appearances), plus one array over the nodes
/// that is cleared once.
ReuseDistances computeReuseDistances(const AccessTrace &trace);

} // namespace orcinus

#endif // ORCINUS_REUSE_REUSEDISTANCE_H
