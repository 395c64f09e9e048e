//===- Arena.h - Memory of compiled steps -----------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_MEMORY_ARENA_H
#define RUNTIME_MEMORY_ARENA_H

#include "runtime/Memory/Mutex.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace orcinus {

/// The allocator behind `orcinus_rt_allocate`: blocks of 64-byte alignment,
/// cut from big chunks and kept in free lists by size class, so that a step
/// which asks for what the step before it gave back takes nothing from the
/// heap. Thread safe, for compiled code may allocate inside a parallel region.
class Arena {
public:
  constexpr Arena() = default;
  Arena(const Arena &) = delete;
  Arena &operator=(const Arena &) = delete;
  /// Gives all memory back; no block may be in use any more.
  ~Arena();

  /// A block of at least `bytes` bytes, 64-byte aligned; null where the heap is
  /// exhausted.
  void *allocate(size_t bytes) noexcept;

  /// Returns a block to the arena that it came from. Null is ignored.
  static void release(void *block);

  /// Chunks taken from the heap so far.
  int64_t heapAllocations() const;
  /// Blocks handed out so far.
  int64_t blockAllocations() const;
  /// Those of them that were not released.
  int64_t blocksInUse() const;
  /// The bytes of all chunks.
  size_t reservedBytes() const;

  /// The arena that `orcinus_rt_allocate` uses on the calling thread: the one
  /// made current by an ArenaScope, else one that the threads without a scope
  /// (OpenMP's workers) share.
  static Arena &current();

  /// Gives all memory of the calling thread's own arena back, if it has one.
  /// Blocks that are in use must not be touched any more, nor released.
  static void discardCurrent();

  /// Frees the arena of threads without a scope, and all that they hold of it:
  /// none may use it any more.
  static void discardShared();

  /// Gives all memory back. Blocks that are in use must not be touched any
  /// more, nor released.
  void discard();

private:
  /// Size classes: four to each power of two, from 64 bytes to 2^47.
  static constexpr size_t classCount = 168;

  /// Precedes each block and keeps its alignment.
  struct alignas(64) Header {
    Arena *owner;
    Header *next;
    uint32_t sizeClass;
  };

  /// The beginning of what was taken from the heap.
  struct alignas(64) Chunk {
    Chunk *next;
  };

  static uint32_t sizeClassOf(size_t bytes);
  static size_t sizeOfClass(uint32_t sizeClass);
  Header *takeFree(uint32_t sizeClass);
  /// Null and false where the heap is exhausted.
  Header *carve(uint32_t sizeClass);
  bool addChunk(size_t bytes);

  mutable Mutex mutex;
  std::array<Header *, classCount> freeLists{};
  Chunk *chunks = nullptr;
  int64_t chunkCount = 0;
  char *chunkPosition = nullptr;
  size_t chunkLeft = 0;
  size_t reserved = 0;
  int64_t blocks = 0;
  int64_t inUse = 0;
};

/// Makes an arena current on the calling thread for its own lifetime.
class ArenaScope {
public:
  explicit ArenaScope(Arena &arena);
  ~ArenaScope();
  ArenaScope(const ArenaScope &) = delete;
  ArenaScope &operator=(const ArenaScope &) = delete;

private:
  Arena *previous;
};

} // namespace orcinus

#endif // RUNTIME_MEMORY_ARENA_H
