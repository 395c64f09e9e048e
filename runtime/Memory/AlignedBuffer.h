//===- AlignedBuffer.h - Growing storage that is kept -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_MEMORY_ALIGNEDBUFFER_H
#define RUNTIME_MEMORY_ALIGNEDBUFFER_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <utility>

namespace orcinus {

/// The alignment of everything that compiled code reads or writes, in bytes.
inline constexpr size_t bufferAlignment = 64;

/// Uninitialised 64-byte aligned storage that only grows, by half at least, so
/// that batches of wavering size soon need no more of it.
class AlignedBuffer {
public:
  AlignedBuffer() = default;
  AlignedBuffer(AlignedBuffer &&other) noexcept { swap(other); }
  AlignedBuffer &operator=(AlignedBuffer &&other) noexcept {
    swap(other);
    return *this;
  }
  AlignedBuffer(const AlignedBuffer &) = delete;
  AlignedBuffer &operator=(const AlignedBuffer &) = delete;
  ~AlignedBuffer() { release(); }

  /// Room for `count` elements of type T. The contents are lost where the
  /// storage has to grow. Never null.
  template <typename T>
  std::span<T> reserve(size_t count) {
    grow(std::max<size_t>(count * sizeof(T), 1));
    return {static_cast<T *>(storage), count};
  }

  void *data() const { return storage; }

private:
  void grow(size_t bytes) {
    if (bytes <= capacity)
      return;
    bytes = std::max(bytes, capacity + capacity / 2);
    release();
    storage = ::operator new(bytes, std::align_val_t(bufferAlignment));
    capacity = bytes;
  }
  void release() {
    if (storage)
      ::operator delete(storage, std::align_val_t(bufferAlignment));
    storage = nullptr;
    capacity = 0;
  }
  void swap(AlignedBuffer &other) noexcept {
    std::swap(storage, other.storage);
    std::swap(capacity, other.capacity);
  }

  void *storage = nullptr;
  size_t capacity = 0;
};

} // namespace orcinus

#endif // RUNTIME_MEMORY_ALIGNEDBUFFER_H
