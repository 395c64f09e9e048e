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

static StepTables &tables(void *step) { return StepTables::at(step); }

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

void orcinus_rt_distinct(void *step, int32_t query, int32_t frontier,
                         int32_t key) {
  tables(step).distinct(query, frontier, key);
}

void orcinus_rt_cache_candidates(void *step, int32_t query,
                                 int32_t neighbourhood, int32_t lookup,
                                 int32_t cache, int32_t share) {
  tables(step).cacheCandidates(query, neighbourhood, lookup, cache, share);
}

void orcinus_rt_cache_resolve(void *step, int32_t query, int32_t neighbourhood,
                              int32_t lookup, int32_t cache) {
  tables(step).cacheResolve(query, neighbourhood, lookup, cache);
}

/// Compiled code has room for a vector's descriptor alone.
static void returnVector(const MemrefDescriptor &from, MemrefDescriptor *to) {
  to->allocated = from.allocated;
  to->aligned = from.aligned;
  to->offset = from.offset;
  to->sizesAndStrides[0] = from.sizesAndStrides[0];
  to->sizesAndStrides[1] = from.sizesAndStrides[1];
}

void orcinus_rt_lookup_buffer(MemrefDescriptor *result, void *step,
                              int32_t lookup, int32_t table) {
  returnVector(tables(step).lookupBuffer(lookup, table), result);
}

void orcinus_rt_cache_buffer(MemrefDescriptor *result, void *step,
                             int32_t cache, int32_t part) {
  returnVector(tables(step).cacheBuffer(cache, part), result);
}

int32_t orcinus_rt_cache_batch(void *step, int32_t cache) {
  return tables(step).cacheBatch(cache);
}

void orcinus_rt_pair_ends(void *step, int32_t query, int32_t sources,
                          int32_t destinations) {
  tables(step).pairEnds(query, sources, destinations);
}

void orcinus_rt_elapsed(void *step, int32_t query, int32_t elapsed) {
  tables(step).elapsed(query, elapsed);
}

void orcinus_rt_walk_features(void *step, int32_t nodes, int32_t queries,
                              int32_t features, int32_t walks) {
  tables(step).walkFeatures(nodes, queries, features, walks);
}

void orcinus_rt_advance_walks(void *step, int32_t walks) {
  tables(step).advanceWalks(walks);
}

void orcinus_rt_mails(void *step, int32_t query, int32_t mails,
                      int32_t mailbox) {
  tables(step).mails(query, mails, mailbox);
}

void orcinus_rt_deliver(void *step, int32_t deliveries, int32_t mailbox) {
  tables(step).deliver(deliveries, mailbox);
}

void orcinus_rt_pending(void *step, int32_t frontier, int32_t pending) {
  tables(step).pending(frontier, pending);
}

void orcinus_rt_commit(void *step, int32_t frontier, int32_t commit) {
  tables(step).commit(frontier, commit);
}

void orcinus_rt_pairs(void *step, int32_t pairs) { tables(step).pairs(pairs); }

void *orcinus_rt_allocate(int64_t bytes) {
  return Arena::current().allocate(static_cast<size_t>(bytes));
}

void orcinus_rt_free(void *block) { Arena::release(block); }

std::span<const AbiSymbol> orcinus::abiSymbols() {
  static const AbiSymbol symbols[] = {
      {"orcinus_rt_targets", reinterpret_cast<void *>(orcinus_rt_targets)},
      {"orcinus_rt_sample", reinterpret_cast<void *>(orcinus_rt_sample)},
      {"orcinus_rt_frontier", reinterpret_cast<void *>(orcinus_rt_frontier)},
      {"orcinus_rt_distinct", reinterpret_cast<void *>(orcinus_rt_distinct)},
      {"orcinus_rt_cache_candidates",
       reinterpret_cast<void *>(orcinus_rt_cache_candidates)},
      {"orcinus_rt_cache_resolve",
       reinterpret_cast<void *>(orcinus_rt_cache_resolve)},
      {"orcinus_rt_lookup_buffer",
       reinterpret_cast<void *>(orcinus_rt_lookup_buffer)},
      {"orcinus_rt_cache_buffer",
       reinterpret_cast<void *>(orcinus_rt_cache_buffer)},
      {"orcinus_rt_cache_batch",
       reinterpret_cast<void *>(orcinus_rt_cache_batch)},
      {"orcinus_rt_pair_ends", reinterpret_cast<void *>(orcinus_rt_pair_ends)},
      {"orcinus_rt_elapsed", reinterpret_cast<void *>(orcinus_rt_elapsed)},
      {"orcinus_rt_walk_features",
       reinterpret_cast<void *>(orcinus_rt_walk_features)},
      {"orcinus_rt_advance_walks",
       reinterpret_cast<void *>(orcinus_rt_advance_walks)},
      {"orcinus_rt_mails", reinterpret_cast<void *>(orcinus_rt_mails)},
      {"orcinus_rt_deliver", reinterpret_cast<void *>(orcinus_rt_deliver)},
      {"orcinus_rt_pending", reinterpret_cast<void *>(orcinus_rt_pending)},
      {"orcinus_rt_commit", reinterpret_cast<void *>(orcinus_rt_commit)},
      {"orcinus_rt_pairs", reinterpret_cast<void *>(orcinus_rt_pairs)},
      {"orcinus_rt_allocate", reinterpret_cast<void *>(orcinus_rt_allocate)},
      {"orcinus_rt_free", reinterpret_cast<void *>(orcinus_rt_free)}};
  return symbols;
}
