//===- PolicyConformanceTest.cpp - What every policy must do --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/ReplacementPolicy.h"

#include "ReuseTestSupport.h"
#include "orcinus/Reuse/ReuseDistance.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// What a compiled program sees of a cache: slots that hold embeddings, known
/// by the decisions alone.
class ShadowCache {
public:
  void apply(const std::vector<Offer> &offers,
             const ReplacementDecisions &decisions, int32_t capacity) {
    for (const SlotEviction &eviction : decisions.evictions) {
      ASSERT_EQ(nodes.at(eviction.slot), eviction.node);
      nodes.erase(eviction.slot);
    }
    std::set<int32_t> written;
    for (const SlotWrite &write : decisions.writes) {
      ASSERT_TRUE(written.insert(write.slot).second) << "written twice";
      ASSERT_GE(write.slot, 0);
      ASSERT_LT(write.slot, capacity);
      int32_t node = offers.at(write.offer).node;
      auto [position, inserted] = nodes.try_emplace(write.slot, node);
      ASSERT_EQ(position->second, node) << "written over another node";
      writtenAt[node] = batch;
    }
    ++batch;
    ASSERT_LE(static_cast<int32_t>(nodes.size()), capacity);
  }

  int32_t slotOf(int32_t node, int32_t maxAge) const {
    for (const auto &[slot, resident] : nodes)
      if (resident == node)
        return batch - writtenAt.at(node) > maxAge ? noSlot : slot;
    return noSlot;
  }

  int32_t size() const { return static_cast<int32_t>(nodes.size()); }

  std::map<int32_t, int32_t> nodes;
  std::map<int32_t, int32_t> writtenAt;
  int32_t batch = 0;
};

/// One batch of a trace as the protocol wants it.
std::vector<Offer> runLookups(const AccessTrace &trace,
                              const ReuseDistances &distances, int64_t batch,
                              ReplacementPolicy &policy,
                              std::vector<int32_t> &slots) {
  std::vector<Offer> offers;
  for (int64_t index = trace.targetOffsets[batch];
       index < trace.targetOffsets[batch + 1]; ++index)
    offers.push_back({trace.targets[index], distances.targets[index]});
  for (int64_t index = trace.neighbourOffsets[batch];
       index < trace.neighbourOffsets[batch + 1]; ++index) {
    Offer offer = {trace.neighbours[index].node, distances.neighbours[index]};
    slots.push_back(policy.lookup(offer.node, offer.nextReuse));
    if (slots.back() == noSlot)
      offers.push_back(offer);
  }
  return offers;
}

/// Everything that a policy decides over a trace, flattened.
std::vector<int32_t> recordRun(const AccessTrace &trace,
                               const ReuseDistances &distances,
                               ReplacementPolicy &policy) {
  std::vector<int32_t> record;
  ReplacementDecisions decisions;
  for (int64_t batch = 0; batch < trace.batchCount(); ++batch) {
    policy.replace(runLookups(trace, distances, batch, policy, record),
                   decisions);
    for (const SlotEviction &eviction : decisions.evictions)
      record.insert(record.end(), {-2, eviction.slot, eviction.node});
    for (const SlotWrite &write : decisions.writes)
      record.insert(record.end(), {-3, write.slot, write.offer});
  }
  return record;
}

class PolicyConformance : public testing::TestWithParam<PolicyKind> {
protected:
  std::unique_ptr<ReplacementPolicy> make(int32_t capacity,
                                          int32_t maxAge = unlimitedAge) {
    return createReplacementPolicy({GetParam(), capacity, maxAge, 7});
  }
};

} // namespace

TEST_P(PolicyConformance, LookupsFollowTheDecisions) {
  for (int32_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    int32_t nodes = random.between(1, 40);
    int32_t capacity = random.between(0, nodes + 2);
    int32_t maxAge = seed % 2 ? unlimitedAge : random.between(0, 5);
    AccessTrace trace = makeRandomTrace(random, nodes, 40);
    ReuseDistances distances = computeReuseDistances(trace);
    auto policy = make(capacity, maxAge);
    ShadowCache shadow;
    ReplacementDecisions decisions;
    for (int64_t batch = 0; batch < trace.batchCount(); ++batch) {
      ASSERT_EQ(policy->batch(), batch);
      std::vector<int32_t> slots;
      std::vector<Offer> offers =
          runLookups(trace, distances, batch, *policy, slots);
      for (size_t index = 0; index < slots.size(); ++index) {
        int32_t node = trace.batchNeighbours(batch)[index].node;
        ASSERT_EQ(slots[index], shadow.slotOf(node, maxAge));
        if (slots[index] == noSlot)
          continue;
        ASSERT_EQ(policy->nodeAt(slots[index]), node);
        ASSERT_EQ(policy->age(slots[index]), batch - shadow.writtenAt.at(node));
        ASSERT_GE(policy->age(slots[index]), 1);
        ASSERT_LE(policy->age(slots[index]), maxAge);
      }
      policy->replace(offers, decisions);
      ASSERT_NO_FATAL_FAILURE(shadow.apply(offers, decisions, capacity));
      ASSERT_EQ(policy->size(), shadow.size());
      for (int32_t node = 0; node < nodes; ++node)
        ASSERT_EQ(policy->contains(node),
                  shadow.slotOf(node, unlimitedAge) != noSlot);
    }
  }
}

