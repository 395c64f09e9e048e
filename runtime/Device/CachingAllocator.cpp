//===- CachingAllocator.cpp - Device memory that is kept ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device/CachingAllocator.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

using namespace orcinus;

CachingAllocator::CachingAllocator(std::unique_ptr<MemorySource> source,
                                   size_t limit)
    : source(std::move(source)), limit(limit) {}

CachingAllocator::~CachingAllocator() {
  for (const auto &[address, block] : blocks)
    source->giveBack(reinterpret_cast<void *>(address));
}

// The class of 2^e·(1 + q/4) bytes, e ≥ 8 and 0 ≤ q < 4, is 4(e - 8) + q.
size_t CachingAllocator::sizeOfClass(uint32_t sizeClass) {
  return (size_t(4) + sizeClass % 4) << (6 + sizeClass / 4);
}

uint32_t CachingAllocator::sizeClassOf(size_t bytes) {
  if (bytes <= 256)
    return 0;
  uint32_t exponent = std::bit_width(bytes - 1) - 1;
  uint32_t quarter = ((bytes - 1) >> (exponent - 2)) & 3;
  return 4 * (exponent - 8) + quarter + 1;
}

/// Batches waver in size, so a block of up to twice the size serves before new
/// memory is taken.
void *CachingAllocator::takeKept(uint32_t sizeClass) {
  uint32_t end = std::min(sizeClass + 5, classCount);
  for (uint32_t candidate = sizeClass; candidate != end; ++candidate) {
    if (kept[candidate].empty())
      continue;
    void *block = kept[candidate].back();
    kept[candidate].pop_back();
    idle -= sizeOfClass(candidate);
    return block;
  }
  return nullptr;
}

/// Null where the memory does not suffice.
StatusOr<void *> CachingAllocator::takeNew(uint32_t sizeClass) {
  size_t bytes = sizeOfClass(sizeClass);
  if (limit && used + idle + bytes > limit)
    return nullptr;
  StatusOr<void *> block = source->take(bytes);
  if (block.ok() && *block) {
    blocks[reinterpret_cast<uintptr_t>(*block)] = {sizeClass, false};
    ++taken;
  }
  return block;
}

void CachingAllocator::giveBackKept() {
  for (std::vector<void *> &list : kept) {
    for (void *block : list) {
      source->giveBack(block);
      blocks.erase(reinterpret_cast<uintptr_t>(block));
    }
    list.clear();
  }
  idle = 0;
}

StatusOr<void *> CachingAllocator::allocate(size_t bytes) {
  std::lock_guard<std::mutex> lock(mutex);
  uint32_t sizeClass =
      bytes > size_t(1) << 47 ? classCount : sizeClassOf(bytes);
  void *block = nullptr;
  if (sizeClass < classCount) {
    block = takeKept(sizeClass);
    for (int attempt = 0; !block && attempt != 2; ++attempt) {
      if (attempt)
        giveBackKept();
      StatusOr<void *> taken = takeNew(sizeClass);
      if (!taken.ok())
        return taken.status();
      block = *taken;
    }
  }
  if (!block)
    return Status::error(
        fmt::format("out of device memory: {} bytes asked for, {} used by this "
                    "program, {} of {} free{}; lower the batch size or the "
                    "dimension",
                    bytes, used, source->freeBytes(), source->totalBytes(),
                    limit ? fmt::format(", {} allowed", limit) : ""),
        StatusCode::OutOfMemory);
  Block &entry = blocks.find(reinterpret_cast<uintptr_t>(block))->second;
  entry.inUse = true;
  used += sizeOfClass(entry.sizeClass);
  return block;
}

Status CachingAllocator::release(void *block) {
  if (!block)
    return Status();
  std::lock_guard<std::mutex> lock(mutex);
  auto found = blocks.find(reinterpret_cast<uintptr_t>(block));
  if (found == blocks.end())
    return Status::error(
        fmt::format("{} is released, but is no block of this device",
                    fmt::ptr(block)),
        StatusCode::Internal);
  Block &entry = found->second;
  if (!entry.inUse)
    return Status::error(fmt::format("{} is released twice", fmt::ptr(block)),
                         StatusCode::Internal);
  entry.inUse = false;
  kept[entry.sizeClass].push_back(block);
  used -= sizeOfClass(entry.sizeClass);
  idle += sizeOfClass(entry.sizeClass);
  return Status();
}

bool CachingAllocator::holds(const void *address, size_t bytes) const {
  auto begin = reinterpret_cast<uintptr_t>(address);
  std::lock_guard<std::mutex> lock(mutex);
  auto next = blocks.upper_bound(begin);
  if (next == blocks.begin())
    return false;
  const auto &[start, block] = *std::prev(next);
  size_t offset = begin - start, size = sizeOfClass(block.sizeClass);
  return block.inUse && offset <= size && bytes <= size - offset;
}

size_t CachingAllocator::totalBytes() const { return source->totalBytes(); }

size_t CachingAllocator::freeBytes() const { return source->freeBytes(); }

size_t CachingAllocator::usedBytes() const {
  std::lock_guard<std::mutex> lock(mutex);
  return used;
}

size_t CachingAllocator::keptBytes() const {
  std::lock_guard<std::mutex> lock(mutex);
  return idle;
}

int64_t CachingAllocator::takenBlocks() const {
  std::lock_guard<std::mutex> lock(mutex);
  return taken;
}
