//===- CachingAllocator.h - Device memory that is kept ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_DEVICE_CACHINGALLOCATOR_H
#define RUNTIME_DEVICE_CACHINGALLOCATOR_H

#include "orcinus/Support/Status.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace orcinus {

/// Where an allocator takes its memory from.
class MemorySource {
public:
  virtual ~MemorySource() = default;
  /// A block of `bytes` bytes, or null where the memory does not suffice.
  /// Errors: anything else that is wrong with the device.
  virtual StatusOr<void *> take(size_t bytes) = 0;
  virtual void giveBack(void *block) = 0;
  /// What the device has, and what of it nobody has taken.
  virtual size_t totalBytes() = 0;
  virtual size_t freeBytes() = 0;
};

/// Blocks by size class. What is released is kept for the next request, so that
/// a step which asks for what the step before gave back takes nothing from the
/// device. A block may be handed out again at once: work that still uses it
/// must come before the next one's. Thread safe.
class CachingAllocator {
public:
  /// Takes at most `limit` bytes; 0 for all there is.
  CachingAllocator(std::unique_ptr<MemorySource> source, size_t limit);
  CachingAllocator(const CachingAllocator &) = delete;
  CachingAllocator &operator=(const CachingAllocator &) = delete;
  /// Gives back everything, also what is in use.
  ~CachingAllocator();

  /// A block of at least `bytes` bytes; never null. Where memory runs out,
  /// blocks that are not in use are given back first. Errors: out of memory,
  /// with what was asked for, is used and is free.
  StatusOr<void *> allocate(size_t bytes);

  /// Takes a block back; null is ignored. Errors: a block that is not in use,
  /// or is not this allocator's.
  Status release(void *block);

  /// Whether [address, address + bytes) lies in one block that is in use.
  bool holds(const void *address, size_t bytes) const;

  size_t totalBytes() const;
  size_t freeBytes() const;
  /// The bytes of all blocks in use, and of those that are kept.
  size_t usedBytes() const;
  size_t keptBytes() const;
  /// Blocks taken from the source so far.
  int64_t takenBlocks() const;

private:
  /// Four to each power of two, from 256 bytes to 2^47.
  static constexpr uint32_t classCount = 160;

  struct Block {
    uint32_t sizeClass;
    bool inUse;
  };

  static uint32_t sizeClassOf(size_t bytes);
  static size_t sizeOfClass(uint32_t sizeClass);
  void *takeKept(uint32_t sizeClass);
  StatusOr<void *> takeNew(uint32_t sizeClass);
  void giveBackKept();

  mutable std::mutex mutex;
  std::unique_ptr<MemorySource> source;
  size_t limit;
  std::map<uintptr_t, Block> blocks;
  std::array<std::vector<void *>, classCount> kept;
  size_t used = 0;
  size_t idle = 0;
  int64_t taken = 0;
};

} // namespace orcinus

#endif // RUNTIME_DEVICE_CACHINGALLOCATOR_H
