//===- PlanCommand.h - What orcinus plan does -------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REUSE_PLANCOMMAND_H
#define ORCINUS_REUSE_PLANCOMMAND_H

#include "orcinus/Graph/Loader.h"
#include "orcinus/Reuse/MemoryDivision.h"
#include "orcinus/Reuse/PlanStatistics.h"
#include "orcinus/Reuse/ReusePlanner.h"
#include "orcinus/Support/Status.h"

#include <cstdint>
#include <string>

namespace orcinus {

/// The options of `orcinus plan` and `tgnn-plan-reuse`.
struct PlanRequest {
  /// What loadEventStream takes.
  std::string data;
  LoadOptions load;
  /// The share of the time span's events that is trained on.
  double trainFraction = 0.70;
  /// The share of the nodes that training never sees, drawn with `splitSeed`.
  double maskedNodeFraction = 0.0;
  uint64_t splitSeed = 0;
  /// Policy, batch size, neighbours and layers; the decisions are not kept.
  ReusePlanOptions plan;
  MemoryRequest memory;
};

/// Loads the stream, splits it, divides the memory among the caches if one is
/// given, and counts what the policy's caches do in an epoch of training.
/// Errors: those of the loader, the split and planReuse.
StatusOr<PlanStatistics> runPlan(const PlanRequest &request);

/// The same of `stream`, whatever `request` names.
StatusOr<PlanStatistics> planStream(const EventStream &stream,
                                    const PlanRequest &request);

} // namespace orcinus

#endif // ORCINUS_REUSE_PLANCOMMAND_H
