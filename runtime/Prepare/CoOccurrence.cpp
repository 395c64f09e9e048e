//===- CoOccurrence.cpp - Nodes that sequences have in common -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/StepTables.h"

#include <fmt/format.h>

#include <algorithm>

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

  /// How often the row has the node.
  int32_t count(int64_t row, int32_t node) const {
    const int32_t *begin = neighbours.data() + row * k;
    return static_cast<int32_t>(own[row] == node) +
           static_cast<int32_t>(std::count(begin, begin + counts[row], node));
  }

  std::span<const int32_t> own, neighbours, counts;
  int64_t k;
};

} // namespace

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
  auto rowCount = static_cast<int64_t>(sequences.own.size());
  int64_t places = sequences.k + 1;
  float *own = set->resize<float>(Component::Own, rowCount, places).data();
  float *other = set->resize<float>(Component::Other, rowCount, places).data();
#pragma omp parallel for num_threads(std::max(input.threads, 1))               \
    schedule(static) if (input.threads > 1)
  for (int64_t row = 0; row < rowCount; ++row) {
    for (int64_t place = 0; place != places; ++place) {
      bool isValid = place < sequences.length(row);
      int32_t node = isValid ? sequences.node(row, place) : 0;
      int64_t at = row * places + place;
      own[at] = isValid ? static_cast<float>(sequences.count(row, node)) : 0;
      other[at] = isValid ? static_cast<float>(opposite.count(row, node)) : 0;
    }
  }
}
