//===- WholeRows.cpp - Rows of all processes, brought together ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/WholeRows.h"

#include "runtime/Train/RowExchange.h"

using namespace orcinus;

StatusOr<WholeRows> WholeRows::gather(const ModelState &state,
                                      const ModelSnapshot *best) {
  RowExchange &exchange = *state.exchange;
  auto nodes = static_cast<int64_t>(state.index.pendingEvents().size());
  bool isFirst = exchange.partition().rank == 0;
  WholeRows result;
  auto add = [&](std::vector<Rows> &all, std::span<const float> own,
                 int64_t rowSize, int64_t count) {
    all.emplace_back(isFirst ? count * rowSize : 0,
                     SpillingAllocator<float>(/*spills=*/true));
    return exchange.gather(own, rowSize, count, all.back());
  };
  for (size_t number = 0; number != state.nodeRows.size(); ++number) {
    const FloatArray &array = state.nodeRows[number];
    Status status = add(result.nodes, array.values(), array.rowSize(), nodes);
    if (status.ok() && best)
      status = add(result.best, best->nodeRows[number], array.rowSize(), nodes);
    if (!status.ok())
      return status;
  }
  if (!exchange.cutsCaches())
    return result;
  for (size_t cache = 0; cache != state.caches.size(); ++cache) {
    const FloatArray &array = state.caches[cache];
    if (Status status = add(result.caches, array.values(), array.rowSize(),
                            state.cacheIndexes[cache]->rowCount());
        !status.ok())
      return status;
  }
  return result;
}
