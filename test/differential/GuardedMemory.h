//===- GuardedMemory.h - Memory that shows who strays from it ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_DIFFERENTIAL_GUARDEDMEMORY_H
#define ORCINUS_TEST_DIFFERENTIAL_GUARDEDMEMORY_H

#include "runtime/Jit/Executable.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace orcinus::differential {

/// What memory that nobody wrote holds, and where blocks lie.
struct MemoryOptions {
  /// 0xFF makes every float a NaN, 0x7E a very large number, which a maximum
  /// does not hide.
  uint8_t poison = 0xFF;
  /// Whether a block ends where the page ends that must not be touched, or
  /// begins where it begins.
  bool atEnd = true;

  bool operator==(const MemoryOptions &) const = default;
};

/// Bytes between two pages that no one may touch. What is left of the block's
/// own pages is its red zone.
class GuardedBlock {
public:
  GuardedBlock(int64_t bytes, int64_t alignment, const MemoryOptions &options);
  ~GuardedBlock();
  GuardedBlock(GuardedBlock &&other) noexcept;
  GuardedBlock &operator=(GuardedBlock &&) = delete;

  std::byte *data() const { return begin; }
  int64_t size() const { return bytes; }

  /// The block and its red zones.
  std::span<std::byte> pages() const { return {first, length}; }

  /// Whether the red zones are as they were made.
  bool isIntact() const;

private:
  /// The mapping, with its two pages that must not be touched.
  std::byte *mapping = nullptr;
  size_t mapped = 0;
  std::byte *first = nullptr;
  size_t length = 0;
  std::byte *begin = nullptr;
  int64_t bytes;
  uint8_t poison;
};

/// The allocator of compiled code: blocks come poisoned, between red zones, and
/// are poisoned again when they are freed. From here to `takeReport` its
/// functions are the ones that compiled code calls.
void startGuardedAllocations(const MemoryOptions &options);

/// What was wrong since `startGuardedAllocations`: a red zone that was written,
/// something freed that is not allocated, or not freed. Empty where nothing
/// was.
std::string takeAllocationReport();

/// The allocator under the names that compiled code calls it by.
std::vector<RuntimeSymbol> guardedAllocator();

} // namespace orcinus::differential

#endif // ORCINUS_TEST_DIFFERENTIAL_GUARDEDMEMORY_H
