//===- CheckedArithmetic.h - Counts that may not fit ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Extents, ids and sizes come from files and options, and so may their sums and
// products be too large for 64 bits. Where that is an error the checked
// functions say so; where only the order of magnitude matters, as for an
// estimate or a lower bound, the saturating ones stay at the end of the range.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_SUPPORT_CHECKEDARITHMETIC_H
#define ORCINUS_SUPPORT_CHECKEDARITHMETIC_H

#include <cstdint>
#include <limits>
#include <optional>

namespace orcinus {

/// The sum; nothing where 64 bits cannot hold it.
constexpr std::optional<int64_t> checkedSum(int64_t one, int64_t other) {
  int64_t sum = 0;
  if (__builtin_add_overflow(one, other, &sum))
    return std::nullopt;
  return sum;
}

/// The product; nothing where 64 bits cannot hold it.
constexpr std::optional<int64_t> checkedProduct(int64_t one, int64_t other) {
  int64_t product = 0;
  if (__builtin_mul_overflow(one, other, &product))
    return std::nullopt;
  return product;
}

/// How many elements something of the extents `shape` has, a range of integers
/// (1 where it is empty); nothing where 64 bits cannot hold it or an extent is
/// negative. An extent of 0 makes it 0, however large the others are.
template <typename Range>
constexpr std::optional<int64_t> checkedElements(const Range &shape) {
  std::optional<int64_t> elements = 1;
  bool empty = false;
  for (int64_t extent : shape) {
    if (extent < 0)
      return std::nullopt;
    empty |= extent == 0;
    if (elements)
      elements = checkedProduct(*elements, extent);
  }
  return empty ? 0 : elements;
}

/// The sum, or the end of the range that it passes.
constexpr int64_t saturatedSum(int64_t one, int64_t other) {
  if (std::optional<int64_t> sum = checkedSum(one, other))
    return *sum;
  return one < 0 ? std::numeric_limits<int64_t>::min()
                 : std::numeric_limits<int64_t>::max();
}

/// The product, or the end of the range that it passes.
constexpr int64_t saturatedProduct(int64_t one, int64_t other) {
  if (std::optional<int64_t> product = checkedProduct(one, other))
    return *product;
  return (one < 0) != (other < 0) ? std::numeric_limits<int64_t>::min()
                                  : std::numeric_limits<int64_t>::max();
}

/// As checkedElements, at most 2^63 - 1; the extents are not negative.
template <typename Range>
constexpr int64_t saturatedElements(const Range &shape) {
  return checkedElements(shape).value_or(std::numeric_limits<int64_t>::max());
}

} // namespace orcinus

#endif // ORCINUS_SUPPORT_CHECKEDARITHMETIC_H
