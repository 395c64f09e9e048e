//===- ReusePlan.h - The decisions of a cache, batch by batch ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_REUSE_REUSEPLAN_H
#define ORCINUS_REUSE_REUSEPLAN_H

#include "orcinus/Reuse/AccessTrace.h"
#include "orcinus/Reuse/ReplacementPolicy.h"

#include <cstdint>
#include <span>
#include <vector>

namespace orcinus {

/// All decisions about one cache M^l in one epoch. Together with the trace it
/// was made from, it says where every l-embedding that batch t reads comes
/// from and what becomes of those that t computes:
///  - an in-batch neighbour: from the target's row;
///  - an out-of-batch neighbour i: from slot readSlots[i], or, where that is
///    `noSlot`, from the row recomputed for it;
///  - afterwards the evictions and then the writes turn M_{t-1} into M_t.
/// The rows that a batch computes are numbered: its targets in the trace's
/// order, then its recomputed neighbours in the trace's order. SlotWrite::offer
/// is such a number.
struct CachePlan {
  /// Slots that the plan uses: at most the capacity it was made for.
  int32_t slotCount = 0;
  /// Parallel to AccessTrace::neighbours.
  std::vector<int32_t> readSlots;
  /// Batch t has evictions [evictionOffsets[t], evictionOffsets[t+1]).
  std::vector<int64_t> evictionOffsets{0};
  std::vector<SlotEviction> evictions;
  /// Batch t has writes [writeOffsets[t], writeOffsets[t+1]).
  std::vector<int64_t> writeOffsets{0};
  std::vector<SlotWrite> writes;

  int64_t batchCount() const {
    return static_cast<int64_t>(writeOffsets.size()) - 1;
  }
  std::span<const SlotEviction> batchEvictions(int64_t batch) const {
    return {evictions.data() + evictionOffsets[batch],
            evictions.data() + evictionOffsets[batch + 1]};
  }
  std::span<const SlotWrite> batchWrites(int64_t batch) const {
    return {writes.data() + writeOffsets[batch],
            writes.data() + writeOffsets[batch + 1]};
  }
  /// The slots of `trace.batchNeighbours(batch)`, one each.
  std::span<const int32_t> batchReadSlots(const AccessTrace &trace,
                                          int64_t batch) const {
    return {readSlots.data() + trace.neighbourOffsets[batch],
            readSlots.data() + trace.neighbourOffsets[batch + 1]};
  }
};

} // namespace orcinus

#endif // ORCINUS_REUSE_REUSEPLAN_H
