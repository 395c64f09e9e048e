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
#include <string>
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

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_IDMAPPING_H
