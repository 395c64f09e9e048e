//===- Abi.h - What compiled programs may call ------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_ABI_ABI_H
#define RUNTIME_ABI_ABI_H

#include "runtime/Abi/MemrefDescriptor.h"
#include "runtime/Memory/MemoryAbi.h"

#include <cstdint>
#include <span>

extern "C" {
// The contract is docs/abi.md; `step` is StepTables::address().
void orcinus_rt_targets(void *step, int32_t query);
void orcinus_rt_sample(void *step, int32_t query, int32_t neighbourhood,
                       int32_t k, int32_t policy);
void orcinus_rt_frontier(void *step, int32_t query, int32_t neighbourhood,
                         int32_t frontier, int32_t key);
void orcinus_rt_distinct(void *step, int32_t query, int32_t frontier,
                         int32_t key);
void orcinus_rt_cache_candidates(void *step, int32_t query,
                                 int32_t neighbourhood, int32_t lookup,
                                 int32_t cache, int32_t share);
void orcinus_rt_cache_resolve(void *step, int32_t query, int32_t neighbourhood,
                              int32_t lookup, int32_t cache);
void orcinus_rt_lookup_buffer(orcinus::MemrefDescriptor *result, void *step,
                              int32_t lookup, int32_t table);
void orcinus_rt_cache_buffer(orcinus::MemrefDescriptor *result, void *step,
                             int32_t cache, int32_t part);
int32_t orcinus_rt_cache_batch(void *step, int32_t cache);
void orcinus_rt_pair_ends(void *step, int32_t query, int32_t sources,
                          int32_t destinations);
void orcinus_rt_elapsed(void *step, int32_t query, int32_t elapsed);
void orcinus_rt_sample_by_interval(void *step, int32_t query,
                                   int32_t neighbourhood, int32_t k,
                                   int32_t scale);
void orcinus_rt_co_occurrence(void *step, int32_t queries,
                              int32_t neighbourhood, int32_t others,
                              int32_t otherNeighbourhood, int32_t counts);
void orcinus_rt_walk_features(void *step, int32_t nodes, int32_t queries,
                              int32_t features, int32_t walks);
void orcinus_rt_advance_walks(void *step, int32_t walks);
void orcinus_rt_mails(void *step, int32_t query, int32_t mails,
                      int32_t mailbox);
void orcinus_rt_deliver(void *step, int32_t deliveries, int32_t mailbox);
void orcinus_rt_pending(void *step, int32_t frontier, int32_t pending);
void orcinus_rt_commit(void *step, int32_t frontier, int32_t commit,
                       int32_t messages);
void orcinus_rt_pairs(void *step, int32_t pairs);
void orcinus_rt_labels(void *step, int32_t own, int32_t other, int32_t labels,
                       int32_t outputs);
}

namespace orcinus {

/// A function that compiled programs may call.
struct AbiSymbol {
  const char *name;
  void *address;
};

/// All of them, for the JIT to define.
std::span<const AbiSymbol> abiSymbols();

} // namespace orcinus

#endif // RUNTIME_ABI_ABI_H
