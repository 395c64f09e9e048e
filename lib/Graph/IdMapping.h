//===- IdMapping.h - Dense node ids -----------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_IDMAPPING_H
#define ORCINUS_LIB_GRAPH_IDMAPPING_H

#include "orcinus/Graph/EventStream.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace orcinus {

/// Renumbers the ids that occur in `sources` and `destinations` (non-negative,
/// of equal length) as 0, 1, …, in the order of the ids, and sets the source,
/// destination, nodeCount and externalIds of `stream`. The two lists are
/// emptied, so that both forms of a long stream are never in memory at once.
/// Returns a note on what was done. Errors: more than 2^31 - 1 nodes.
StatusOr<std::string> densifyIds(std::vector<int64_t> &sources,
                                 std::vector<int64_t> &destinations,
                                 EventStream &stream, const std::string &path);

/// Whether `text` is a missing value, as tables write it.
bool isMissingId(std::string_view text);

/// Whether `text` is a decimal number with a point and digits behind it, as 7.0
/// and 7.5.
bool hasFraction(std::string_view text);

/// Numbers the nodes of `stream` as another stream did, which it goes on from:
/// the node called names[i] becomes node i, and the others follow in the order
/// that they have. Integers that come later may lie between those that were
/// known. Nothing changes where `stream` has no node of one of the names.
void numberNodesAs(const std::vector<std::string> &names, EventStream &stream);

/// The two ends of all events, as their ids in the file: integers in [0, 2^63)
/// as long as all are, else text, each distinct text numbered as it first
/// appears.
class IdColumns {
public:
  /// With `integersOnly` any other id is an error.
  explicit IdColumns(bool integersOnly) : integersOnly(integersOnly) {}

  void reserve(size_t events);

  /// Adds the ends of an event. Returns what is wrong with them, or an empty
  /// text.
  std::string add(std::string_view source, std::string_view destination);

  /// Sets item ids (the destinations of a bipartite format that counts users
  /// and items apart, in integers) behind the user ids; returns the shift.
  StatusOr<int64_t> shiftDestinations(const std::string &path);

  /// Puts the events into the order `order`.
  void permute(const std::vector<int32_t> &order);

  /// Moves the ids into `stream`, numbered densely: integers in their order,
  /// texts as they first appeared. Returns a note. Errors: too many nodes.
  StatusOr<std::string> finish(EventStream &stream, const std::string &path);

private:
  std::string parse(std::string_view text, int64_t &id);
  int32_t numberOf(std::string_view name);
  void turnIntoNames();

  bool integersOnly;
  bool areNames = false;
  std::vector<int64_t> sources;
  std::vector<int64_t> destinations;
  /// Distinct ids, at addresses that stay.
  std::deque<std::string> names;
  std::unordered_map<std::string_view, int32_t> numbers;
};

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_IDMAPPING_H
