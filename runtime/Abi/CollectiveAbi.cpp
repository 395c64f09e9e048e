//===- CollectiveAbi.cpp - What steps of shards ask of a run --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Abi/CollectiveAbi.h"

#include "lib/Support/MemoryGuard.h"
#include "runtime/Memory/CompiledCall.h"

using namespace orcinus;

static thread_local StepCollectives *currentCollectives = nullptr;

StepCollectives *StepCollectives::current() { return currentCollectives; }

CollectivesScope::CollectivesScope(StepCollectives *collectives)
    : previous(currentCollectives) {
  currentCollectives = collectives;
}

CollectivesScope::~CollectivesScope() { currentCollectives = previous; }

/// Calls `work` on the current collectives, and leaves the step where it says
/// that it failed: compiled code has no result for that. No exception passes
/// its frames either.
template <typename Work>
static void bringTogether(Work work) {
  StepCollectives *collectives = StepCollectives::current();
  bool passed = guarded([&] { return !collectives || work(*collectives); },
                        []() -> bool { leaveCompiledCall(0); });
  if (!passed)
    failCompiledCall("what processes bring together did not arrive");
}

void orcinus_rt_start_all_reduce(int32_t sum) {
  bringTogether([&](StepCollectives &collectives) {
    return collectives.startAllReduce(sum);
  });
}

void orcinus_rt_await_all_reduce(int32_t sum) {
  bringTogether([&](StepCollectives &collectives) {
    return collectives.awaitAllReduce(sum);
  });
}

void orcinus_rt_await_all_gather(int32_t cache) {
  bringTogether([&](StepCollectives &collectives) {
    return collectives.awaitAllGather(cache);
  });
}

std::span<const AbiSymbol> orcinus::collectiveSymbols() {
  static const AbiSymbol symbols[] = {
      {"orcinus_rt_start_all_reduce",
       reinterpret_cast<void *>(orcinus_rt_start_all_reduce)},
      {"orcinus_rt_await_all_reduce",
       reinterpret_cast<void *>(orcinus_rt_await_all_reduce)},
      {"orcinus_rt_await_all_gather",
       reinterpret_cast<void *>(orcinus_rt_await_all_gather)}};
  return symbols;
}
