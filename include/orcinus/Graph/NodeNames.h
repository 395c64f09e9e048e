//===- NodeNames.h - What nodes are called ----------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_GRAPH_NODENAMES_H
#define ORCINUS_GRAPH_NODENAMES_H

#include "orcinus/Graph/EventStream.h"
#include "orcinus/Support/Status.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace orcinus {

/// The names of nodes, both ways, as the input of a stream has them: numbers or
/// any text. It grows; a name keeps its node.
class NodeNames {
public:
  /// Those of `stream`.
  explicit NodeNames(const EventStream &stream);
  NodeNames(NodeNames &&) = default;
  NodeNames &operator=(NodeNames &&) = default;

  int32_t nodeCount() const { return static_cast<int32_t>(names.size()); }
  const std::string &name(int32_t node) const {
    return names[static_cast<size_t>(node)];
  }

  /// The node of that name, if there is one. "7.0" is "7", as in files; "007"
  /// is another name.
  std::optional<int32_t> find(std::string_view name) const;

  /// The node of that name, the next one where there is none.
  int32_t findOrAdd(std::string_view name);

private:
  /// By node, at addresses that stay.
  std::deque<std::string> names;
  std::unordered_map<std::string_view, int32_t> nodes;
};

/// What is wrong with `name` as that of a node, if anything: it is missing, as
/// an empty text or "nan" is, or a number with a fraction.
Status checkNodeName(std::string_view name);

} // namespace orcinus

#endif // ORCINUS_GRAPH_NODENAMES_H
