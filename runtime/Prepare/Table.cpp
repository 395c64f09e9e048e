//===- Table.cpp - A table of a prepared step -----------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/Table.h"

#include <algorithm>

using namespace orcinus;

static constexpr std::array<std::string_view, componentCount> names = {
    "nodes",           "times",
    "events",          "time_deltas",
    "counts",          "self",
    "neighbours",      "self_offsets",
    "self_references", "reference_offsets",
    "references",      "rows",
    "self_rows",       "other_rows",
    "candidate_keys",  "candidate_slots",
    "cached_rows",     "evicted_keys",
    "pushed_rows",     "pushed_keys",
    "pushed_slots"};

std::optional<Component> orcinus::parseComponent(std::string_view name) {
  const auto *found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    return std::nullopt;
  return static_cast<Component>(found - names.begin());
}

std::string_view orcinus::componentName(Component component) {
  return names[static_cast<size_t>(component)];
}

ElementType orcinus::componentType(Component component) {
  switch (component) {
  case Component::Times:
    return ElementType::I64;
  case Component::TimeDeltas:
    return ElementType::F32;
  default:
    return ElementType::I32;
  }
}
