//===- WholeNodeRows.cpp - Rows of all nodes, brought together ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/WholeNodeRows.h"

#include "runtime/Train/NodeExchange.h"

#include <utility>

using namespace orcinus;

StatusOr<WholeNodeRows> WholeNodeRows::gather(const ModelState &state,
                                              const ModelSnapshot *best) {
  NodeExchange &exchange = *state.exchange;
  auto nodes = static_cast<int32_t>(state.index.pendingEvents().size());
  bool isFirst = exchange.partition().rank == 0;
  WholeNodeRows result;
  auto add = [&](std::vector<Rows> &all, std::span<const float> own,
                 int64_t rowSize) {
    all.emplace_back(isFirst ? nodes * rowSize : 0,
                     SpillingAllocator<float>(/*spills=*/true));
    return exchange.gather(own, rowSize, nodes, all.back());
  };
  for (size_t number = 0; number != state.nodeRows.size(); ++number) {
    const FloatArray &array = state.nodeRows[number];
    Status status = add(result.state, array.values(), array.rowSize());
    if (status.ok() && best)
      status = add(result.best, best->nodeRows[number], array.rowSize());
    if (!status.ok())
      return status;
  }
  return result;
}
