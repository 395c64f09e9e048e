//===- GuardedMemory.cpp - Memory that shows who strays from it -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GuardedMemory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>

using namespace orcinus;
using namespace orcinus::differential;

/// What the runtime's allocator promises.
static constexpr int64_t allocationAlignment = 64;

static size_t pageSize() {
  static const auto size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

GuardedBlock::GuardedBlock(int64_t bytes, int64_t alignment,
                           const MemoryOptions &options)
    : bytes(bytes), poison(options.poison) {
  size_t page = pageSize();
  length = std::max<size_t>(1, (bytes + page - 1) / page) * page;
  mapped = length + 2 * page;
  void *address = mmap(nullptr, mapped, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (address == MAP_FAILED)
    std::abort();
  mapping = static_cast<std::byte *>(address);
  first = mapping + page;
  if (mprotect(first, length, PROT_READ | PROT_WRITE) != 0)
    std::abort();
  std::memset(first, poison, length);
  size_t offset = options.atEnd ? (length - bytes) / alignment * alignment : 0;
  begin = first + offset;
}

GuardedBlock::~GuardedBlock() {
  if (mapping)
    munmap(mapping, mapped);
}

GuardedBlock::GuardedBlock(GuardedBlock &&other) noexcept
    : mapping(std::exchange(other.mapping, nullptr)), mapped(other.mapped),
      first(other.first), length(other.length), begin(other.begin),
      bytes(other.bytes), poison(other.poison) {}

bool GuardedBlock::isIntact() const {
  auto isPoison = [this](std::byte value) {
    return value == std::byte(poison);
  };
  return std::all_of(first, begin, isPoison) &&
         std::all_of(begin + bytes, first + length, isPoison);
}

namespace {

/// Compiled code finds it by name, so there is one.
struct Allocator {
  std::mutex mutex;
  MemoryOptions options;
  std::map<void *, GuardedBlock> blocks;
  std::string report;

  void blame(const char *text) {
    if (report.empty())
      report = text;
  }
};

Allocator &allocator() {
  static Allocator instance;
  return instance;
}

void *allocate(int64_t bytes) {
  Allocator &state = allocator();
  std::lock_guard lock(state.mutex);
  GuardedBlock block(bytes, allocationAlignment, state.options);
  void *address = block.data();
  state.blocks.emplace(address, std::move(block));
  return address;
}

void release(void *address) {
  Allocator &state = allocator();
  std::lock_guard lock(state.mutex);
  auto found = state.blocks.find(address);
  if (found == state.blocks.end())
    return state.blame("frees what is not allocated");
  if (!found->second.isIntact())
    state.blame("writes beside a block that it allocated");
  // Whoever touches it from now on touches no memory at all.
  state.blocks.erase(found);
}

} // namespace

void differential::startGuardedAllocations(const MemoryOptions &options) {
  Allocator &state = allocator();
  std::lock_guard lock(state.mutex);
  state.options = options;
  state.blocks.clear();
  state.report.clear();
}

std::string differential::takeAllocationReport() {
  Allocator &state = allocator();
  std::lock_guard lock(state.mutex);
  if (!state.blocks.empty())
    state.blame("does not free what it allocates");
  state.blocks.clear();
  return std::exchange(state.report, std::string());
}

std::vector<RuntimeSymbol> differential::guardedAllocator() {
  return {{"orcinus_rt_allocate", reinterpret_cast<void *>(&allocate)},
          {"orcinus_rt_free", reinterpret_cast<void *>(&release)}};
}
