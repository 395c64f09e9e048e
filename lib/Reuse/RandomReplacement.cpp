//===- RandomReplacement.cpp - The random policy --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Policies.h"
#include "orcinus/Support/CounterRng.h"

using namespace orcinus;

namespace {

/// Evicts a slot drawn uniformly, possibly one that this batch filled. The
/// draw number i since the epoch's start depends on (seed, i) alone.
class RandomReplacement final : public ReplacementPolicy {
public:
  explicit RandomReplacement(const PolicyOptions &options)
      : ReplacementPolicy(options.capacity, options.maxAge),
        seed(options.seed) {}

  PolicyKind kind() const override { return PolicyKind::Random; }

private:
  void entryHit(int32_t slot, int32_t nextReuse) override {}

  void entryRefreshed(int32_t slot, const Offer &offer) override {}

  void entryInserted(int32_t slot, const Offer &offer) override {}

  void entryEvicted(int32_t slot) override {}

  /// A full cache has used exactly the slots 0 to capacity - 1.
  int32_t chooseVictim(const Offer &offer) override {
    return static_cast<int32_t>(randomBelow(
        seed, randomStream("random replacement"), draws++, capacity()));
  }

  void clear() override { draws = 0; }

  uint64_t seed;
  uint64_t draws = 0;
};

} // namespace

std::unique_ptr<ReplacementPolicy>
orcinus::createRandomReplacement(const PolicyOptions &options) {
  return std::make_unique<RandomReplacement>(options);
}