TEST_P(PolicyConformance, NothingIsCachedAtCapacityZero) {
  Random random(1);
  AccessTrace trace = makeRandomTrace(random, 10, 20);
  auto policy = make(0);
  for (int32_t entry : recordRun(trace, computeReuseDistances(trace), *policy))
    EXPECT_EQ(entry, noSlot);
  EXPECT_EQ(policy->size(), 0);
}

TEST_P(PolicyConformance, EverySeenNodeHitsAtFullCapacity) {
  Random random(2);
  int32_t nodes = 30;
  AccessTrace trace = makeRandomTrace(random, nodes, 40);
  ReuseDistances distances = computeReuseDistances(trace);
  for (int32_t capacity : {nodes, 10 * nodes, unlimitedCapacity}) {
    auto policy = make(capacity);
    std::set<int32_t> seen;
    ReplacementDecisions decisions;
    for (int64_t batch = 0; batch < trace.batchCount(); ++batch) {
      std::vector<int32_t> slots;
      std::vector<Offer> offers =
          runLookups(trace, distances, batch, *policy, slots);
      for (size_t index = 0; index < slots.size(); ++index)
        EXPECT_EQ(slots[index] != noSlot,
                  seen.contains(trace.batchNeighbours(batch)[index].node));
      for (const Offer &offer : offers)
        seen.insert(offer.node);
      policy->replace(offers, decisions);
    }
  }
}

TEST_P(PolicyConformance, RepeatsItselfAlsoAfterReset) {
  Random random(3);
  AccessTrace trace = makeRandomTrace(random, 50, 60);
  ReuseDistances distances = computeReuseDistances(trace);
  auto policy = make(11);
  std::vector<int32_t> first = recordRun(trace, distances, *policy);
  policy->reset();
  EXPECT_EQ(policy->size(), 0);
  EXPECT_EQ(recordRun(trace, distances, *policy), first);
  EXPECT_EQ(recordRun(trace, distances, *make(11)), first);
}

TEST_P(PolicyConformance, EntriesPastTheAgeLimitAreRecomputed) {
  auto policy = make(4, 2);
  ReplacementDecisions decisions;
  policy->replace(std::vector<Offer>{{5, 2}}, decisions);
  ASSERT_EQ(decisions.writes, (std::vector<SlotWrite>{{0, 0}}));
  EXPECT_EQ(policy->lookup(5, 2), 0);
  EXPECT_EQ(policy->age(0), 1);
  policy->replace({}, decisions);
  EXPECT_EQ(policy->lookup(5, 3), 0);
  EXPECT_EQ(policy->age(0), 2);
  policy->replace({}, decisions);
  EXPECT_EQ(policy->lookup(5, 4), noSlot);
  policy->replace(std::vector<Offer>{{5, 4}}, decisions);
  EXPECT_EQ(decisions.writes.size(), 1u);
  EXPECT_NE(policy->lookup(5, 5), noSlot);
}

TEST_P(PolicyConformance, NameParses) {
  StatusOr<PolicyKind> parsed = parsePolicyKind(policyName(GetParam()));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(*parsed, GetParam());
  EXPECT_EQ(make(1)->kind(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(All, PolicyConformance,
                         testing::ValuesIn(allPolicyKinds),
                         [](const testing::TestParamInfo<PolicyKind> &info) {
                           return "policy_" +
                                  std::string(policyName(info.param));
                         });

TEST(PolicyKind, UnknownNameListsTheKnownOnes) {
  StatusOr<PolicyKind> parsed = parsePolicyKind("belady");
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.message(), "unknown replacement policy 'belady', expected "
                              "one of mrd, lru, 2q, lfu, fifo, random");
}
