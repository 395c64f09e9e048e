//===- StepTables.h - The index work of one step ----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_PREPARE_STEPTABLES_H
#define RUNTIME_PREPARE_STEPTABLES_H

#include "lib/Support/StepCount.h"
#include "orcinus/Graph/TemporalGraph.h"
#include "orcinus/Reuse/ReuseCounts.h"
#include "orcinus/Runtime/IndexWork.h"
#include "orcinus/Sampling/NeighbourSampler.h"
#include "orcinus/Support/Status.h"
#include "runtime/Prepare/CacheIndex.h"
#include "runtime/Prepare/IndexState.h"
#include "runtime/Prepare/TableSet.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orcinus {

/// What a step is made from. The spans must outlive the step.
struct StepInput {
  const EventStream *stream = nullptr;
  /// Where neighbours are sampled from.
  const TemporalGraph *graph = nullptr;
  /// Read by `pending`, advanced by `commit`.
  IndexState *state = nullptr;
  /// Read and advanced by cache lookups; cache number n is the n-th, from 1.
  std::span<const std::unique_ptr<CacheIndex>> caches;
  /// Whether lookups leave the caches as they are.
  bool keepsCaches = false;
  /// Whether the step is a part of a batch: lookups leave the caches as they
  /// are, and say what the whole batch might keep; see CacheOffer.
  bool offersRows = false;
  /// For train, evaluate and advance: the batch's events, ascending, and, but
  /// for advance, a negative destination for each. Empty otherwise.
  std::span<const int32_t> events;
  std::span<const int32_t> negatives;
  /// For embed and score: the queries; for train and evaluate the nodes that
  /// are labelled at times of their own. Empty otherwise.
  std::span<const int32_t> queryNodes;
  std::span<const Timestamp> queryTimes;
  /// For score: how many of the queries, the last ones, are destinations.
  size_t destinationQueries = 0;
  /// For score: of each pair, the queries of its source and its destination.
  std::span<const int32_t> pairSources;
  std::span<const int32_t> pairDestinations;
  /// For train and evaluate: of each label, the rows of its node among the
  /// targets, which are as of targets(), or those of its event's source and
  /// destination, the event, and `labelColumns` numbers; for score what is
  /// asked for, without numbers.
  std::span<const int32_t> labelledRows;
  std::span<const int32_t> otherLabelledRows;
  std::span<const int32_t> labelledEvents;
  std::span<const float> labelValues;
  int64_t labelColumns = 0;
  /// For the uniform sampling policy.
  uint64_t samplingSeed = 0;
  /// For sampling.
  int threads = 1;

  /// How many of these the step has.
  int64_t count(StepCount what) const;
  /// The rows of a pair's source and destination among the targets: first come
  /// the pairs of the batch, its events and then its negatives, each with the
  /// source of an event in turn; then those that are asked for.
  std::pair<int32_t, int32_t> rowsOfPair(int64_t pair) const;
};

/// What one lookup of a part of a batch read and computed, of which the whole
/// batch's CacheAccess is made.
struct CacheOffer {
  /// Of the input's.
  int32_t cache = 0;
  /// As of CacheAccess.
  std::vector<int32_t> readKeys, readSlots, computedKeys;
  /// How many of the computed keys, the first ones, are those of targets.
  int64_t targets = 0;
};

/// The tables that a program's prepare function makes for one step, by handle
/// and component. One object is reused for many steps: its storage grows and
/// is kept, and the descriptors that step functions are bound to stay in place.
///
/// The functions below are the `orcinus_rt_*` functions of docs/abi.md. They
/// return nothing, as compiled code calls them; the first mistake (an unknown
/// handle, a wrong kind) is kept and finish() reports it. The functions of
/// plugins see it as IndexWork.
class StepTables final : public IndexWork {
public:
  StepTables() = default;
  StepTables(const StepTables &) = delete;
  StepTables &operator=(const StepTables &) = delete;

  /// Starts a step: the tables of the one before become invalid.
  void begin(const StepInput &input);

