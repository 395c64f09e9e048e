//===- Specification.h - A module before it is written ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_DIFFERENTIAL_SPECIFICATION_H
#define ORCINUS_TEST_DIFFERENTIAL_SPECIFICATION_H

#include "Case.h"
#include "ElementType.h"

#include "orcinus/Tuning/Schedule.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace orcinus::differential {

/// An extent that loops and buffers have in common.
struct Dimension {
  int64_t extent = 1;
  /// Whether the compiler does not know it.
  bool dynamic = false;
};

/// Σ factor · dimension + offset.
struct Index {
  std::vector<std::pair<unsigned, int64_t>> terms;
  int64_t offset = 0;

  static Index of(unsigned dimension) { return {{{dimension, 1}}, 0}; }

  bool operator==(const Index &) const = default;
};

using IndexList = std::vector<Index>;

/// A tensor, or a memref, that ops write and read.
struct Buffer {
  ElementType type = ElementType::F32;
  /// Its extents are what these indices reach.
  IndexList shape;
  /// Whether a caller passes it in with values.
  bool argument = false;
  /// Whether a caller gets it back.
  bool result = false;
  /// How it lies where it is a memref argument: its dimensions from the
  /// slowest to the fastest, elements left out after each, and before the
  /// first. Dense where empty.
  std::vector<unsigned> order;
  std::vector<int64_t> padding;
  int64_t offset = 0;
  /// Whether the memref's type does not say its strides and offset.
  bool unknownLayout = false;
};

struct OperandUse {
  unsigned buffer = 0;
  IndexList map;
};

/// One linalg op: `linalg.generic` with a body of that name, or a named op.
struct Operation {
  /// Of a generic op, what `bodyText` knows; else empty.
  std::string body;
  /// Of a named op, its name and what stands between braces; else empty.
  std::string named, attributes;
  /// Dimensions of the loops, in order, and whether each is summed over.
  std::vector<unsigned> loops;
  std::vector<bool> reduced;
  std::vector<OperandUse> inputs;
  OperandUse output;
  /// A number among the inputs, as `linalg.fill` has it, in the body, or what a
  /// `tensor.pad` puts around its input.
  double constant = 0;
  /// Of a `tensor.pad`: elements before and behind each dimension.
  std::vector<int64_t> low, high;
};

/// A schedule, or one for each range of an extent.
struct OperationSchedule {
  unsigned loop = 0;
  std::vector<Schedule> schedules;
  std::vector<int64_t> bounds;

  /// The attribute.
  std::string toText() const;
};

struct Specification {
  std::vector<Dimension> dimensions;
  std::vector<Buffer> buffers;
  std::vector<Operation> operations;
  /// Whether it is written on tensors, or on memrefs.
  bool tensors = true;
  /// By the number of the op.
  std::map<size_t, OperationSchedule> schedules;
  /// The rest of the case; its module and layouts are made from the above.
  Case options;

  std::vector<int64_t> shapeOf(const Buffer &buffer) const;
  bool isDynamic(const Index &index) const;
  bool hasDynamic(const Buffer &buffer) const;
  /// Iterations of all ops, an extent of 0 counted as 1: what the other
  /// operands of such an op hold is not nothing.
  int64_t iterations() const;

  /// The case that it is. Where `numbered`, each op has its number as the
  /// attribute `number`.
  Case toCase(bool numbered = false) const;
};

} // namespace orcinus::differential

#endif // ORCINUS_TEST_DIFFERENTIAL_SPECIFICATION_H
