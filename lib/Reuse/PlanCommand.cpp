//===- PlanCommand.cpp - What orcinus plan does ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/PlanCommand.h"

#include "orcinus/Graph/Split.h"
#include "orcinus/Graph/TemporalGraph.h"

#include <algorithm>
#include <utility>
#include <vector>

using namespace orcinus;

StatusOr<PlanStatistics> orcinus::runPlan(const PlanRequest &request) {
  StatusOr<LoadedStream> loaded = loadEventStream(request.data, request.load);
  return loaded.ok() ? planStream(loaded->stream, request) : loaded.status();
}

StatusOr<PlanStatistics> orcinus::planStream(const EventStream &stream,
                                             const PlanRequest &request) {
  SplitOptions splitOptions;
  splitOptions.trainFraction = request.trainFraction;
  // The rest of the stream plays no part here, so any cut of it will do.
  splitOptions.validationFraction = std::clamp(1.0 - request.trainFraction, 0.0,
                                               splitOptions.validationFraction);
  splitOptions.maskedNodeFraction = request.maskedNodeFraction;
  splitOptions.seed = request.splitSeed;
  StatusOr<Split> split = splitByTime(stream, splitOptions);
  if (!split.ok())
    return split.status();

  std::vector<uint8_t> isTrained(stream.eventCount());
  for (int32_t event : split->train)
    isTrained[event] = 1;
  TemporalGraph graph = TemporalGraph::build(stream, isTrained);

  ReusePlanOptions options = request.plan;
  options.keepDecisions = false;
  MemorySavings savings;
  bool isDivided = request.memory.bytes >= 0;
  if (isDivided) {
    auto division = MemoryDivision::create(stream, graph, split->train,
                                           request.memory, options);
    if (!division.ok())
      return division.status();
    auto rows = division->rows();
    if (!rows.ok())
      return rows.status();
    options.capacities = std::move(*rows);
    auto estimated = division->savings(options.capacities);
    if (!estimated.ok())
      return estimated.status();
    savings = *estimated;
  }
  StatusOr<ReusePlan> plan = planReuse(stream, graph, split->train, options);
  if (!plan.ok())
    return plan.status();
  PlanStatistics statistics = std::move(plan->statistics);
  if (isDivided)
    statistics.capacities = options.capacities;
  statistics.dividedSavings = savings.divided;
  statistics.sharedSavings = savings.shared;
  return statistics;
}
