//===- Abi.cpp - What compiled programs may call --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Abi/Abi.h"

#include "lib/Support/MemoryGuard.h"
#include "runtime/Memory/Arena.h"
#include "runtime/Memory/CompiledCall.h"
#include "runtime/Prepare/StepTables.h"

#include <type_traits>

using namespace orcinus;

/// Runs index work on the tables of `step`. No exception passes the frames of
/// compiled code.
template <typename Work>
static auto perform(void *step, Work work) {
  using Result = std::invoke_result_t<Work, StepTables &>;
  return guarded([&]() -> Result { return work(StepTables::at(step)); },
                 []() -> Result { leaveCompiledCall(0); });
}

void orcinus_rt_targets(void *step, int32_t query) {
  perform(step, [&](StepTables &tables) { tables.targets(query); });
}

void orcinus_rt_sample(void *step, int32_t query, int32_t neighbourhood,
                       int32_t k, int32_t policy) {
  perform(step, [&](StepTables &tables) {
    tables.sample(query, neighbourhood, k, policy);
  });
}

void orcinus_rt_sample_by_interval(void *step, int32_t query,
                                   int32_t neighbourhood, int32_t k,
                                   int32_t scale) {
  perform(step, [&](StepTables &tables) {
    tables.sampleByInterval(query, neighbourhood, k, scale);
  });
}

void orcinus_rt_frontier(void *step, int32_t query, int32_t neighbourhood,
                         int32_t frontier, int32_t key) {
  perform(step, [&](StepTables &tables) {
    tables.frontier(query, neighbourhood, frontier, key);
  });
}

void orcinus_rt_distinct(void *step, int32_t query, int32_t frontier,
                         int32_t key) {
  perform(step,
          [&](StepTables &tables) { tables.distinct(query, frontier, key); });
}

void orcinus_rt_cache_candidates(void *step, int32_t query,
                                 int32_t neighbourhood, int32_t lookup,
                                 int32_t cache, int32_t share) {
  perform(step, [&](StepTables &tables) {
    tables.cacheCandidates(query, neighbourhood, lookup, cache, share);
  });
}

void orcinus_rt_cache_resolve(void *step, int32_t query, int32_t neighbourhood,
                              int32_t lookup, int32_t cache) {
  perform(step, [&](StepTables &tables) {
    tables.cacheResolve(query, neighbourhood, lookup, cache);
  });
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
  perform(step, [&](StepTables &tables) {
    returnVector(tables.lookupBuffer(lookup, table), result);
  });
}

void orcinus_rt_cache_buffer(MemrefDescriptor *result, void *step,
                             int32_t cache, int32_t part) {
  perform(step, [&](StepTables &tables) {
    returnVector(tables.cacheBuffer(cache, part), result);
  });
}

int32_t orcinus_rt_cache_batch(void *step, int32_t cache) {
  return perform(step,
                 [&](StepTables &tables) { return tables.cacheBatch(cache); });
}

void orcinus_rt_pair_ends(void *step, int32_t query, int32_t sources,
                          int32_t destinations) {
  perform(step, [&](StepTables &tables) {
    tables.pairEnds(query, sources, destinations);
  });
}

void orcinus_rt_elapsed(void *step, int32_t query, int32_t elapsed) {
  perform(step, [&](StepTables &tables) { tables.elapsed(query, elapsed); });
}

void orcinus_rt_co_occurrence(void *step, int32_t queries,
                              int32_t neighbourhood, int32_t others,
                              int32_t otherNeighbourhood, int32_t counts) {
  perform(step, [&](StepTables &tables) {
    tables.coOccurrence(queries, neighbourhood, others, otherNeighbourhood,
                        counts);
  });
}

void orcinus_rt_walk_features(void *step, int32_t nodes, int32_t queries,
                              int32_t features, int32_t walks) {
  perform(step, [&](StepTables &tables) {
    tables.walkFeatures(nodes, queries, features, walks);
  });
}

void orcinus_rt_advance_walks(void *step, int32_t walks) {
  perform(step, [&](StepTables &tables) { tables.advanceWalks(walks); });
}

void orcinus_rt_mails(void *step, int32_t query, int32_t mails,
                      int32_t mailbox) {
  perform(step,
          [&](StepTables &tables) { tables.mails(query, mails, mailbox); });
}

void orcinus_rt_deliver(void *step, int32_t deliveries, int32_t mailbox) {
  perform(step,
          [&](StepTables &tables) { tables.deliver(deliveries, mailbox); });
}

void orcinus_rt_pending(void *step, int32_t frontier, int32_t pending) {
  perform(step, [&](StepTables &tables) { tables.pending(frontier, pending); });
}

void orcinus_rt_commit(void *step, int32_t frontier, int32_t commit,
                       int32_t messages) {
  perform(step, [&](StepTables &tables) {
    tables.commit(frontier, commit, messages);
  });
}

void orcinus_rt_pairs(void *step, int32_t pairs) {
  perform(step, [&](StepTables &tables) { tables.pairs(pairs); });
}

void orcinus_rt_labels(void *step, int32_t own, int32_t other, int32_t labels,
                       int32_t outputs) {
  perform(step, [&](StepTables &tables) {
    tables.labels(own, other, labels, outputs);
  });
}

std::span<const AbiSymbol> orcinus::abiSymbols() {
  static const AbiSymbol symbols[] = {
      {"orcinus_rt_targets", reinterpret_cast<void *>(orcinus_rt_targets)},
      {"orcinus_rt_sample", reinterpret_cast<void *>(orcinus_rt_sample)},
      {"orcinus_rt_sample_by_interval",
       reinterpret_cast<void *>(orcinus_rt_sample_by_interval)},
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
      {"orcinus_rt_co_occurrence",
       reinterpret_cast<void *>(orcinus_rt_co_occurrence)},
      {"orcinus_rt_walk_features",
       reinterpret_cast<void *>(orcinus_rt_walk_features)},
      {"orcinus_rt_advance_walks",
       reinterpret_cast<void *>(orcinus_rt_advance_walks)},
      {"orcinus_rt_mails", reinterpret_cast<void *>(orcinus_rt_mails)},
      {"orcinus_rt_deliver", reinterpret_cast<void *>(orcinus_rt_deliver)},
      {"orcinus_rt_pending", reinterpret_cast<void *>(orcinus_rt_pending)},
      {"orcinus_rt_commit", reinterpret_cast<void *>(orcinus_rt_commit)},
      {"orcinus_rt_pairs", reinterpret_cast<void *>(orcinus_rt_pairs)},
      {"orcinus_rt_labels", reinterpret_cast<void *>(orcinus_rt_labels)},
      {"orcinus_rt_allocate", reinterpret_cast<void *>(orcinus_rt_allocate)},
      {"orcinus_rt_free", reinterpret_cast<void *>(orcinus_rt_free)},
      {"orcinus_rt_fail", reinterpret_cast<void *>(orcinus_rt_fail)},
      {"orcinus_rt_keep", reinterpret_cast<void *>(orcinus_rt_keep)},
      {"orcinus_rt_call", reinterpret_cast<void *>(orcinus_rt_call)}};
  return symbols;
}
