//===- InvertMap.h - Who refers to a row ------------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_PREPARE_INVERTMAP_H
#define RUNTIME_PREPARE_INVERTMAP_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace orcinus {

/// Inverts a map in compressed rows by counting: `visit` calls its argument
/// with (row, position) for each position in ascending order.
template <typename Visit>
void invertMap(std::span<int32_t> offsets, std::span<int32_t> cursors,
               std::span<int32_t> references, Visit visit) {
  std::fill(offsets.begin(), offsets.end(), 0);
  visit([&](int32_t row, int32_t) { ++offsets[row + 1]; });
  for (size_t row = 0; row != cursors.size(); ++row) {
    cursors[row] = offsets[row];
    offsets[row + 1] += offsets[row];
  }
  visit([&](int32_t row, int32_t position) {
    references[cursors[row]++] = position;
  });
}

} // namespace orcinus

#endif // RUNTIME_PREPARE_INVERTMAP_H
