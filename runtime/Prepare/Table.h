//===- Table.h - A table of a prepared step ---------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_PREPARE_TABLE_H
#define RUNTIME_PREPARE_TABLE_H

#include "runtime/Abi/MemrefDescriptor.h"
#include "runtime/Memory/AlignedBuffer.h"

#include <array>
#include <cstdint>
#include <span>

namespace orcinus {

/// A table: storage that is kept from step to step, its descriptor, which
/// compiled code was bound to, and the step that wrote it last.
class Table {
public:
  /// Makes it a vector of `count` elements, uninitialised.
  template <typename T>
  std::span<T> resize(int64_t count, uint64_t step) {
    std::span<T> values = storage.reserve<T>(count);
    describe(std::array{count}, elementTypeOf<T>(), step);
    return values;
  }

  /// Makes it a row-major matrix, uninitialised.
  template <typename T>
  std::span<T> resize(int64_t rows, int64_t columns, uint64_t step) {
    std::span<T> values = storage.reserve<T>(rows * columns);
    describe(std::array{rows, columns}, elementTypeOf<T>(), step);
    return values;
  }

  /// The elements of the vector or matrix.
  template <typename T>
  std::span<const T> values() const {
    int64_t count = 1;
    for (size_t dimension = 0; dimension != rank; ++dimension)
      count *= memref.sizesAndStrides[dimension];
    return {static_cast<const T *>(memref.aligned),
            rank ? static_cast<size_t>(count) : 0};
  }

  /// The same, to be changed.
  template <typename T>
  std::span<T> changedValues() {
    std::span<const T> all = values<T>();
    return {static_cast<T *>(memref.aligned), all.size()};
  }

  const MemrefDescriptor &descriptor() const { return memref; }
  std::span<const int64_t> shape() const {
    return {memref.sizesAndStrides, rank};
  }
  /// Of what it was made last.
  ElementType elementType() const { return type; }
  uint64_t lastStep() const { return step; }

private:
  void describe(std::span<const int64_t> sizes, ElementType elements,
                uint64_t writer) {
    memref.set(storage.data(), sizes);
    rank = sizes.size();
    type = elements;
    step = writer;
  }

  AlignedBuffer storage;
  MemrefDescriptor memref;
  size_t rank = 0;
  ElementType type = ElementType::I32;
  uint64_t step = 0;
};

} // namespace orcinus

#endif // RUNTIME_PREPARE_TABLE_H