  void targets(int32_t query);
  void sample(int32_t query, int32_t neighbourhood, int32_t k, int32_t policy);
  /// `scale` is a number of single precision by its bits.
  void sampleByInterval(int32_t query, int32_t neighbourhood, int32_t k,
                        int32_t scale);
  void frontier(int32_t query, int32_t neighbourhood, int32_t frontier,
                int32_t key);
  void distinct(int32_t query, int32_t frontier, int32_t key);
  void cacheCandidates(int32_t query, int32_t neighbourhood, int32_t lookup,
                       int32_t cache, int32_t share);
  void cacheResolve(int32_t query, int32_t neighbourhood, int32_t lookup,
                    int32_t cache);
  /// An empty vector where there is no such table.
  const MemrefDescriptor &lookupBuffer(int32_t lookup, int32_t table);
  const MemrefDescriptor &cacheBuffer(int32_t cache, int32_t part);
  int32_t cacheBatch(int32_t cache);
  void pairEnds(int32_t query, int32_t sources, int32_t destinations);
  void elapsed(int32_t query, int32_t elapsed);
  void coOccurrence(int32_t queries, int32_t neighbourhood, int32_t others,
                    int32_t otherNeighbourhood, int32_t counts);
  void walkFeatures(int32_t nodes, int32_t queries, int32_t features,
                    int32_t walks);
  void advanceWalks(int32_t walks);
  void mails(int32_t query, int32_t mails, int32_t mailbox);
  void deliver(int32_t deliveries, int32_t mailbox);
  void pending(int32_t frontier, int32_t pending);
  void commit(int32_t frontier, int32_t commit, int32_t messages);
  void pairs(int32_t pairs);
  void labels(int32_t own, int32_t other, int32_t labels, int32_t outputs);

  /// The step for a program's functions.
  void *address() { return static_cast<IndexWork *>(this); }
  static StepTables &at(void *address) {
    return static_cast<StepTables &>(IndexWork::of(address));
  }

  const EventStream &stream() const override { return *input.stream; }
  const TemporalGraph &graph() const override { return *input.graph; }
  std::span<const int32_t> events() const override { return input.events; }
  int threads() const override;
  uint64_t seed(int32_t handle) const override;
  std::optional<Queries> queries(int32_t handle) override;
  std::optional<NeighbourhoodView>
  makeNeighbourhood(int32_t handle, int64_t queries, int32_t k) override;
  void fail(std::string message) override;

  /// Ends a step: an error if a call was wrong, or if a table that was bound
  /// has not been made in this step.
  Status finish();

  /// The table's place, for binding; it stays valid, and finish() will ask
  /// for the table. Null for a handle that is out of range.
  const Table *bind(int32_t handle, Component component);

  /// The elements of a table of i32 of this step, for who numbers rows anew
  /// once the step has ended; none where there is no such table.
  std::span<int32_t> rows(int32_t handle, Component component);

  /// The table, for readers on the runtime's side; null where there is none.
  const Table *find(int32_t handle, Component component) const;

  /// The number of queries of each `sample` of this step, in order of the
  /// calls: the rows that the layers compute, last layer first.
  std::span<const int64_t> sampledQueries() const { return sampleSizes; }
  /// Adds the rows that the layers compute to `rows`, first layer first.
  void addRowsOfLayers(std::vector<int64_t> &rows) const {
    rows.resize(sampleSizes.size());
    for (size_t layer = 0; layer != rows.size(); ++layer)
      rows[layer] += sampleSizes[rows.size() - 1 - layer];
  }

  /// What each cache lookup of this step was of, in order of the calls.
  struct LookupHandles {
    int32_t query, neighbourhood, lookup;
  };
  std::span<const LookupHandles> lookups() const { return lookupHandles; }

  /// What each cache lookup of a part of a batch offers, in order of the calls;
  /// row i of the lookup's output `kept` is that of computedKeys[i].
  std::span<const CacheOffer> offers() const {
    return std::span(cacheOffers).first(offerCount);
  }

  /// Where the reads of this step's cache lookups came from.
  const ReuseCounts &reuse() const { return reuseCounts; }

private:
  struct Binding {
    int32_t handle;
    Component component;
  };

