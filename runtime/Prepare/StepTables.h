//===- StepTables.h - The index work of one step ----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_PREPARE_STEPTABLES_H
#define RUNTIME_PREPARE_STEPTABLES_H

#include "orcinus/Graph/TemporalGraph.h"
#include "orcinus/Runtime/Report.h"
#include "orcinus/Sampling/NeighbourSampler.h"
#include "orcinus/Support/Status.h"
#include "runtime/Prepare/IndexState.h"
#include "runtime/Prepare/TableSet.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace orcinus {

/// What a step is made from. The spans must outlive the step.
struct StepInput {
  const EventStream *stream = nullptr;
  /// Where neighbours are sampled from.
  const TemporalGraph *graph = nullptr;
  /// Read by `pending`, advanced by `commit`.
  IndexState *state = nullptr;
  /// For train and evaluate: the batch's events, ascending, and a negative
  /// destination for each. Empty for embed.
  std::span<const int32_t> events;
  std::span<const int32_t> negatives;
  /// For embed: the queries. Empty otherwise.
  std::span<const int32_t> queryNodes;
  std::span<const double> queryTimes;
  /// For the uniform sampling policy.
  uint64_t samplingSeed = 0;
  /// For sampling.
  int threads = 1;
};

/// The tables that a program's prepare function makes for one step, by handle
/// and component. One object is reused for many steps: its storage grows and
/// is kept, and the descriptors that step functions are bound to stay in place.
///
/// The functions below are the `orcinus_rt_*` functions of docs/abi.md. They
/// return nothing, as compiled code calls them; the first mistake (an unknown
/// handle, a wrong kind) is kept and finish() reports it.
class StepTables {
public:
  StepTables() = default;
  StepTables(const StepTables &) = delete;
  StepTables &operator=(const StepTables &) = delete;

  /// Starts a step: the tables of the one before become invalid.
  void begin(const StepInput &input);

  void targets(int32_t query);
  void sample(int32_t query, int32_t neighbourhood, int32_t k, int32_t policy);
  void frontier(int32_t query, int32_t neighbourhood, int32_t frontier,
                int32_t key);
  void cacheLookup(int32_t query, int32_t neighbourhood, int32_t lookup,
                   int32_t cache, int32_t share);
  void pending(int32_t frontier, int32_t pending);
  void commit(int32_t frontier, int32_t commit);

  /// Ends a step: an error if a call was wrong, or if a table that was bound
  /// has not been made in this step.
  Status finish();

  /// The table's place, for binding; it stays valid, and finish() will ask
  /// for the table. Null for a handle that is out of range.
  const Table *bind(int32_t handle, Component component);

  /// The table, for readers on the runtime's side; null where there is none.
  const Table *find(int32_t handle, Component component) const;

  /// The number of queries of each `sample` of this step, in order of the
  /// calls: the rows that the layers compute, last layer first.
  std::span<const int64_t> sampledQueries() const { return sampleSizes; }

  /// Where the reads of this step's cache lookups came from.
  const ReuseStatistics &reuse() const { return reuseStatistics; }

private:
  struct Binding {
    int32_t handle;
    Component component;
  };

  TableSet *define(int32_t handle, TableKind kind);
  TableSet *use(int32_t handle, TableKind kind, const char *caller);
  bool inRange(int32_t handle);
  void fail(std::string message);
  void insertRows(const TableSet &query, const TableSet &neighbourhood,
                  FrontierKey key, TableSet &frontier);
  void invertRows(const TableSet &neighbourhood, int64_t referencedRows,
                  TableSet &frontier);
  void insertTargets(const TableSet &query, TableSet &lookup);
  void orderTargets(const TableSet &lookup);
  int32_t findTarget(const TableSet &lookup, int32_t node, double time) const;
  int64_t assignSources(const TableSet &query, const TableSet &neighbourhood,
                        bool causal, IndexState::CacheAges &ages,
                        TableSet &lookup);
  void pushTargets(IndexState::CacheAges &ages, TableSet &lookup);

  StepInput input;
  uint64_t step = 0;
  /// By handle; null where the handle was never named.
  std::vector<std::unique_ptr<TableSet>> sets;
  std::vector<Binding> bindings;
  std::vector<int64_t> sampleSizes;
  /// Node and place of each endpoint of the batch, for commit.
  std::vector<uint64_t> endpoints;
  /// Rows of a lookup by (node, time).
  std::vector<int32_t> targetOrder;
  /// The nodes that a lookup reads from its cache.
  RowIndex cachedNodes;
  AlignedBuffer cachedTimes;
  ReuseStatistics reuseStatistics;
  Status failure;
};

} // namespace orcinus

#endif // RUNTIME_PREPARE_STEPTABLES_H
