//===- SpilledMemory.h - Memory that a disk has room for --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_SUPPORT_SPILLEDMEMORY_H
#define ORCINUS_SUPPORT_SPILLEDMEMORY_H

#include <cstddef>
#include <new>
#include <type_traits>

namespace orcinus {

/// Maps `bytes` zero bytes of a file without a name in the folder for temporary
/// files (TMPDIR): the system may write pages of it to the disk and take their
/// memory for something else. Throws std::bad_alloc where there is no room.
void *mapSpilled(size_t bytes);
void unmapSpilled(void *memory, size_t bytes) noexcept;

/// Allocates from the heap or, where it `spills`, such memory.
template <typename T>
class SpillingAllocator {
public:
  using value_type = T;
  // What is moved or assigned takes its memory along. As the standard has it.
  // NOLINTBEGIN(readability-identifier-naming)
  using propagate_on_container_copy_assignment = std::true_type;
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;
  // NOLINTEND(readability-identifier-naming)

  explicit SpillingAllocator(bool spills = false) : spills(spills) {}
  template <typename Other>
  SpillingAllocator(const SpillingAllocator<Other> &other)
      : spills(other.isSpilling()) {}

  T *allocate(size_t count) {
    if (count > static_cast<size_t>(-1) / sizeof(T))
      throw std::bad_alloc();
    size_t bytes = count * sizeof(T);
    return static_cast<T *>(spills ? mapSpilled(bytes) : ::operator new(bytes));
  }
  void deallocate(T *memory, size_t count) noexcept {
    if (spills)
      unmapSpilled(memory, count * sizeof(T));
    else
      ::operator delete(memory);
  }

  bool isSpilling() const { return spills; }
  bool operator==(const SpillingAllocator &) const = default;

private:
  bool spills;
};

} // namespace orcinus

#endif // ORCINUS_SUPPORT_SPILLEDMEMORY_H
