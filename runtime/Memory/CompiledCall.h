//===- CompiledCall.h - Calls that running out of memory ends ---*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_MEMORY_COMPILEDCALL_H
#define RUNTIME_MEMORY_COMPILEDCALL_H

#include <cstddef>

namespace orcinus {

/// Calls compiled code, which asks for memory and cannot be told that there is
/// none: it has neither a result for that nor tables for an exception. False
/// where memory ran out and the call was left in its middle: what it was to
/// write is undefined, and the blocks that it holds of the thread's own arena
/// (ArenaScope) are given back.
[[nodiscard]] bool callCompiled(void (*function)(void *), void *argument);
[[nodiscard]] bool callCompiled(void (*function)(void **), void **arguments);

/// The same, and why the call was left, whether for memory or by an assertion
/// of the program; null where it was not. The text is the thread's, until its
/// next call.
[[nodiscard]] const char *reasonToLeave(void (*function)(void **),
                                        void **arguments);

/// What a function that compiled code calls does where no memory of `bytes`
/// bytes (0 if unknown) is left: leaves the call above, without unwinding. In a
/// parallel region, whose other threads go on, and outside of a call, the
/// process ends with one line on the standard error stream and status 1. To be
/// called where no object on the stack has something to destroy.
[[noreturn]] void leaveCompiledCall(size_t bytes) noexcept;

/// The same where an assertion of the program does not hold, which says
/// `message`.
[[noreturn]] void failCompiledCall(const char *message) noexcept;

/// Says which function counts the parallel regions around its caller
/// (`omp_get_level` of the OpenMP runtime that compiled code calls).
void setParallelLevel(int (*level)()) noexcept;

} // namespace orcinus

#endif // RUNTIME_MEMORY_COMPILEDCALL_H
