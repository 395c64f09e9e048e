//===- MemrefDescriptor.h - How compiled code sees a tensor -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_ABI_MEMREFDESCRIPTOR_H
#define RUNTIME_ABI_MEMREFDESCRIPTOR_H

#include "orcinus/Support/CheckedArithmetic.h"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace orcinus {

/// The element types that cross the program's boundary (docs/abi.md).
enum class ElementType : uint8_t { I32, I64, F32, F64 };

/// The size of an element in bytes.
inline size_t elementSize(ElementType type) {
  return type == ElementType::I32 || type == ElementType::F32 ? 4 : 8;
}

/// The element type of integers and floats of T's width; a `Timestamp` is an
/// i64.
template <typename T>
constexpr ElementType elementTypeOf() {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
  if constexpr (std::is_floating_point_v<T>)
    return sizeof(T) == 4 ? ElementType::F32 : ElementType::F64;
  else
    return sizeof(T) == 4 ? ElementType::I32 : ElementType::I64;
}

/// A memref descriptor of identity layout and of rank ≤ `maximumRank`. Its
/// first 3 + 2·rank words are what compiled code reads: sizes and strides
/// follow each other without a gap, hence one array for both.
struct MemrefDescriptor {
  static constexpr size_t maximumRank = 4;

  void *allocated = nullptr;
  void *aligned = nullptr;
  int64_t offset = 0;
  int64_t sizesAndStrides[2 * maximumRank] = {};

  /// Describes the row-major tensor at `data`.
  void set(void *data, std::span<const int64_t> sizes) {
    assert(sizes.size() <= maximumRank && "rank beyond the contract");
    allocated = aligned = data;
    offset = 0;
    int64_t stride = 1;
    for (size_t dimension = sizes.size(); dimension-- > 0;) {
      sizesAndStrides[dimension] = sizes[dimension];
      sizesAndStrides[sizes.size() + dimension] = stride;
      // Of a tensor without elements, extents may have any product.
      stride = saturatedProduct(stride, sizes[dimension]);
    }
  }
};

} // namespace orcinus

#endif // RUNTIME_ABI_MEMREFDESCRIPTOR_H