  TableSet *define(int32_t handle, TableKind kind);
  TableSet *use(int32_t handle, TableKind kind, const char *caller);
  bool inRange(int32_t handle);
  void failForWantOfMemory();
  void *makeTable(int32_t handle, std::string_view name, Element element,
                  int64_t rows, std::optional<int64_t> columns) override;
  void makeDerivedTables();
  /// The rows of a frontier that is being made.
  struct FrontierRows {
    int32_t *nodes;
    Timestamp *times;
    int32_t count;
  };
  static FrontierRows insertQueries(const TableSet &query, int64_t mostRows,
                                    FrontierKey key, TableSet &frontier);
  void insertRows(const TableSet &query, const TableSet &neighbourhood,
                  FrontierKey key, TableSet &frontier);
  void invertRows(const TableSet &neighbourhood, int64_t referencedRows,
                  TableSet &frontier);
  /// A key that no fresh row serves: the query that computes its embedding,
  /// how often it is read, and the row that its readers get.
  struct Candidate {
    int32_t node = 0;
    Timestamp time;
    int32_t reads = 0;
    int32_t row = 0;
  };

  Mailbox *findMailbox(int32_t mailbox, const char *caller);
  WalkMatrices *findWalks(int32_t walks, const char *caller);
  CacheIndex *findCache(int32_t cache, const char *caller);
  void insertTargets(const TableSet &query, const TableSet &neighbourhood,
                     TableSet &lookup);
  void orderTargets(const TableSet &lookup);
  int32_t findTarget(const TableSet &lookup, int32_t node,
                     Timestamp time) const;
  /// What samplers are given.
  struct Sampling {
    Queries asked;
    NeighbourhoodView view;
    uint64_t seed;
    int threads;
  };
  /// Nothing where `query` is none or there is no room for the neighbourhood.
  std::optional<Sampling> beginSampling(int32_t query, int32_t neighbourhood,
                                        int32_t k, const char *caller);
  /// Whether the step function reads the table.
  bool isRead(int32_t handle, Component component) const;
  void assignFreshRows(const TableSet &query, const TableSet &neighbourhood,
                       NeighbourTime key, TableSet &lookup);
  int32_t addCandidate(int32_t node, int32_t event, Timestamp time,
                       NeighbourTime key, bool isEarliest);
  int32_t findServingTarget(const TableSet &lookup, int32_t node,
                            Timestamp time) const;
  int64_t placeCandidates(const CacheIndex &cache, TableSet &lookup);
  void countCandidate(const CacheIndex &cache, const Candidate &candidate,
                      int32_t key, int32_t slot);
  void assignCandidateRows(const TableSet &neighbourhood, TableSet &lookup);
  void listComputedKeys(const CacheIndex &cache, const TableSet &lookup);
  int32_t findComputedRow(const CacheIndex &cache, int32_t key,
                          const TableSet &lookup) const;
  void askReplacer(CacheIndex &cache, const TableSet &lookup);
  void listOffer(int32_t cache, TableSet &lookup);
  void listChanges(const CacheIndex &cache, TableSet &lookup);

  StepInput input;
  uint64_t step = 0;
  /// By handle; null where the handle was never named.
  std::vector<std::unique_ptr<TableSet>> sets;
  std::vector<Binding> bindings;
  std::vector<int64_t> sampleSizes;
  std::vector<LookupHandles> lookupHandles;
  /// Of each endpoint of the batch, the node and the place of the event that
  /// its message is of, for commit.
  std::vector<uint64_t> endpoints;
  Deliveries mailDeliveries;
  /// Of the lookup in progress. Its rows for queries by (node, time).
  std::vector<int32_t> queryOrder;
  std::vector<Candidate> candidates;
  /// Their keys; as long as there are neighbours.
  std::vector<int32_t> candidateKeys;
  RowIndex candidateIndex;
  std::vector<int32_t> computedKeys;
  /// How many of them, the first ones, are those of targets.
  int64_t computedTargets = 0;
  CacheChanges cacheChanges;
  /// The first `offerCount` are of this step; all keep their storage.
  std::vector<CacheOffer> cacheOffers;
  size_t offerCount = 0;
  ReuseCounts reuseCounts;
  Status failure;
};

} // namespace orcinus

#endif // RUNTIME_PREPARE_STEPTABLES_H
