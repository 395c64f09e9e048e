//===- SpilledMemory.cpp - Memory that a disk has room for ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Support/SpilledMemory.h"

#include <filesystem>
#include <new>
#include <string>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace orcinus;

void *orcinus::mapSpilled(size_t bytes) {
  std::error_code error;
  std::string path =
      (std::filesystem::temp_directory_path(error) / "orcinus-spill-XXXXXX")
          .string();
  int file = error ? -1 : mkstemp(path.data());
  if (file < 0)
    throw std::bad_alloc();
  unlink(path.c_str());
  // Room on the disk is taken now: to run out of it later would be a signal in
  // the middle of a write.
  size_t size = bytes == 0 ? 1 : bytes;
  void *memory = MAP_FAILED;
  if (posix_fallocate(file, 0, static_cast<off_t>(size)) == 0)
    memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory == MAP_FAILED)
    throw std::bad_alloc();
  return memory;
}

void orcinus::unmapSpilled(void *memory, size_t bytes) noexcept {
  if (memory)
    munmap(memory, bytes == 0 ? 1 : bytes);
}
