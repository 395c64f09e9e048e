//===- GpuTiling.h - How a GPU tiles a contraction --------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_GPUTILING_H
#define ORCINUS_LIB_TUNING_GPUTILING_H

#include "orcinus/Tuning/Schedule.h"

#include <cstdint>

namespace orcinus {

/// The number of parts of `by` each, the last of which may be smaller, that
/// `number`, which is not negative, has.
constexpr int64_t divideUp(int64_t number, int64_t by) {
  return (number + by - 1) / by;
}

/// How the elements of an operand come from memory: how many by one load, and
/// whether those are neighbours along the reduction.
struct ElementRuns {
  int64_t width = 1;
  bool alongReduction = false;
};

/// A contraction as a GPU runs it: batches of products of matrices, all of its
/// rows, columns and reductions each taken as one dimension.
struct ProductExtents {
  int64_t batches = 1;
  int64_t rows = 1;
  int64_t columns = 1;
  int64_t reduction = 1;
  ElementRuns left = {}, right = {};
  /// Elements of the result by one store.
  int64_t resultWidth = 1;
};

/// How a GPU executes a contraction. A block of threads computes a tile of the
/// result. For each step of the reduction it copies the tile's parts of both
/// operands into workgroup memory, and each thread adds their products to a
/// smaller tile in its registers.
///
/// These are the rules of what a schedule may be, for the compiler, which makes
/// code of it, and the tuner alike.
struct GpuTiling {
  /// The block's tile, and the steps of the reduction between two barriers.
  int64_t blockRows = 64, blockColumns = 64, blockReduction = 16;
  /// A thread's tile, multiples of 4.
  int64_t threadRows = 4, threadColumns = 4;
  /// Parts that the reduction is cut into, each a block of its own; another
  /// kernel adds them in order. 1 does not cut it.
  int64_t reductionParts = 1;
  /// Tiles of each operand in workgroup memory. With 1, a block fills it and
  /// then reads it; with 2 it reads one while what fills the other is on its
  /// way through its threads' registers.
  int64_t stages = 1;

  bool operator==(const GpuTiling &) const = default;

  int64_t threads() const {
    return (blockRows / threadRows) * (blockColumns / threadColumns);
  }
  /// Bytes of workgroup memory of a block for f32.
  int64_t workgroupBytes() const;
  /// Elements of both tiles that a thread copies in a step, at most.
  int64_t copiedByThread() const;

  /// All fields by their names.
  Schedule toSchedule() const;

  /// What `schedule` spells; names that are left out have the values above.
  /// Errors: an unknown name, a value out of range.
  static StatusOr<GpuTiling> fromSchedule(const Schedule &schedule);

  /// Errors: tiles that do not divide each other, more threads than a block can
  /// have, more workgroup memory than `blockBytes`, or more on its way through
  /// a thread's registers than they hold beside its tile.
  Status verify(int64_t blockBytes) const;

  /// A good tiling without measuring anything: large tiles where there are rows
  /// for them, parts of the reduction where tiles alone would leave most
  /// multiprocessors idle.
  static GpuTiling byDefault(const ProductExtents &extents);

  /// Elements between two rows of a tile in workgroup memory beyond its width:
  /// without them the threads that write a column meet in one bank.
  static constexpr int64_t padding = 4;
  /// Elements that a thread loads from workgroup memory in one go.
  static constexpr int64_t chunk = 4;
  /// Loads of an operand that a thread starts before it waits for one.
  static constexpr int64_t copiesAtOnce = 4;
};

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_GPUTILING_H
