//===- LabelTables.cpp - The labels of a batch ----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/InvertMap.h"
#include "runtime/Prepare/StepTables.h"

#include <fmt/format.h>

#include <algorithm>

using namespace orcinus;

/// Makes the tables of which of `targets` targets are labelled.
static void makeRows(std::span<const int32_t> rows, int64_t targets,
                     TableSet &set) {
  auto self = set.resize<int32_t>(Component::Self, std::ssize(rows));
  std::ranges::copy(rows, self.begin());
  invertMap(set.resize<int32_t>(Component::SelfOffsets, targets + 1),
            set.cursors.reserve<int32_t>(targets).first(targets),
            set.resize<int32_t>(Component::SelfReferences, std::ssize(rows)),
            [&](auto record) {
              for (size_t label = 0; label != rows.size(); ++label)
                record(rows[label], static_cast<int32_t>(label));
            });
}

void StepTables::labels(int32_t own, int32_t other, int32_t labels,
                        int32_t outputs) {
  TableSet *ownSet = define(own, TableKind::Result);
  TableSet *otherSet = define(other, TableKind::Result);
  TableSet *set = define(labels, TableKind::Result);
  if (!ownSet || !otherSet || !set)
    return;
  int64_t count = input.count(StepCount::Labels);
  bool isAsked = input.labelValues.empty();
  if (outputs <= 0 || (!isAsked && outputs != input.labelColumns))
    return fail(fmt::format("labels of {} numbers, which have {}", outputs,
                            input.labelColumns));
  int64_t targets = input.count(StepCount::Targets);
  makeRows(input.labelledRows, targets, *ownSet);
  makeRows(input.otherLabelledRows, targets, *otherSet);
  auto events = set->resize<int32_t>(Component::Events, count);
  std::ranges::copy(input.labelledEvents, events.begin());
  // Of those that are asked for, nobody knows.
  if (isAsked && count != 0)
    return;
  auto values = set->resize<float>(Component::Values, count, outputs);
  std::ranges::copy(input.labelValues, values.begin());
}
