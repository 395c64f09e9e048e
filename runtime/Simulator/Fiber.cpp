//===- Fiber.cpp - Stacks to switch between -------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Simulator/Fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

using namespace orcinus;
using boost::context::detail::transfer_t;

Fiber::~Fiber() {
#ifdef ORCINUS_THREAD_SANITIZER
  if (stackBytes != 0 && sanitizerFiber)
    __tsan_destroy_fiber(sanitizerFiber);
#endif
}

/// The first function on a fiber's stack.
struct Fiber::Entry {
  static void run(transfer_t transfer) {
    arrive(transfer);
    auto *fiber = static_cast<Fiber *>(transfer.data);
    fiber->function(fiber->argument);
    // A switch with `last` has left this stack for good.
    std::abort();
  }
};

void Fiber::start(void *stackEnd, size_t bytes, Function run, void *data) {
  stackStart = static_cast<char *>(stackEnd) - bytes;
  stackBytes = bytes;
  function = run;
  argument = data;
  fakeStack = nullptr;
#ifdef ORCINUS_ADDRESS_SANITIZER
  // A flow that was given up has left its marks.
  __asan_unpoison_memory_region(stackStart, bytes);
#endif
#ifdef ORCINUS_THREAD_SANITIZER
  // Its list of the calls that a flow is in keeps those that a flow has ended
  // within, and has an end: 65,536. Making one anew takes longer than a thread.
  constexpr int64_t mostFlows = 1000;
  if (sanitizerFiber && flows % mostFlows == 0) {
    __tsan_destroy_fiber(sanitizerFiber);
    sanitizerFiber = nullptr;
  }
  if (!sanitizerFiber)
    sanitizerFiber = __tsan_create_fiber(0);
  ++flows;
#endif
  context = boost::context::detail::make_fcontext(stackEnd, bytes, &Entry::run);
}

static size_t pageBytes() {
  static const size_t bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

/// Stacks a whole number of pages apart would share a few sets of the cache:
/// their ends are spread over so many bytes.
static constexpr size_t spreadBytes = 4096;

static size_t strideOfStacks() {
  return pageBytes() + FiberStacks::stackBytes + spreadBytes;
}

FiberStacks::~FiberStacks() {
  if (memory)
    munmap(memory, count * strideOfStacks());
}

Status FiberStacks::reserve(size_t wanted) {
  if (wanted <= count)
    return Status();
  if (memory)
    munmap(memory, count * strideOfStacks());
  memory = nullptr;
  count = 0;
  size_t bytes = wanted * strideOfStacks();
  void *mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED)
    return Status::error("cannot map " + std::to_string(bytes) +
                             " bytes for the stacks of " +
                             std::to_string(wanted) + " simulated threads",
                         StatusCode::OutOfMemory);
  memory = static_cast<char *>(mapped);
  count = wanted;
  for (size_t index = 0; index < count; ++index)
    if (mprotect(memory + index * strideOfStacks(), pageBytes(), PROT_NONE))
      return Status::error("cannot protect the stacks of simulated threads",
                           StatusCode::OutOfMemory);
  return Status();
}

void *FiberStacks::end(size_t index) const {
  return memory + (index + 1) * strideOfStacks() - index * 256 % spreadBytes;
}
