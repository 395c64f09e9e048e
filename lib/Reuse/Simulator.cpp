//===- Simulator.cpp - A cache without its embeddings ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/Simulator.h"

#include <algorithm>

using namespace orcinus;

namespace {

class Simulation {
public:
  Simulation(const AccessTrace &trace, const ReuseDistances *distances,
             ReplacementPolicy &policy, CachePlan *plan, bool recomputesMisses)
      : trace(trace), distances(distances), policy(policy), plan(plan),
        recomputesMisses(recomputesMisses), everCached(trace.nodeCount, false) {
  }

  ReuseCounts run() {
    policy.reset();
    if (plan) {
      *plan = CachePlan();
      plan->readSlots.resize(trace.neighbours.size());
    }
    for (int64_t batch = 0; batch < trace.batchCount(); ++batch)
      runBatch(batch);
    counts.reads = counts.inBatchReads + counts.outOfBatchReads;
    if (recomputesMisses)
      counts.recomputed = counts.uniqueOutOfBatchReads - counts.uniqueHits;
    return counts;
  }

private:
  void runBatch(int64_t batch) {
    counts.inBatchReads += trace.inBatchReads[batch];
    offers.clear();
    for (int64_t index = trace.targetOffsets[batch];
         index < trace.targetOffsets[batch + 1]; ++index)
      offers.push_back({trace.targets[index],
                        distances ? distances->targets[index] : neverReused});
    for (int64_t index = trace.neighbourOffsets[batch];
         index < trace.neighbourOffsets[batch + 1]; ++index)
      readNeighbour(index);
    policy.replace(offers, decisions);
    for (const SlotWrite &write : decisions.writes)
      everCached[offers[write.offer].node] = true;
    if (plan)
      recordDecisions();
  }

  void readNeighbour(int64_t index) {
    const NeighbourReads &read = trace.neighbours[index];
    int32_t nextReuse = distances ? distances->neighbours[index] : neverReused;
    int32_t slot = policy.lookup(read.node, nextReuse);
    counts.outOfBatchReads += read.reads;
    ++counts.uniqueOutOfBatchReads;
    if (slot == noSlot) {
      counts.cold += !everCached[read.node];
      if (recomputesMisses)
        offers.push_back({read.node, nextReuse});
    } else {
      int64_t age = policy.age(slot);
      counts.hits += read.reads;
      ++counts.uniqueHits;
      counts.ageSum += age * read.reads;
      counts.maxAge = std::max(counts.maxAge, age);
    }
    if (plan)
      plan->readSlots[index] = slot;
  }

  void recordDecisions() {
    for (const SlotWrite &write : decisions.writes)
      plan->slotCount = std::max(plan->slotCount, write.slot + 1);
    plan->evictions.insert(plan->evictions.end(), decisions.evictions.begin(),
                           decisions.evictions.end());
    plan->evictionOffsets.push_back(
        static_cast<int64_t>(plan->evictions.size()));
    plan->writes.insert(plan->writes.end(), decisions.writes.begin(),
                        decisions.writes.end());
    plan->writeOffsets.push_back(static_cast<int64_t>(plan->writes.size()));
  }

  const AccessTrace &trace;
  const ReuseDistances *distances;
  ReplacementPolicy &policy;
  CachePlan *plan;
  bool recomputesMisses;
  ReuseCounts counts;
  std::vector<bool> everCached;
  std::vector<Offer> offers;
  ReplacementDecisions decisions;
};

} // namespace

ReuseCounts orcinus::simulatePolicy(const AccessTrace &trace,
                                    const ReuseDistances *distances,
                                    ReplacementPolicy &policy, CachePlan *plan,
                                    bool recomputesMisses) {
  return Simulation(trace, distances, policy, plan, recomputesMisses).run();
}
