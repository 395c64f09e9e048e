//===- WholeRows.h - Rows of all processes, brought together ----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_WHOLEROWS_H
#define RUNTIME_TRAIN_WHOLEROWS_H

#include "orcinus/Support/SpilledMemory.h"
#include "orcinus/Support/Status.h"
#include "runtime/Train/ModelState.h"

#include <vector>

namespace orcinus {

/// All rows of what processes have each some of, in order, to be written to a
/// checkpoint by the first process, whose memory need not have room for them.
struct WholeRows {
  using Rows = std::vector<float, SpillingAllocator<float>>;

  /// One for each array of ModelState::nodeRows; empty but at the first
  /// process.
  std::vector<Rows> nodes;
  /// The same of a snapshot.
  std::vector<Rows> best;
  /// The same of ModelState::caches; none where each process has all of them.
  std::vector<Rows> caches;

  /// All processes call it; `best` may be null. Errors: another is gone.
  static StatusOr<WholeRows> gather(const ModelState &state,
                                    const ModelSnapshot *best);
};

} // namespace orcinus

#endif // RUNTIME_TRAIN_WHOLEROWS_H
