//===- PackagedLlvm.h - LLVM's headers as its library was built -*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two of LLVM's headers go by how whoever includes them is compiled, though
// their other half is in the packaged library, which has neither assertions nor
// sanitizers. This is included before all else where Orcinus has either
// (OrcinusTargets.cmake).
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_CMAKE_PACKAGEDLLVM_H
#define ORCINUS_CMAKE_PACKAGEDLLVM_H

// The statistics of passes: without NDEBUG they have members that the library's
// constructor does not know and leaves as they are.
#ifndef NDEBUG
#define NDEBUG
#include "llvm/ADT/Statistic.h"
#undef NDEBUG
#include <cassert>
#endif

// The arena allocator: its functions are inlined into both sides, and memory
// that ours would poison the library's would not release.
#include "llvm/Support/Compiler.h"
#if LLVM_ADDRESS_SANITIZER_BUILD
#define __asan_poison_memory_region(address, bytes)                            \
  ((void)(address), (void)(bytes))
#define __asan_unpoison_memory_region(address, bytes)                          \
  ((void)(address), (void)(bytes))
#endif

#endif // ORCINUS_CMAKE_PACKAGEDLLVM_H
