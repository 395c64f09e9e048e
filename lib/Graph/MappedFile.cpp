//===- MappedFile.cpp - A file in memory ----------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MappedFile.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace orcinus;

StatusOr<std::shared_ptr<const MappedFile>>
MappedFile::open(const std::string &path) {
  auto fail = [&](int error) {
    return Status::error("cannot read '" + path + "': " + std::strerror(error),
                         StatusCode::InputOutput);
  };
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return fail(errno);
  struct stat status{};
  if (fstat(descriptor, &status) != 0 || status.st_size <= 0) {
    int error = status.st_size == 0 ? ENODATA : errno;
    close(descriptor);
    return fail(error);
  }
  auto size = static_cast<size_t>(status.st_size);
  void *memory = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  int error = errno;
  close(descriptor);
  if (memory == MAP_FAILED)
    return fail(error);
  return std::shared_ptr<const MappedFile>(new MappedFile(memory, size));
}

MappedFile::~MappedFile() { munmap(memory, size); }
