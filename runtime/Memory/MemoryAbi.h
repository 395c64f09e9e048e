//===- MemoryAbi.h - What all compiled code may call ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_MEMORY_MEMORYABI_H
#define RUNTIME_MEMORY_MEMORYABI_H

#include <cstdint>

// The contract is docs/abi.md.
extern "C" {
/// A block of the calling thread's arena. Leaves the compiled call where there
/// is no memory.
void *orcinus_rt_allocate(int64_t bytes);
void orcinus_rt_free(void *block);

/// Leaves the compiled call: an assertion that says `message` does not hold.
void orcinus_rt_fail(const char *message);

/// Moves the elements of a memref that a function returns, of `rank` and of
/// `elementBytes` each, from the block that it was allocated as into memory
/// that std::free() frees. Leaves the compiled call where there is none.
void orcinus_rt_keep(void *descriptor, int64_t rank, int64_t elementBytes);

/// Calls `function` with an arena of its own. Null, or why it was left, until
/// the thread's next call.
const char *orcinus_rt_call(void (*function)(void **), void **arguments);
}

#endif // RUNTIME_MEMORY_MEMORYABI_H
