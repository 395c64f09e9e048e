//===- CompiledCall.cpp - Calls that running out of memory ends -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Memory/CompiledCall.h"

#include "runtime/Memory/Arena.h"

#include <atomic>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>

using namespace orcinus;

static std::atomic<int (*)()> parallelLevel{nullptr};

/// Where the innermost call of this thread is left to.
static thread_local std::jmp_buf *exitOfCall = nullptr;

/// Why it was left, cut to what fits.
static thread_local char reason[512];

void orcinus::setParallelLevel(int (*level)()) noexcept {
  parallelLevel = level;
}

template <typename Argument>
static bool callOrLeave(void (*function)(Argument), Argument argument) {
  std::jmp_buf here;
  std::jmp_buf *volatile outer = exitOfCall;
  // Frames of compiled code lie between, which have nothing to destroy.
  if (setjmp(here) == 0) {
    exitOfCall = &here;
    function(argument);
    exitOfCall = outer;
    return true;
  }
  exitOfCall = outer;
  Arena::discardCurrent();
  return false;
}

bool orcinus::callCompiled(void (*function)(void *), void *argument) {
  return callOrLeave(function, argument);
}

bool orcinus::callCompiled(void (*function)(void **), void **arguments) {
  return callOrLeave(function, arguments);
}

const char *orcinus::reasonToLeave(void (*function)(void **),
                                   void **arguments) {
  return callOrLeave(function, arguments) ? nullptr : reason;
}

/// Leaves the call for the thread's `reason`.
[[noreturn]] static void leave() {
  int (*level)() = parallelLevel;
  if (exitOfCall && !(level && level() > 0))
    std::longjmp(*exitOfCall, 1);
  std::fprintf(stderr, "orcinus: error: %s\n", reason);
  std::_Exit(1);
}

void orcinus::leaveCompiledCall(size_t bytes) noexcept {
  std::snprintf(reason, sizeof(reason),
                "out of memory: compiled code needs %zu bytes more and cannot "
                "go on without: compile for fewer threads or smaller batches",
                bytes);
  leave();
}

void orcinus::failCompiledCall(const char *message) noexcept {
  std::snprintf(reason, sizeof(reason),
                "an assertion of the program does not hold: %s", message);
  leave();
}
