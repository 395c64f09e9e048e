//===- MemoryPlan.h - Places of temporaries in one block --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_MEMORYPLAN_H
#define ORCINUS_PASSES_LOWERING_MEMORYPLAN_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <vector>

namespace orcinus {

/// The attribute of a module that says how many bytes of temporaries a call of
/// each public function takes, -1 where that depends on extents.
inline constexpr llvm::StringLiteral temporaryBytesName =
    "orcinus.temporary_bytes";

/// Where temporaries lie in one block of memory: two that are alive at the same
/// time share no byte. The largest are placed first, each as low as it fits,
/// which is within a few percent of the least for the networks that were tried.
class MemoryPlan {
public:
  /// Offsets are multiples of this, a line of the cache and a vector.
  static constexpr int64_t alignment = 64;

  /// A temporary of `bytes` bytes, alive from time `first` to time `last`.
  void add(int64_t bytes, int64_t first, int64_t last);

  /// Chooses the places.
  void place();

  /// The place of temporary number `number`, in the order of `add`.
  int64_t offset(size_t number) const { return temporaries[number].offset; }

  /// The size of the block.
  int64_t bytes() const { return total; }

private:
  struct Temporary {
    int64_t bytes, first, last, offset = 0;
  };

  std::vector<Temporary> temporaries;
  int64_t total = 0;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_MEMORYPLAN_H
