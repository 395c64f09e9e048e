//===- AtomicFile.cpp - A file that appears whole or not at all -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AtomicFile.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

using namespace orcinus;

AtomicFile::AtomicFile(std::string path) : path(std::move(path)) {}

AtomicFile::~AtomicFile() {
  if (descriptor >= 0)
    close(descriptor);
  if (!temporary.empty())
    unlink(temporary.c_str());
}

Status AtomicFile::fail(const char *action, int error) const {
  std::string remedy = error == ENOSPC || error == EDQUOT || error == EFBIG
                           ? "; free some space or write to another disk"
                           : "; check the path and its permissions";
  return Status::error(std::string("cannot ") + action + " '" + path +
                           "': " + std::strerror(error) + remedy,
                       StatusCode::InputOutput);
}

Status AtomicFile::open() {
  target = path;
  if (std::unique_ptr<char, decltype(&std::free)> resolved(
          realpath(path.c_str(), nullptr), std::free);
      resolved)
    target = resolved.get();
  struct stat information;
  bool exists = stat(target.c_str(), &information) == 0;
  if (exists && S_ISDIR(information.st_mode))
    return fail("write", EISDIR);
  if (exists && !S_ISREG(information.st_mode)) {
    descriptor = ::open(target.c_str(), O_WRONLY | O_CLOEXEC);
    return descriptor >= 0 ? Status() : fail("write", errno);
  }

  // The process id tells two writers apart, the number tells their leftovers.
  for (int number = 0; descriptor < 0; ++number) {
    std::string candidate = target + ".tmp." + std::to_string(getpid()) + "." +
                            std::to_string(number);
    descriptor = ::open(candidate.c_str(),
                        O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0)
      temporary = std::move(candidate);
    else if (errno != EEXIST)
      return fail("write", errno);
  }
  if (exists)
    // The new file keeps the old one's permissions, as far as it may.
    (void)fchmod(descriptor, information.st_mode & 07777);
  return Status();
}

Status AtomicFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return fail("write", errno);
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return Status();
}

Status AtomicFile::commit() {
  // Devices and pipes cannot be made durable, and say so with EINVAL.
  if (fsync(descriptor) != 0 && errno != EINVAL && errno != EROFS)
    return fail("write", errno);
  int closed = close(descriptor);
  descriptor = -1;
  if (closed != 0)
    return fail("write", errno);
  if (temporary.empty())
    return Status();
  if (std::rename(temporary.c_str(), target.c_str()) != 0)
    return fail("replace", errno);
  temporary.clear();
  return Status();
}

Status orcinus::writeWholeFile(const std::string &path,
                               std::string_view contents) {
  AtomicFile file(path);
  Status status = file.open();
  if (status.ok())
    status = file.write(contents);
  return status.ok() ? file.commit() : status;
}
