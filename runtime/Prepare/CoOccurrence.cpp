//===- CoOccurrence.cpp - Nodes that sequences have in common -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/StepTables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

using namespace orcinus;

namespace {

/// The queries' nodes, each with its neighbours behind it.
struct Sequences {
  Sequences(const TableSet &queries, const TableSet &neighbourhood)
      : own(queries.values<int32_t>(Component::Nodes)),
        neighbours(neighbourhood.values<int32_t>(Component::Nodes)),
        counts(neighbourhood.values<int32_t>(Component::Counts)),
        k(neighbourhood.neighboursPerQuery) {}

  bool fit() const { return counts.size() == own.size(); }

  int64_t length(int64_t row) const { return counts[row] + 1; }

  int32_t node(int64_t row, int64_t place) const {
    return place == 0 ? own[row] : neighbours[row * k + place - 1];
  }

  /// How often the node is among the row's neighbours.
  int32_t met(int64_t row, int32_t node) const {
    const int32_t *begin = neighbours.data() + row * k;
    return static_cast<int32_t>(std::count(begin, begin + counts[row], node));
  }

  /// How often the row has the node.
  int32_t count(int64_t row, int32_t node) const {
    return static_cast<int32_t>(own[row] == node) + met(row, node);
  }

  /// Whether the node is the row's own, and its share of the neighbours.
  std::array<float, 2> shares(int64_t row, int32_t node) const {
    return {static_cast<float>(own[row] == node),
            static_cast<float>(met(row, node)) / static_cast<float>(k)};
  }

  std::span<const int32_t> own, neighbours, counts;
  int64_t k;
};

} // namespace

/// Makes the table of `valuesOf(row, node)` for each place of the sequences,
/// zeros where it has no node.
template <size_t columns, typename ValuesOf>
static void fillTable(const Sequences &sequences, Component component,
                      int threads, TableSet &set, ValuesOf valuesOf) {
  auto rows = static_cast<int64_t>(sequences.own.size());
  int64_t places = sequences.k + 1;
  auto values = set.resize<float>(component, rows, places * columns);
  std::ranges::fill(values, 0.0f);
#pragma omp parallel for num_threads(std::max(threads, 1))                     \
    schedule(static) if (threads > 1)
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t place = 0; place != sequences.length(row); ++place) {
      std::array<float, columns> found =
          valuesOf(row, sequences.node(row, place));
      std::ranges::copy(found,
                        values.begin() + (row * places + place) * columns);
    }
}

void StepTables::coOccurrence(int32_t queries, int32_t neighbourhood,
                              int32_t others, int32_t otherNeighbourhood,
                              int32_t counts) {
  constexpr const char *caller = "co_occurrence";
  const TableSet *rows = use(queries, TableKind::Query, caller);
  const TableSet *near = use(neighbourhood, TableKind::Neighbourhood, caller);
  const TableSet *otherRows = use(others, TableKind::Query, caller);
  const TableSet *far =
      use(otherNeighbourhood, TableKind::Neighbourhood, caller);
  TableSet *set = define(counts, TableKind::Result);
  if (!rows || !near || !otherRows || !far || !set)
    return;
  Sequences sequences(*rows, *near), opposite(*otherRows, *far);
  if (!sequences.fit() || !opposite.fit() ||
      sequences.own.size() != opposite.own.size())
    return fail(fmt::format("{} of {} and {} queries with {} and {} "
                            "neighbourhoods",
                            caller, sequences.own.size(), opposite.own.size(),
                            sequences.counts.size(), opposite.counts.size()));
  for (auto [component, shared] : {std::pair(Component::Own, &sequences),
                                   std::pair(Component::Other, &opposite)})
    if (isRead(counts, component))
      fillTable<1>(sequences, component, input.threads, *set,
                   [&](int64_t row, int32_t node) {
                     return std::array{
                         static_cast<float>(shared->count(row, node))};
                   });
  for (auto [component, shared] :
       {std::pair(Component::OwnShares, &sequences),
        std::pair(Component::OtherShares, &opposite)})
    if (isRead(counts, component))
      fillTable<2>(
          sequences, component, input.threads, *set,
          [&](int64_t row, int32_t node) { return shared->shares(row, node); });
}
