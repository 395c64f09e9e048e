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
#include <filesystem>
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

  Status status = openNew();
  if (status.ok() && exists)
    // The new file keeps the old one's permissions, as far as it may.
    (void)fchmod(descriptor, information.st_mode & 07777);
  return status;
}

template <typename Make>
Status AtomicFile::makeTemporary(Make make) {
  // The process id tells two writers apart, the number tells their leftovers.
  for (int number = 0; temporary.empty(); ++number) {
    std::string candidate = target + ".tmp." + std::to_string(getpid()) + "." +
                            std::to_string(number);
    int error = make(candidate.c_str());
    if (error == 0)
      temporary = std::move(candidate);
    else if (error != EEXIST)
      return fail("write", error);
  }
  return Status();
}

static constexpr const char *ownDescriptors = "/proc/self/fd/";

static std::string folderOf(const std::string &path) {
  std::string folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

Status AtomicFile::openNew() {
  isNew = true;
  // It gets its name by way of /proc, which not every container has.
  if (access(ownDescriptors, X_OK) == 0)
    descriptor = ::open(folderOf(target).c_str(),
                        O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
  if (descriptor >= 0)
    return Status();
  return makeTemporary([&](const char *name) {
    descriptor = ::open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return descriptor >= 0 ? 0 : errno;
  });
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
  if (isNew && temporary.empty()) {
    std::string own = ownDescriptors + std::to_string(descriptor);
    Status status = makeTemporary([&](const char *name) {
      return linkat(AT_FDCWD, own.c_str(), AT_FDCWD, name, AT_SYMLINK_FOLLOW) ==
                     0
                 ? 0
                 : errno;
    });
    if (!status.ok())
      return status;
  }
  int closed = close(descriptor);
  descriptor = -1;
  if (closed != 0)
    return fail("write", errno);
  if (!isNew)
    return Status();
  if (std::rename(temporary.c_str(), target.c_str()) != 0)
    return fail("replace", errno);
  temporary.clear();
  syncFolderOf(target);
  return Status();
}

void orcinus::syncFolderOf(const std::string &path) {
  int descriptor =
      ::open(folderOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return;
  (void)fsync(descriptor);
  close(descriptor);
}

Status orcinus::writeWholeFile(const std::string &path,
                               std::string_view contents) {
  AtomicFile file(path);
  Status status = file.open();
  if (status.ok())
    status = file.write(contents);
  return status.ok() ? file.commit() : status;
}
