//===- CollectiveAbi.h - What steps of shards ask of a run ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_ABI_COLLECTIVEABI_H
#define RUNTIME_ABI_COLLECTIVEABI_H

#include "runtime/Abi/Abi.h"

#include <cstdint>
#include <span>

extern "C" {
// The contract is docs/abi.md; outside of a CollectivesScope they do nothing.
void orcinus_rt_start_all_reduce(int32_t sum);
void orcinus_rt_await_all_reduce(int32_t sum);
void orcinus_rt_await_all_gather(int32_t cache);
}

namespace orcinus {

/// What the processes of a run bring together, as compiled steps begin it and
/// wait for it.
class StepCollectives {
public:
  virtual ~StepCollectives() = default;
  /// Takes the gradients of sum `sum` out of their buffers. False where that
  /// failed: the step is left.
  virtual bool startAllReduce(int32_t sum) = 0;
  /// Puts the sums into the gradients' buffers. As above.
  virtual bool awaitAllReduce(int32_t sum) = 0;
  /// Waits for the rows of cache `cache`, counted from 1. As above.
  virtual bool awaitAllGather(int32_t cache) = 0;

  /// Those of programs on the calling thread; null without a scope.
  static StepCollectives *current();
};

/// Makes collectives current on the calling thread for its own lifetime.
class CollectivesScope {
public:
  explicit CollectivesScope(StepCollectives *collectives);
  ~CollectivesScope();
  CollectivesScope(const CollectivesScope &) = delete;
  CollectivesScope &operator=(const CollectivesScope &) = delete;

private:
  StepCollectives *previous;
};

/// The functions, for the JIT to define.
std::span<const AbiSymbol> collectiveSymbols();

} // namespace orcinus

#endif // RUNTIME_ABI_COLLECTIVEABI_H
