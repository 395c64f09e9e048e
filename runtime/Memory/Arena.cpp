//===- Arena.cpp - Memory of compiled steps -------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Memory/Arena.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdlib>
#include <mutex>
#include <new>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif
#endif

using namespace orcinus;

/// Tells AddressSanitizer that nobody may touch these bytes of a chunk. It sees
/// the chunk as one block.
static void forbid([[maybe_unused]] void *begin,
                   [[maybe_unused]] size_t bytes) {
#ifdef ASAN_POISON_MEMORY_REGION
  ASAN_POISON_MEMORY_REGION(begin, bytes);
#endif
}

/// Takes that back.
static void allow([[maybe_unused]] void *begin, [[maybe_unused]] size_t bytes) {
#ifdef ASAN_UNPOISON_MEMORY_REGION
  ASAN_UNPOISON_MEMORY_REGION(begin, bytes);
#endif
}

/// Chunks are as large and aligned as a huge page of the usual CPUs.
static constexpr size_t chunkAlignment = size_t(2) << 20;
static constexpr size_t minimumChunk = size_t(8) << 20;

static thread_local Arena *currentArena = nullptr;

namespace {

/// The arena of threads without a scope. Never destroyed: an OpenMP worker may
/// outlive every static object.
union SharedArena {
  constexpr SharedArena() : arena() {}
  ~SharedArena() {}
  Arena arena;
};

} // namespace

static constinit SharedArena sharedArena;

Arena &Arena::current() {
  return currentArena ? *currentArena : sharedArena.arena;
}

ArenaScope::ArenaScope(Arena &arena) : previous(currentArena) {
  currentArena = &arena;
}

ArenaScope::~ArenaScope() { currentArena = previous; }

Arena::~Arena() { discard(); }

void Arena::discardShared() { sharedArena.arena.discard(); }

void Arena::discardCurrent() {
  if (currentArena)
    currentArena->discard();
}

void Arena::discard() {
  std::lock_guard<Mutex> lock(mutex);
  while (Chunk *chunk = chunks) {
    chunks = chunk->next;
    std::free(chunk);
  }
  chunkCount = 0;
  freeLists = {};
  chunkPosition = nullptr;
  chunkLeft = reserved = 0;
  inUse = 0;
}

// The class of 2^e·(1 + q/4) bytes, e ≥ 6 and 0 ≤ q < 4, is 4(e - 6) + q.
size_t Arena::sizeOfClass(uint32_t sizeClass) {
  return (size_t(4) + sizeClass % 4) << (4 + sizeClass / 4);
}

uint32_t Arena::sizeClassOf(size_t bytes) {
  if (bytes <= 64)
    return 0;
  uint32_t exponent = std::bit_width(bytes - 1) - 1;
  uint32_t quarter = ((bytes - 1) >> (exponent - 2)) & 3;
  return 4 * (exponent - 6) + quarter + 1;
}

void *Arena::allocate(size_t bytes) noexcept {
  uint32_t sizeClass = sizeClassOf(bytes);
  if (sizeClass >= classCount)
    return nullptr;
  std::lock_guard<Mutex> lock(mutex);
  Header *header = takeFree(sizeClass);
  if (!header)
    header = carve(sizeClass);
  if (!header)
    return nullptr;
  ++blocks;
  ++inUse;
  allow(header + 1, bytes);
  return header + 1;
}

void Arena::release(void *block) {
  if (!block)
    return;
  Header *header = static_cast<Header *>(block) - 1;
  Arena &owner = *header->owner;
  std::lock_guard<Mutex> lock(owner.mutex);
  forbid(block, sizeOfClass(header->sizeClass));
  --owner.inUse;
  header->next = owner.freeLists[header->sizeClass];
  owner.freeLists[header->sizeClass] = header;
}

/// Frontiers waver in size from batch to batch, so a block of up to twice the
/// size serves before new memory is taken.
Arena::Header *Arena::takeFree(uint32_t sizeClass) {
  uint32_t end = std::min<uint32_t>(sizeClass + 5, classCount);
  for (uint32_t candidate = sizeClass; candidate != end; ++candidate) {
    Header *header = freeLists[candidate];
    if (!header)
      continue;
    freeLists[candidate] = header->next;
    return header;
  }
  return nullptr;
}

Arena::Header *Arena::carve(uint32_t sizeClass) {
  // A quarter of a small class is not a multiple of 64 bytes.
  size_t bytes = (sizeOfClass(sizeClass) + 63) / 64 * 64 + sizeof(Header);
  if (bytes > chunkLeft && !addChunk(bytes))
    return nullptr;
  allow(chunkPosition, sizeof(Header));
  auto *header = new (chunkPosition) Header{this, nullptr, sizeClass};
  // What pads it lies before the block.
  constexpr size_t fields =
      offsetof(Header, sizeClass) + sizeof(Header::sizeClass);
  forbid(chunkPosition + fields, sizeof(Header) - fields);
  chunkPosition += bytes;
  chunkLeft -= bytes;
  return header;
}

bool Arena::addChunk(size_t bytes) {
  // The chunks double, so that their number stays logarithmic.
  bytes = std::max({bytes + sizeof(Chunk), minimumChunk,
                    std::min(reserved, 8 * minimumChunk)});
  bytes = (bytes + chunkAlignment - 1) / chunkAlignment * chunkAlignment;
  void *memory = std::aligned_alloc(chunkAlignment, bytes);
  if (!memory)
    return false;
  chunks = new (memory) Chunk{chunks};
  ++chunkCount;
  chunkPosition = reinterpret_cast<char *>(chunks + 1);
  chunkLeft = bytes - sizeof(Chunk);
  forbid(chunkPosition, chunkLeft);
  reserved += bytes;
  return true;
}

int64_t Arena::heapAllocations() const {
  std::lock_guard<Mutex> lock(mutex);
  return chunkCount;
}

int64_t Arena::blockAllocations() const {
  std::lock_guard<Mutex> lock(mutex);
  return blocks;
}

int64_t Arena::blocksInUse() const {
  std::lock_guard<Mutex> lock(mutex);
  return inUse;
}

size_t Arena::reservedBytes() const {
  std::lock_guard<Mutex> lock(mutex);
  return reserved;
}
