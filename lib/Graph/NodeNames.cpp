//===- NodeNames.cpp - What nodes are called ------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/NodeNames.h"

#include "IdMapping.h"
#include "TextRows.h"

using namespace orcinus;

NodeNames::NodeNames(const EventStream &stream) {
  for (int32_t node = 0; node != stream.nodeCount; ++node) {
    names.push_back(stream.nodeName(node));
    nodes.emplace(names.back(), node);
  }
}

/// As the loader names it: 7.0 is 7, and all else is what it is written as.
static std::string canonical(std::string_view name) {
  int64_t number = 0;
  if (hasFraction(name) && parseInteger(name, number) == NumberKind::Valid)
    return std::to_string(number);
  return std::string(name);
}

Status orcinus::checkNodeName(std::string_view name) {
  auto reject = [&](const char *what) {
    return Status::error("node id " + quoteForMessage(name) + what);
  };
  int64_t number = 0;
  if (isMissingId(name))
    return reject(" is missing; name the node");
  if (hasFraction(name) && parseInteger(name, number) == NumberKind::Malformed)
    return reject(" is not an integer; number the nodes");
  return Status();
}

std::optional<int32_t> NodeNames::find(std::string_view name) const {
  auto found = nodes.find(canonical(name));
  if (found == nodes.end())
    return std::nullopt;
  return found->second;
}

int32_t NodeNames::findOrAdd(std::string_view name) {
  if (std::optional<int32_t> found = find(name))
    return *found;
  int32_t node = nodeCount();
  names.push_back(canonical(name));
  nodes.emplace(names.back(), node);
  return node;
}
