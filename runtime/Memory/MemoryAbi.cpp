//===- MemoryAbi.cpp - What all compiled code may call --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Also part of the shared libraries that `orcinus compile` writes, which have
// no C++ library: nothing here may call it.
//
//===----------------------------------------------------------------------===//

#include "runtime/Memory/MemoryAbi.h"

#include "runtime/Memory/Arena.h"
#include "runtime/Memory/CompiledCall.h"

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>

using namespace orcinus;

#ifdef ORCINUS_STANDALONE
// There where the module calls OpenMP. In the compiler's own process,
// runtime/Jit/OpenMP.cpp says which of several runtimes counts.
__attribute__((weak)) int openMPLevel() __asm__("omp_get_level");
#endif

void *orcinus_rt_allocate(int64_t bytes) {
  if (void *block = Arena::current().allocate(static_cast<size_t>(bytes)))
    return block;
  leaveCompiledCall(static_cast<size_t>(bytes));
}

void orcinus_rt_free(void *block) { Arena::release(block); }

void orcinus_rt_fail(const char *message) { failCompiledCall(message); }

void orcinus_rt_keep(void *descriptor, int64_t rank, int64_t elementBytes) {
  auto *words = static_cast<int64_t *>(descriptor);
  auto *block = reinterpret_cast<void *>(words[0]);
  auto *elements = reinterpret_cast<const char *>(words[1]);
  // The elements fit memory, and so do their bytes a number.
  size_t bytes = static_cast<size_t>(elementBytes);
  for (int64_t at = 0; at != rank; ++at)
    bytes *= static_cast<size_t>(words[3 + at]);
  // Never null where memory suffices, and of a whole vector's alignment.
  size_t room = (bytes + 64) / 64 * 64;
  void *kept = std::aligned_alloc(64, room);
  if (!kept)
    leaveCompiledCall(room);
  std::memcpy(kept, elements + words[2] * elementBytes, bytes);
  Arena::release(block);
  words[0] = words[1] = reinterpret_cast<int64_t>(kept);
  words[2] = 0;
}

namespace {

/// Arenas between calls: a call takes one that is idle, so that what the call
/// before it took from the heap serves it again.
struct IdleArena {
  Arena arena;
  IdleArena *next = nullptr;
};

} // namespace

static constinit Mutex idleMutex;
static constinit IdleArena *idleArenas = nullptr;

/// Null where there is no memory.
static IdleArena *takeArena() {
  std::lock_guard<Mutex> lock(idleMutex);
  if (IdleArena *idle = idleArenas) {
    idleArenas = idle->next;
    return idle;
  }
  void *memory = std::aligned_alloc(64, (sizeof(IdleArena) + 63) / 64 * 64);
  return memory ? new (memory) IdleArena : nullptr;
}

/// What a call did not free, such as what a loop carries from turn to turn, is
/// of no use behind it.
static void giveBack(IdleArena *arena) {
  if (arena->arena.blocksInUse() != 0)
    arena->arena.discard();
  std::lock_guard<Mutex> lock(idleMutex);
  arena->next = idleArenas;
  idleArenas = arena;
}

#ifdef ORCINUS_STANDALONE
/// A library that is closed leaves no memory behind.
__attribute__((destructor)) static void freeArenas() {
  std::lock_guard<Mutex> lock(idleMutex);
  while (IdleArena *idle = idleArenas) {
    idleArenas = idle->next;
    idle->~IdleArena();
    std::free(idle);
  }
  // No thread runs the library's code any more.
  Arena::discardShared();
}
#endif

const char *orcinus_rt_call(void (*function)(void **), void **arguments) {
#ifdef ORCINUS_STANDALONE
  setParallelLevel(openMPLevel);
#endif
  IdleArena *arena = takeArena();
  if (!arena)
    return "out of memory";
  const char *reason;
  {
    ArenaScope scope(arena->arena);
    reason = reasonToLeave(function, arguments);
  }
  giveBack(arena);
  return reason;
}
