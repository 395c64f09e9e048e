//===- GatherTree.h - Who gives whom what in a gathering --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_COMMUNICATOR_GATHERTREE_H
#define RUNTIME_COMMUNICATOR_GATHERTREE_H

#include "orcinus/Support/Status.h"

#include <bit>
#include <cassert>
#include <cstddef>
#include <span>

namespace orcinus {

/// Completes `all`, of which each of a power of two of processes has its own
/// part, process r what lies from offsets[r] up to offsets[r + 1], in bytes: in
/// each of log2(processes) rounds two of them give each other what they have so
/// far, by exchange(partner, sent, received). Errors: those of `exchange`.
template <typename Exchange>
Status gatherInTree(int rank, std::span<std::byte> all,
                    std::span<const size_t> offsets, Exchange exchange) {
  auto size = static_cast<int>(offsets.size()) - 1;
  assert(std::has_single_bit(static_cast<unsigned>(size)) &&
         "the tree pairs all processes");
  // What `count` processes from `first` on have.
  auto partOf = [&](int first, int count) {
    return all.subspan(offsets[first], offsets[first + count] - offsets[first]);
  };
  for (int distance = 1; distance < size; distance *= 2) {
    int partner = rank ^ distance, mask = ~(distance - 1);
    Status status = exchange(partner, partOf(rank & mask, distance),
                             partOf(partner & mask, distance));
    if (!status.ok())
      return status;
  }
  return Status();
}

} // namespace orcinus

#endif // RUNTIME_COMMUNICATOR_GATHERTREE_H
