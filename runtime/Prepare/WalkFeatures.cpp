//===- WalkFeatures.cpp - Walk matrices in a step -------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/StepTables.h"

#include <fmt/format.h>

#include <algorithm>

using namespace orcinus;

/// Walk matrices are counted from 1.
WalkMatrices *StepTables::findWalks(int32_t walks, const char *caller) {
  if (walks >= 1 && walks <= std::ssize(input.state->walks))
    return &input.state->walks[walks - 1];
  fail(fmt::format("{} of walk matrices {}, which there are not", caller,
                   walks));
  return nullptr;
}

void StepTables::walkFeatures(int32_t nodes, int32_t queries, int32_t features,
                              int32_t walks) {
  bool ofNeighbours =
      inRange(nodes) && sets[nodes]->kind == TableKind::Neighbourhood;
  const TableSet *others =
      use(nodes, ofNeighbours ? TableKind::Neighbourhood : TableKind::Query,
          "walk_features");
  const TableSet *rows = use(queries, TableKind::Query, "walk_features");
  TableSet *set = define(features, TableKind::Result);
  WalkMatrices *matrices = findWalks(walks, "walk_features");
  if (!others || !rows || !set || !matrices)
    return;
  auto queryNodes = rows->values<int32_t>(Component::Nodes);
  auto otherNodes = others->values<int32_t>(Component::Nodes);
  auto counts = others->values<int32_t>(Component::Counts);
  int64_t k = ofNeighbours ? others->neighboursPerQuery : 1;
  if (otherNodes.size() != queryNodes.size() * k)
    return fail(fmt::format("walk_features of {} nodes with {} queries",
                            otherNodes.size(), queryNodes.size()));
  int64_t width = matrices->featureCount();
  float *values =
      set->resize<float>(Component::Features, queryNodes.size(), k * width)
          .data();
  auto queryCount = static_cast<int64_t>(queryNodes.size());
#pragma omp parallel for num_threads(std::max(input.threads, 1))               \
    schedule(static) if (input.threads > 1)
  for (int64_t query = 0; query < queryCount; ++query) {
    int64_t valid = ofNeighbours ? counts[query] : 1;
    float *row = values + query * k * width;
    for (int64_t place = 0; place != valid; ++place)
      matrices->features(otherNodes[query * k + place], queryNodes[query],
                         row + place * width);
    std::fill(row + valid * width, row + k * width, 0.0f);
  }
}

void StepTables::advanceWalks(int32_t walks) {
  if (WalkMatrices *matrices = findWalks(walks, "advance_walks"))
    matrices->advance(*input.stream, input.events);
}
