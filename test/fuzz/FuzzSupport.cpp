//===- FuzzSupport.cpp - What the fuzzers share ---------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FuzzSupport.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/mman.h>
#include <unistd.h>

using namespace orcinus::fuzz;

void orcinus::fuzz::check(bool holds, const char *what) {
  if (holds)
    return;
  std::fprintf(stderr, "fuzzer: this does not hold: %s\n", what);
  std::abort();
}

MemoryFile::MemoryFile(std::string_view bytes)
    : descriptor(memfd_create("input", MFD_CLOEXEC)) {
  check(descriptor >= 0, "there is memory for a file");
  check(write(descriptor, bytes.data(), bytes.size()) ==
            static_cast<ssize_t>(bytes.size()),
        "the file takes the input");
}

MemoryFile::~MemoryFile() { close(descriptor); }

std::string MemoryFile::path() const {
  return "/proc/self/fd/" + std::to_string(descriptor);
}

MemoryFolder::MemoryFolder() {
  constexpr const char *inMemory = "/dev/shm";
  std::error_code error;
  folder = std::filesystem::is_directory(inMemory, error)
               ? inMemory
               : std::filesystem::temp_directory_path(error).string();
  folder += "/orcinus-fuzz-XXXXXX";
  check(mkdtemp(folder.data()) != nullptr, "a folder can be made");
}

MemoryFolder::~MemoryFolder() {
  std::error_code error;
  std::filesystem::remove_all(folder, error);
}

void MemoryFolder::write(const std::string &name,
                         std::string_view bytes) const {
  std::ofstream stream(folder + "/" + name, std::ios::binary);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string_view orcinus::fuzz::takePart(std::string_view &text,
                                         std::string_view separator) {
  size_t end = text.find(separator);
  std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size()
                                                   : end + separator.size());
  return part;
}
