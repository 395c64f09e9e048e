//===- Abi.cpp - What compiled programs may call --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Abi/Abi.h"

#include "runtime/Memory/Arena.h"
#include "runtime/Prepare/StepTables.h"

using namespace orcinus;

static StepTables &tables(void *step) {
  return *static_cast<StepTables *>(step);
}

void orcinus_rt_targets(void *step, int32_t query) {
  tables(step).targets(query);
}

void orcinus_rt_sample(void *step, int32_t query, int32_t neighbourhood,
                       int32_t k, int32_t policy) {
  tables(step).sample(query, neighbourhood, k, policy);
}

void orcinus_rt_frontier(void *step, int32_t query, int32_t neighbourhood,
                         int32_t frontier, int32_t key) {
  tables(step).frontier(query, neighbourhood, frontier, key);
}

void orcinus_rt_cache_lookup(void *step, int32_t query, int32_t neighbourhood,
                             int32_t lookup, int32_t cache, int32_t share) {
  tables(step).cacheLookup(query, neighbourhood, lookup, cache, share);
}

void orcinus_rt_pending(void *step, int32_t frontier, int32_t pending) {
  tables(step).pending(frontier, pending);
}

void orcinus_rt_commit(void *step, int32_t frontier, int32_t commit) {
  tables(step).commit(frontier, commit);
}

void *orcinus_rt_allocate(int64_t bytes) {
  return Arena::current().allocate(static_cast<size_t>(bytes));
}

void orcinus_rt_free(void *block) { Arena::release(block); }

std::span<const AbiSymbol> orcinus::abiSymbols() {
  static const AbiSymbol symbols[] = {
      {"orcinus_rt_targets", reinterpret_cast<void *>(orcinus_rt_targets)},
      {"orcinus_rt_sample", reinterpret_cast<void *>(orcinus_rt_sample)},
      {"orcinus_rt_frontier", reinterpret_cast<void *>(orcinus_rt_frontier)},
      {"orcinus_rt_cache_lookup",
       reinterpret_cast<void *>(orcinus_rt_cache_lookup)},
      {"orcinus_rt_pending", reinterpret_cast<void *>(orcinus_rt_pending)},
      {"orcinus_rt_commit", reinterpret_cast<void *>(orcinus_rt_commit)},
      {"orcinus_rt_allocate", reinterpret_cast<void *>(orcinus_rt_allocate)},
      {"orcinus_rt_free", reinterpret_cast<void *>(orcinus_rt_free)}};
  return symbols;
}
