//===- Fiber.h - Stacks to switch between -----------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_SIMULATOR_FIBER_H
#define ORCINUS_RUNTIME_SIMULATOR_FIBER_H

#include "orcinus/Support/Status.h"

#include <boost/context/detail/fcontext.hpp>

#include <cstddef>
#include <cstdint>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ORCINUS_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#elif __has_feature(thread_sanitizer)
#define ORCINUS_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif
#endif

namespace orcinus {

/// A flow of control with a stack of its own. Boost's `fiber` unwinds a flow
/// that is given up; compiled kernels cannot be unwound, so this is a thin
/// layer over the switch beneath it: a flow is given up by starting another
/// one on its stack.
class Fiber {
public:
  using Function = void (*)(void *argument);

  Fiber() = default;
  Fiber(const Fiber &) = delete;
  Fiber &operator=(const Fiber &) = delete;
  ~Fiber();

  /// Makes the next switch to this fiber call `function` on the stack that
  /// ends before `stackEnd`. The function must not return: it ends by a switch
  /// to another fiber with `last`.
  void start(void *stackEnd, size_t stackBytes, Function function,
             void *argument);

  /// Suspends the running fiber `from` and continues `to`. Returns when `from`
  /// is continued; with `last` that never happens. Inline, as are its callers:
  /// after a switch, the processor predicts each return wrongly.
  static void switchTo(Fiber &from, Fiber &to, bool last = false) {
    to.previous = &from;
    leaving(from, to, last);
    auto transfer = boost::context::detail::jump_fcontext(to.context, &to);
    arrive(transfer);
  }

  /// Whether `address` lies on the stack.
  bool owns(const void *address) const {
    uintptr_t at = reinterpret_cast<uintptr_t>(address);
    uintptr_t start = reinterpret_cast<uintptr_t>(stackStart);
    return at >= start && at < start + stackBytes;
  }

private:
  struct Entry;
  /// Before and after the switch.
  static void leaving(Fiber &from, Fiber &to, bool last) {
#ifdef ORCINUS_ADDRESS_SANITIZER
    __sanitizer_start_switch_fiber(last ? nullptr : &from.fakeStack,
                                   to.stackStart, to.stackBytes);
#endif
#ifdef ORCINUS_THREAD_SANITIZER
    if (!from.sanitizerFiber)
      from.sanitizerFiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(to.sanitizerFiber, 0);
#endif
  }
  static void arrive(boost::context::detail::transfer_t transfer) {
    Fiber &from = *static_cast<Fiber *>(transfer.data)->previous;
    from.context = transfer.fctx;
#ifdef ORCINUS_ADDRESS_SANITIZER
    // This also tells where the stack of the thread's own flow lies.
    const void *start = nullptr;
    size_t bytes = 0;
    __sanitizer_finish_switch_fiber(
        static_cast<Fiber *>(transfer.data)->fakeStack, &start, &bytes);
    if (from.stackBytes == 0) {
      from.stackStart = start;
      from.stackBytes = bytes;
    }
#endif
  }

  void *context = nullptr;
  /// What ran before this fiber was continued.
  Fiber *previous = nullptr;
  const void *stackStart = nullptr;
  size_t stackBytes = 0;
  Function function = nullptr;
  void *argument = nullptr;
  /// What AddressSanitizer and ThreadSanitizer know of this fiber.
  [[maybe_unused]] void *fakeStack = nullptr;
  [[maybe_unused]] void *sanitizerFiber = nullptr;
#ifdef ORCINUS_THREAD_SANITIZER
  int64_t flows = 0;
#endif
};

/// Stacks of equal size with a guard page below each, kept for reuse.
class FiberStacks {
public:
  /// Bytes of a stack. What is not touched takes no memory.
  static constexpr size_t stackBytes = 256 * 1024;

  FiberStacks() = default;
  FiberStacks(const FiberStacks &) = delete;
  FiberStacks &operator=(const FiberStacks &) = delete;
  ~FiberStacks();

  /// Makes at least `count` stacks, which invalidates those that were there.
  Status reserve(size_t count);

  /// Where stack `index` ends: stacks grow down.
  void *end(size_t index) const;

private:
  char *memory = nullptr;
  size_t count = 0;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_SIMULATOR_FIBER_H
